"""Synthetic messages for tests, built block by block from the specification. Every person here was made up, with month +80 in the number.

Never a copy of a published example. Each function mirrors one block of a document; `message` puts them together.
"""

from collections.abc import Iterable
from uuid import UUID

from schemas.formats import APPREC, BASE64CONTAINER, DIALOGMELDING, FELLESKOMPONENT1, HELSEPERSONELL, MSGHEAD, PASIENTRELASJON, XCAL

ORGANISATION_IDS = "2.16.578.1.12.4.1.1.9051"
PERSON_IDS = "2.16.578.1.12.4.1.1.8116"
CODES = {"7601": "2.16.578.1.12.4.1.1.7601", "7602": "2.16.578.1.12.4.1.1.7602", "7611": "2.16.578.1.12.4.1.1.7611"}
MSG_ID = "5b0e7c1a-0f64-4c3e-9d52-6f1f0a7b1c01"
REQUEST_ID = "5b0e7c1a-0f64-4c3e-9d52-6f1f0a7b1c00"
GEN_DATE = "2026-01-15T08:00:00+01:00"
APPOINTMENT_ID = "c0ffee00-1111-4222-8333-444455556666"
PORTAL_HER_IDS = ("700001", "700002")
OFFICE_HER_IDS = ("800001", "800002")


def national_id(day: int = 12, month: int = 3, year: int = 85, *, individual: int = 100, added: int = 80) -> str:
    """A synthetic national id with control digits that hold; the next individual number is tried where none can."""
    for number in range(individual, 1000):
        digits = [int(d) for d in f"{day:02}{month + added:02}{year:02}{number:03}"]
        first = -sum(w * d for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), digits, strict=True)) % 11
        second = -sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), [*digits, first], strict=True)) % 11
        if first < 10 and second < 10:
            return "".join(map(str, [*digits, first, second]))
    raise AssertionError("no individual number gives control digits")


def msg_id(number: int) -> str:
    """A MsgId of its own for each number."""
    return str(UUID(int=(0x5B0E << 112) | (4 << 76) | (8 << 60) | number))


def ident(number: str, kind: str = "HER", system: str = ORGANISATION_IDS) -> str:
    """Ident of MsgHead."""
    return f'<Ident><Id>{number}</Id><TypeId V="{kind}" S="{system}" DN="{kind}"/></Ident>'


def organisation(name: str = "Fjellheimen legesenter", idents: str = "", inside: str = "") -> str:
    """Organisation of MsgHead."""
    return f"<Organisation><OrganisationName>{name}</OrganisationName>{idents}{inside}</Organisation>"


def practitioner(her_id: str, family: str = "Ryggen", given: str = "Oda") -> str:
    """HealthcareProfessional of MsgHead, as level 2 of a party."""
    return (
        '<HealthcareProfessional><RoleToPatient V="6" S="2.16.578.1.12.4.1.1.9034" DN="Fastlege"/>'
        f"<FamilyName>{family}</FamilyName><GivenName>{given}</GivenName>{ident(her_id, system=PERSON_IDS)}</HealthcareProfessional>"
    )


def office(her_ids: tuple[str, str] = OFFICE_HER_IDS) -> str:
    """A GP's office: the second address shape of appointments.md 3."""
    return organisation(idents=ident("999888777", "ENH") + ident(her_ids[0]), inside=practitioner(her_ids[1]))


def portal(her_ids: tuple[str, str] = PORTAL_HER_IDS) -> str:
    """The portal: the first address shape."""
    return organisation("Portaleieren", ident(her_ids[0]), organisation("Portalen", ident(her_ids[1])))


def patient(number: str | None = None, family: str = "Myrstad", given: str = "Kaja", kind: str = "FNR", more: str = "") -> str:
    """Patient of MsgHead."""
    idents = ident(number or national_id(), kind, PERSON_IDS)
    return f"<Patient><FamilyName>{family}</FamilyName><GivenName>{given}</GivenName>{idents}{more}</Patient>"


def _default_patient() -> str:
    return patient()


def conversation(parent: str = REQUEST_ID, first: str = REQUEST_ID) -> str:
    """ConversationRef of an answer."""
    return f"<ConversationRef><RefToParent>{parent}</RefToParent><RefToConversation>{first}</RefToConversation></ConversationRef>"


