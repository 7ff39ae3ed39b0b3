"""The anchor: what most would write. One confluent-kafka loop, exactly once from Kafka to Kafka, with the obvious XML work.

lxml parses, our XSD decides, find and findtext fill dicts, pydantic checks them, and each message becomes one JSON event and one AppRec.
It keeps nothing: no claims, no case, no order but the partition's, no pseudonym, no letters. A copy becomes an event a second time.

    python -m benchmarks.plain_loop BOOTSTRAP INBOX EVENTS RECEIPTS GROUP NUMBER
"""

import signal
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, Producer
from lxml import etree
from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas.formats import APPREC, DIALOGMELDING, DRIVER_XSD, MSGHEAD, XCAL

BATCH, BATCH_SECONDS = 500, 0.01
H, D, X = f"{{{MSGHEAD}}}", f"{{{DIALOGMELDING}}}", f"{{{XCAL}}}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
SCHEMA = etree.XMLSchema(etree.parse(DRIVER_XSD))


class Model(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ident(Model):
    """An id and what it is one of."""

    id: str | None
    type: str | None


class Person(Model):
    """A patient or practitioner."""

    given_name: str | None
    family_name: str | None
    idents: list[Ident]


class Party(Model):
    """A sender or receiver."""

    name: str | None
    idents: list[Ident]
    department: str | None
    person: Person | None


class Appointment(Model):
    """One vevent."""

    uid: str | None
    starts: str | None
    ends: str | None
    contact: str | None
    summary: str | None
    location: str | None


class Event(Model):
    """What the message says."""

    msg_id: str
    type: str
    written_at: AwareDatetime
    conversation: str | None
    sender: Party
    receiver: Party
    patient: Person | None
    code: str | None
    text: str | None
    appointments: list[Appointment]


def answer(body: bytes) -> tuple[bytes | None, bytes | None]:
    """The event, if the message is valid, and the AppRec, if it can be addressed."""
    try:
        root = etree.fromstring(body, PARSER)
    except etree.XMLSyntaxError:
        return None, None
    if not SCHEMA.validate(root):
        return None, app_rec(root, "2", "Avvist") if is_addressable(root) else None
    return Event.model_validate(read(root)).model_dump_json().encode(), app_rec(root, "1", "OK")


def is_addressable(root: Any) -> bool:
    """What a receipt mirrors is there."""
    needed = ("Type", "MsgId", "GenDate", "Sender/{H}Organisation/{H}Ident/{H}TypeId", "Receiver/{H}Organisation/{H}Ident/{H}TypeId")
    return all(root.find(f"{H}MsgInfo/{H}" + path.replace("{H}", H)) is not None for path in needed)


def read(root: Any) -> dict[str, Any]:
    """The fields of a valid message."""
    info = root.find(f"{H}MsgInfo")
    patient = info.find(f"{H}Patient")
    dialog = root.find(f".//{D}Dialogmelding")
    coded = dialog.find(f"{D}Notat/{D}TemaKodet")
    if coded is None:
        coded = dialog.find(f"{D}Foresporsel/{D}TypeForesp")
    return {
        "msg_id": info.findtext(f"{H}MsgId"),
        "type": info.find(f"{H}Type").get("V"),
        "written_at": info.findtext(f"{H}GenDate"),
        "conversation": info.findtext(f"{H}ConversationRef/{H}RefToConversation"),
        "sender": party(info.find(f"{H}Sender/{H}Organisation")),
        "receiver": party(info.find(f"{H}Receiver/{H}Organisation")),
        "patient": None if patient is None else person(patient),
        "code": None if coded is None else coded.get("V"),
        "text": dialog.findtext(f"{D}Notat/{D}TekstNotatInnhold"),
        "appointments": [appointment(event) for event in root.iter(f"{X}vevent")],
    }


def party(node: Any) -> dict[str, Any]:
    """An Organisation."""
    practitioner = node.find(f"{H}HealthcareProfessional")
    return {
        "name": node.findtext(f"{H}OrganisationName"), "idents": idents(node),
        "department": node.findtext(f"{H}Organisation/{H}OrganisationName"),
        "person": None if practitioner is None else person(practitioner),
    }


def person(node: Any) -> dict[str, Any]:
    """A Patient or HealthcareProfessional."""
    return {"given_name": node.findtext(f"{H}GivenName"), "family_name": node.findtext(f"{H}FamilyName"), "idents": idents(node)}


def idents(node: Any) -> list[dict[str, Any]]:
    """Its ids."""
    return [{"id": ident.findtext(f"{H}Id"), "type": ident.find(f"{H}TypeId").get("V")} for ident in node.findall(f"{H}Ident")]


def appointment(node: Any) -> dict[str, Any]:
    """A vevent's properties."""
    properties = node.find(f"{X}properties")
    return {
        "uid": properties.findtext(f"{X}uid/{X}text"),
        "starts": properties.findtext(f"{X}dtstart/{X}date-time"),
        "ends": properties.findtext(f"{X}dtend/{X}date-time"),
        "contact": properties.findtext(f"{X}contact/{X}text"),
        "summary": properties.findtext(f"{X}summary/{X}text"),
        "location": properties.findtext(f"{X}location/{X}text"),
    }


def app_rec(root: Any, status: str, text: str) -> bytes:
    """The receipt, addresses mirrored."""
    info = root.find(f"{H}MsgInfo")
    receipt = etree.Element(f"{{{APPREC}}}AppRec", nsmap={None: APPREC})  # type: ignore[dict-item]  # the stub forgets the default namespace
    add(receipt, "MsgType", V="APPREC")
    add(receipt, "MIGversion", "v1.1 2012-02-15")
    add(receipt, "GenDate", datetime.now(UTC).isoformat())
    add(receipt, "Id", str(uuid4()))
    address(add(receipt, "Sender"), "PRIM", info.find(f"{H}Receiver/{H}Organisation"))
    address(add(receipt, "Receiver"), "AVS", info.find(f"{H}Sender/{H}Organisation"))
    add(receipt, "Status", V=status, DN=text)
    original = add(receipt, "OriginalMsgId")
    add(original, "MsgType", V=info.find(f"{H}Type").get("V"))
    add(original, "IssueDate", info.findtext(f"{H}GenDate"))
    add(original, "Id", info.findtext(f"{H}MsgId"))
    return bytes(etree.tostring(receipt, encoding="utf-8", xml_declaration=True))


def address(side: Any, role: str, organisation: Any) -> None:
    """HCP with its Inst."""
    add(side, "Role", V=role)
    inst = add(add(side, "HCP"), "Inst")
    add(inst, "Name", organisation.findtext(f"{H}OrganisationName"))
    ident = organisation.find(f"{H}Ident")
    add(inst, "Id", ident.findtext(f"{H}Id"))
    type_id = ident.find(f"{H}TypeId")
    add(inst, "TypeId", V=type_id.get("V"), DN=type_id.get("DN"))


def add(node: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """A child in AppRec's namespace."""
    child = etree.SubElement(node, f"{{{APPREC}}}{name}", attributes)
    child.text = text
    return child


def main(bootstrap: str, inbox: str, events: str, receipts: str, group: str, number: str) -> None:
    """Until SIGTERM."""
    running = [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "isolation.level": "read_committed", "log_level": 3,
    })
    producer = Producer({
        "bootstrap.servers": bootstrap, "transactional.id": f"{group}-{number}", "linger.ms": 5, "log_level": 3,
    })
    producer.init_transactions()
    consumer.subscribe([inbox])
    while running:
        messages = consumer.consume(BATCH, BATCH_SECONDS)
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            if message.error():
                raise SystemExit(str(message.error()))
            event, receipt = answer(message.value() or b"")
            if event:
                producer.produce(events, event, key=message.key())
            if receipt:
                producer.produce(receipts, receipt, key=message.key())
            producer.poll(0)
        producer.send_offsets_to_transaction(consumer.position(consumer.assignment()), consumer.consumer_group_metadata())
        producer.commit_transaction()
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
