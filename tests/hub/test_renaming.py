"""Names under two keys: every case that the golden messages make is met again in the record that made it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.commands import Command
from contracts.records import PORTAL, Outgoing, Received, Source
from contracts.topics import ACCESS, APPOINTMENT_STATUS, CITIZENS, INBOX, of_vendor
from hub.case.entries import CitizenTold, Commanded, Read
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk, read
from hub.renaming import Renaming, statement_of
from tests import asking, mail, messages
from tests.story import REGISTER, Hub
from tests.test_golden import GOLDEN
from translators.cloud_event import key_of_access

OLD, NEW = Pseudonyms(b"the old key, which protects nobody"), Pseudonyms(b"the new key, which protects nobody", "2")
RENAMING = Renaming(OLD, NEW)
AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


def golden() -> Iterator[Path]:
    """Every message of a vendor."""
    return (path for path in sorted(GOLDEN.rglob("in*.xml")) if path.is_file())


def both(received: Received) -> tuple[str, str, dict[str, str]]:
    """Its key under the old key and under the new one, and the names that its record tells."""
    old, new = (read(received, Desk(key, REGISTER, asks_citizens=True)) for key in (OLD, NEW))
    return old.key, new.key, dict(RENAMING.of_entry(old.entry, received.body))


def test_every_golden_message_tells_the_new_name_of_its_case() -> None:
    """What is read, whoever sent it: with a patient, and without one."""
    met = 0
    for path in golden():
        vendor = next((part for part in path.name.split(".")[1:-1] if part.isalpha()), "fjord")
        received = Received(Source(of_vendor(INBOX, vendor), 0, 1), vendor, AT, path.read_bytes())
        if isinstance(read(received, Desk(OLD, REGISTER)).entry, Read):
            old, new, names = both(received)
            assert names[old] == new, path
            met += 1
    assert met > 100


@pytest.mark.parametrize("command", [asking.book(), asking.free_slots(), asking.practitioners(), asking.connection()])
def test_every_command_tells_the_new_name_of_its_case(command: Command) -> None:
    """With a patient or without: a question that names nobody has a case too, named by its id."""
    for_old, for_new = (Hub(desk=Desk(key, REGISTER)) for key in (OLD, NEW))
    told = [hub.command(command, messages.msg_id(900)) for hub in (for_old, for_new)]
    entry = told[0].entry
    assert isinstance(entry, Commanded)
    assert dict(RENAMING.of_entry(entry, told[0].body))[key_of(for_old)] == key_of(for_new)


def key_of(hub: Hub) -> str:
    """The key of the record last written."""
    return (hub.log[-1].key or b"").decode()


def test_a_citizen_that_the_portal_told_of_has_a_new_name_too() -> None:
    """Active or not."""
    received = Received(Source(CITIZENS.name, 0, 1), PORTAL, AT, json.dumps({"national_id": mail.KAJA, "active": True}).encode())
    old, new, names = both(received)
    assert isinstance(read(received, Desk(OLD)).entry, CitizenTold)
    assert names == {old: new}


def blocked() -> Outgoing:
    """A block, as it stands under the old key."""
    hub = Hub(desk=Desk(OLD, REGISTER))
    told = hub.send((GOLDEN / "Timereservasjon/30-answer-text-in-Tema/in.xml").read_bytes())
    return next(out for out in told.outgoing if out.topic == ACCESS.name)


def test_an_access_stands_under_a_new_key_and_leaves_a_tombstone() -> None:
    """Its key is made of the case's name. What it says is the same, but for the name and the event's id."""
    out = blocked()
    statement = statement_of(ACCESS.name, out.value or b"")
    anew, gone = RENAMING.renamed(statement, key=out.key or b"", headers=out.headers, place="a place")
    name = json.loads(anew.value or b"")["case"]
    assert (anew.key, gone) == (key_of_access(name, statement.service).encode(), Outgoing(ACCESS.name, out.key, None))
    assert json.loads(anew.value or b"") == {**json.loads(out.value or b""), "case": name}
    assert {name for name, value in anew.headers if value != dict(out.headers)[name]} == {"ce_id"}
    assert RENAMING.renamed(statement_of(ACCESS.name, anew.value or b""), key=anew.key or b"", headers=anew.headers, place="a place") == []


def test_a_status_keeps_its_key_and_its_revision() -> None:
    """The appointment's id is no name of a person: only the case's name in it is another."""
    hub = Hub(desk=Desk(OLD, REGISTER))
    out = next(out for out in hub.send(mail.push("05", number=1)).outgoing if out.topic == APPOINTMENT_STATUS.name)
    [anew] = RENAMING.renamed(statement_of(out.topic, out.value or b""), key=out.key or b"", headers=out.headers, place="a place")
    before, after = (json.loads(one.value or b"")["appointment"] for one in (out, anew))
    assert (anew.key, after["case"].split(".")[0], {**after, "case": before["case"]}) == (out.key, "2", before)


def test_what_is_no_statement_names_nobody() -> None:
    """A record that somebody else wrote."""
    with pytest.raises((KeyError, ValueError)):
        statement_of(ACCESS.name, b'{"case": "1.a"}')