def kode(name: str, code: str, system: str = "7602") -> str:
    """A coded value of 7601 or 7602."""
    return f'<{name} V="{code}" S="{CODES.get(system, system)}" DN="-"/>'


def roller_relatert_notat(hpr: str = "555444", family: str = "Ryggen", given: str = "Oda") -> str:
    """Who answered."""
    return (
        '<RollerRelatertNotat><RoleToPatient V="16" S="2.16.578.1.12.4.1.1.9034" DN="Turnuslege"/>'
        f"<HealthcareProfessional><FamilyName>{family}</FamilyName><GivenName>{given}</GivenName>"
        f'<Ident><fk1:Id>{hpr}</fk1:Id><fk1:TypeId V="HPR" S="{PERSON_IDS}" DN="HPR-nummer"/></Ident>'
        "</HealthcareProfessional></RollerRelatertNotat>"
    )


def dialogmelding(inside: str) -> str:
    """Dialogmelding 1.1."""
    return f'<Dialogmelding xmlns="{DIALOGMELDING}" xmlns:fk1="{FELLESKOMPONENT1}">{inside}</Dialogmelding>'


def notat(code: str = "05", *, text: str | None = None, tema: str | None = None, inside: str = "") -> str:
    """A Dialogmelding that answers."""
    said = (f"<Tema>{tema}</Tema>" if tema else "") + (f"<TekstNotatInnhold>{text}</TekstNotatInnhold>" if text else "")
    return dialogmelding(f"<Notat>{kode('TemaKodet', code)}{said}{inside}</Notat>")


def foresporsel(code: str = "07", *, system: str = "7602", inside: str = "") -> str:
    """A Dialogmelding that asks, or pushes with a code of 7602."""
    return dialogmelding(f"<Foresporsel>{kode('TypeForesp', code, system)}{inside}</Foresporsel>")


def prop(name: str, value: str, wrapper: str = "text") -> str:
    """A property of a vevent."""
    return f"<{name}><{wrapper}>{value}</{wrapper}></{name}>"


def vevent(
    dtstart: str = "2026-03-12T09:15:00", dtend: str | None = "2026-03-12T09:30:00", *, uid: str = APPOINTMENT_ID,
    contact: str = OFFICE_HER_IDS[1], more: str = "",
) -> str:
    """One appointment."""
    end = prop("dtend", dtend, "date-time") if dtend else ""
    properties = prop("dtstart", dtstart, "date-time") + end + prop("uid", uid) + prop("contact", contact) + more
    return f"<vevent><properties>{properties}</properties><components/></vevent>"


def icalendar(*vevents: str) -> str:
    """The xCal document; one appointment when none is given."""
    head = f"<properties>{prop('version', '2.0')}{prop('prodid', 'Synthetic EPJ')}</properties>"
    components = "".join(vevents or (vevent(),))
    return f'<icalendar xmlns="{XCAL}"><vcalendar>{head}<components>{components}</components></vcalendar></icalendar>'


def helsepersonel_liste(family: str = "Vikstad", given: str = "Are", merknad: str = "Vikar i mars") -> str:
    """Another practitioner."""
    return (
        f'<HelsepersonelListe xmlns="{HELSEPERSONELL}" xmlns:fk1="{FELLESKOMPONENT1}"><Helsepersonell><Helsepersonell>'
        '<fk1:TypeHealthcareProfessional V="LE" DN="Lege"/>'
        f"<fk1:FamilyName>{family}</fk1:FamilyName><fk1:GivenName>{given}</fk1:GivenName>"
        f'<fk1:Ident><fk1:Id>555445</fk1:Id><fk1:TypeId V="HPR" S="{PERSON_IDS}" DN="HPR-nummer"/></fk1:Ident>'
        f"</Helsepersonell><Merknad>{merknad}</Merknad></Helsepersonell></HelsepersonelListe>"
    )


def pasientrelasjon(family: str = "Myrstad", given: str = "Tor", number: str | None = None, more: str = "", relasjon: str = "FO") -> str:
    """Somebody who acts for the patient."""
    return (
        f'<Pasientrelasjon xmlns="{PASIENTRELASJON}" xmlns:fk1="{FELLESKOMPONENT1}"><Person>'
        f"<fk1:FamilyName>{family}</fk1:FamilyName><fk1:GivenName>{given}</fk1:GivenName>"
        f'<fk1:Ident><fk1:Id>{number or national_id(1, 5, 60)}</fk1:Id><fk1:TypeId V="FNR" S="{PERSON_IDS}" DN="-"/></fk1:Ident>'
        f'{more}</Person><Relasjon V="{relasjon}" S="{CODES["7611"]}" DN="Foreldreansvar"/></Pasientrelasjon>'
    )


