"""Where names of ours lead in a message: the path and line of a no that the schema does not say."""

import pytest

from schemas.formats import APPREC
from schemas.message import open_message
from tests import messages
from tests.messages import vevent

PROPERTIES = ("icalendar", "vcalendar", "components", "vevent", "properties")
CALENDAR = "/MsgHead/Document[2]/RefDoc/Content/icalendar/vcalendar/components"
BODY = messages.message(calendar=messages.icalendar(vevent(), vevent()))


def line_of(words: bytes, *, after: bytes = b"") -> int:
    """The line of the first of these words behind others."""
    return BODY[: BODY.index(words, BODY.index(after))].count(b"\n") + 1


@pytest.mark.parametrize(("names", "path", "line"), [
    ((), "/MsgHead", line_of(b"<MsgHead")),
    (("MsgHead",), "/MsgHead", line_of(b"<MsgHead")),
    (("MsgHead", "MsgInfo"), "/MsgHead/MsgInfo", line_of(b"<MsgInfo")),
    (("MsgInfo", "MsgId"), "/MsgHead/MsgInfo/MsgId", line_of(b"<MsgId")),
    (("MsgInfo", "Patient", "Ident", "Id"), "/MsgHead/MsgInfo/Patient/Ident/Id", line_of(b"<Id>", after=b"<Patient")),
    (("MsgInfo", "Sender", "Organisation", "Ident"), "/MsgHead/MsgInfo/Sender/Organisation/Ident[1]", line_of(b"<Ident", after=b"<Sender")),
    (("Dialogmelding", "Notat"), "/MsgHead/Document[1]/RefDoc/Content/Dialogmelding/Notat", line_of(b"<Notat")),
    ((*PROPERTIES, "uid"), f"{CALENDAR}/vevent[1]/properties/uid", line_of(b"<uid")),
    (("icalendar", "vcalendar", "components", "vevent[2]"), f"{CALENDAR}/vevent[2]", line_of(b"<vevent", after=b"</vevent>")),
])
def test_names_lead_to_a_path_and_a_line(names: tuple[str, ...], path: str, line: int) -> None:
    """The first child of each name, numbered where it has brothers; a part's name starts at the first such part."""
    assert open_message(BODY).where(*names) == (path, line)


@pytest.mark.parametrize(("names", "path", "line"), [
    (("MsgInfo", "ConversationRef"), "/MsgHead/MsgInfo/ConversationRef", line_of(b"<MsgInfo")),
    (("MsgInfo", "ConversationRef", "RefToParent"), "/MsgHead/MsgInfo/ConversationRef", line_of(b"<MsgInfo")),
    ((*PROPERTIES, "status"), f"{CALENDAR}/vevent[1]/properties/status", line_of(b"<properties", after=b"<vevent")),
    (("icalendar", "vcalendar", "components", "vevent[3]"), f"{CALENDAR}/vevent[3]", line_of(b"<components")),
    (("HelsepersonelListe", "Merknad"), "/MsgHead/Document/RefDoc/Content/HelsepersonelListe", line_of(b"<MsgHead")),
])
def test_what_is_missing_is_told_where_it_is_missed(names: tuple[str, ...], path: str, line: int) -> None:
    """The deepest element that is there, with the name of the first that is not."""
    assert open_message(BODY).where(*names) == (path, line)


@pytest.mark.parametrize("names", [("Dialogmelding", "Notat"), ("MsgInfo",), ("*",), ("",), ("a[x]",), ("a[0]",), ("a/b",)])
def test_a_message_of_another_shape_is_asked_without_harm(names: tuple[str, ...]) -> None:
    """A receipt has none of it."""
    where = open_message(f'<AppRec xmlns="{APPREC}"/>'.encode()).where(*names)
    assert where[0].startswith("/AppRec")
