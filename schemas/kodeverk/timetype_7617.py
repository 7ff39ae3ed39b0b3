"""Timetype innbyggerportal: the kind of an appointment, in xCal `categories`.

`MustCall` and `TjenesteId:` travel there too and are no codes of this list. A value that is unknown must not stop a message.
"""

from schemas.kodeverk import Kodeverk

OID = "2.16.578.1.12.4.1.1.7617"


class Timetype7617(Kodeverk):
    """7617: value = code, `tekst` = its official text."""

    ORDINAER = "Ordinær", "Ordinær time"
    HASTETIME = "Hastetime", "Hastetime"
    VIDEO = "Video", "Videotime"
    TIDSVINDU = "Tidsvindu", "Tidsvindu"
    GRUPPE = "Gruppe", "Gruppetime"
    VAKSINE = "Vaksine", "Time for vaksine"
    LAB = "Lab", "Time på lab"
    KORONATEST = "Koronatest", "Koronatest"
    KORONAVAKSINE = "Koronavaksine", "Koronavaksine"