def base64_container(text: str = "aGVp") -> str:
    """The content of an attachment."""
    return f'<Base64Container xmlns="{BASE64CONTAINER}">{text}</Base64Container>'


def document(content: str, *, kind: str = "XML", mime_type: str | None = None, description: str | None = None) -> str:
    """One Document of MsgHead around its content."""
    labels = (f"<MimeType>{mime_type}</MimeType>" if mime_type else "") + (
        f"<Description>{description}</Description>" if description else ""
    )
    return f'<Document><RefDoc><MsgType V="{kind}" DN="-"/>{labels}<Content>{content}</Content></RefDoc></Document>'


def vedlegg(text: str = "aGVp", *, mime_type: str = "image/png", description: str | None = "Bilde") -> str:
    """A Document that is an attachment."""
    return document(base64_container(text), kind="A", mime_type=mime_type, description=description)


def message(
    *, type_v: str = "DIALOG_INNBYGGER_TIMERESERVASJON", ack: str | None = "J", conversation: str = "", dialog: str | None = None,
    calendar: str | None = None, patient: str | None = None, msg_id: str = MSG_ID, gen_date: str = GEN_DATE,
    sender: str | None = None, receiver: str | None = None, documents: Iterable[str] = (), encoding: str = "UTF-8",
) -> bytes:
    """A whole MsgHead 1.2: by default the answer 05 from an office to the portal, about one patient, without a calendar.

    `patient=""` leaves the patient out; `documents` are further whole Documents.
    """
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<MsgHead xmlns="{MSGHEAD}">\n<MsgInfo>\n'
        f'<Type V="{type_v}" DN="-"/>\n<MIGversion>v1.2 2006-05-24</MIGversion>\n<GenDate>{gen_date}</GenDate>\n<MsgId>{msg_id}</MsgId>\n'
        + (f'<Ack V="{ack}" DN="-"/>\n' if ack else "")
        + conversation
        + f"<Sender>{office() if sender is None else sender}</Sender>\n<Receiver>{portal() if receiver is None else receiver}</Receiver>\n"
        + (_default_patient() if patient is None else patient)
        + "</MsgInfo>\n"
        + document(notat() if dialog is None else dialog)
        + (document(calendar) if calendar else "")
        + "".join(documents)
        + "</MsgHead>\n"
    )
    return text.encode(encoding)


def apprec(
    original: str, *, status: str = "1", errors: tuple[str, ...] = (), receipt_id: str = MSG_ID, gen_date: str = GEN_DATE,
    sender: tuple[str, str] = OFFICE_HER_IDS, receiver: tuple[str, str] = PORTAL_HER_IDS,
) -> bytes:
    """A whole AppRec 1.1: by default the office's positive one to the portal."""
    errs = "".join(f'<Error V="{code}" S="2.16.578.1.12.4.1.1.8221" DN="-"/>' for code in errors)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<AppRec xmlns="{APPREC}"><MsgType V="APPREC" DN="Applikasjonskvittering"/>'
        f"<MIGversion>v1.1 2012-02-15</MIGversion><GenDate>{gen_date}</GenDate><Id>{receipt_id}</Id>"
        f"<Sender>{_hcp(sender)}</Sender><Receiver>{_hcp(receiver)}</Receiver>"
        f'<Status V="{status}" DN="-"/>{errs}<OriginalMsgId><MsgType V="DIALOG_INNBYGGER_TIMERESERVASJON" DN="-"/>'
        f"<IssueDate>{GEN_DATE}</IssueDate><Id>{original}</Id></OriginalMsgId></AppRec>\n"
    ).encode()


def _hcp(her_ids: tuple[str, str]) -> str:
    level_1, level_2 = (f'<Name>-</Name><Id>{number}</Id><TypeId V="HER" DN="HER-id"/>' for number in her_ids)
    return f"<HCP><Inst>{level_1}<Dept>{level_2}</Dept></Inst></HCP>"
