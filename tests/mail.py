"""Messages between one office and the portal or another office, as the tests of the case send them. Built with `tests.messages`.

The parties are those of `golden/parties.toml`; the patients are synthetic.
"""

from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279 as Funksjon
from tests import messages as m

OFFICE, PORTAL, OTHER, ALONE = ("8800001", "8800002"), ("7700001", "7700002"), ("8900001", "8900002"), ("8950001", "8950002")
KAJA, TOR = m.national_id(), m.national_id(3, 11, 52, added=65)
PATIENTS = (m.patient(KAJA), m.patient(TOR, "Sandvik", "Tor"))


def uid(number: int) -> str:
    """An external id of an appointment or slot."""
    return f"a0000000-0000-4000-8000-{number:012}"


def gen_date(minute: int) -> str:
    """A GenDate of the morning on which the log begins."""
    return f"2026-06-01T09:{minute:02}:00+02:00"


def slot(
    name: int | None = 1, *, day: int = 12, also: int | None = None, place: str = "Rom 4", status: str | None = None,
    month: str = "2026-06", at: str = "09:15",
) -> str:
    """One appointment of a calendar. `name` is its uid, `also` its related-to."""
    more = (f"<related-to><uri>{uid(also)}</uri></related-to>" if also else "") + (m.prop("location", place) if place else "")
    end = f"{at[:2]}:{int(at[3:]) + 15:02}"
    whole = m.vevent(
        f"{month}-{day:02}T{at}:00", f"{month}-{day:02}T{end}:00", uid=uid(name or 0), contact=OFFICE[1],
        more=more + (m.prop("status", status) if status else ""),
    )
    return whole if name else whole.replace(m.prop("uid", uid(0)), "")


def push(code: str, *slots: str, number: int, at: int = 0, process: str = "TIMERESERVASJON", who: int = 0, ack: str | None = "J") -> bytes:
    """What the office says unasked. `number` makes the MsgId, `at` the minute of the GenDate."""
    dialog = m.foresporsel(code, system="7601" if code == "MOA" else "7602")
    return _from_office(dialog, slots or (slot(),), number=number, at=at, process=process, who=who, ack=ack)


def answer(
    code: str, *slots: str, number: int, parent: int, at: int = 0, text: str | None = None, tema: str | None = None,
    process: str = "TIMERESERVASJON", who: int = 0, ack: str | None = "J", thread: int | None = None,
) -> bytes:
    """What the office answers to the request with this number. Without slots no calendar is sent."""
    return _from_office(
        m.notat(code, text=text, tema=tema), slots, number=number, at=at, process=process, who=who, ack=ack,
        conversation=m.conversation(m.msg_id(parent), m.msg_id(thread or parent)),
    )


def request(code: str, *slots: str, number: int, at: int = 0, who: int = 0, to: tuple[str, str] = OFFICE, words: str = "") -> bytes:
    """What another system asks of the office, from the vendor `vidde`'s inbox."""
    inside = f"<Sporsmal>{words}</Sporsmal>" if words else ""
    sync = code in {"HLT", "HBT"}
    return m.message(
        ack="N" if sync else "J", dialog=m.foresporsel(code, system="7601", inside=inside),
        calendar=None if sync else m.icalendar(*(slots or (slot(),))), patient=PATIENTS[who], msg_id=m.msg_id(number),
        gen_date=gen_date(at), sender=_other(), receiver=m.office(to),
    )


def _from_office(
    dialog: str, slots: tuple[str, ...], *, number: int, at: int, process: str, who: int, ack: str | None, conversation: str = "",
) -> bytes:
    return m.message(
        type_v=Funksjon[process].value, ack=ack, conversation=conversation, dialog=dialog,
        calendar=m.icalendar(*slots) if slots else None, patient=PATIENTS[who], msg_id=m.msg_id(number), gen_date=gen_date(at),
        sender=m.office(OFFICE), receiver=m.portal(PORTAL),
    )


def _other() -> str:
    return m.organisation("Viddekommunen", m.ident(OTHER[0]), m.organisation("Hjemmetjenesten", m.ident(OTHER[1])))
