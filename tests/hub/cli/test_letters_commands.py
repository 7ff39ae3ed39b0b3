"""`hub send`, `letters`, `letter`, `replay`, `discard` against a real Kafka, a real PostgreSQL and a hub that works."""

import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from contracts.failures import Rule
from contracts.kafka_connection import KafkaConnection
from contracts.records import Received, Source
from contracts.topics import APPOINTMENTS, INBOX, OUTBOX, of_vendor
from hub import letters
from hub.case.entries import Unread
from hub.local.ports import free_pair
from hub.log_record import to_log
from hub.memory.memory import Memory
from hub.memory.rows import Letter
from hub.processes import Direction
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk, Sequenced, origin_of
from hub.reception import Reception
from tests import messages
from tests.broker.cluster import Cluster
from tests.broker.waiting import until
from tests.hub.cli.conftest import KEY, AsyncHub, Hub, Working

pytestmark = [pytest.mark.broker, pytest.mark.database]

BROKEN = Reception(Desk(Pseudonyms(KEY.encode()), max_bytes=cast("int", None)))
"""Raises at whatever it reads: a fault of ours."""
CANARY = "Kanarifugl"
INBOX_OF_FJORD = of_vendor(INBOX, "fjord")
OUTBOX_OF_FJORD = of_vendor(OUTBOX, "fjord")


@pytest.fixture
async def at_work(working: Working) -> AsyncIterator[None]:
    """A hub works."""
    async with working():
        yield


def _body(msg_id: str, **more: Any) -> bytes:
    return messages.message(
        dialog=messages.foresporsel("05"), calendar=messages.icalendar(messages.vevent(uid=str(uuid.uuid4()))), msg_id=msg_id,
        sender=messages.office(("8100100", "8100101")), receiver=messages.portal(("8990010", "8990011")),
        **({"patient": messages.patient(_somebody(), family=CANARY)} | more),
    )


def _somebody() -> str:
    """The number of a patient whom no other message is about: what waits in one case keeps nobody else waiting."""
    number = next(_SOMEBODY)
    return messages.national_id(1 + number % 28, 1 + number // 28)


_SOMEBODY = count()


def _msg_id() -> str:
    return str(uuid.uuid4())


async def _set_aside(connection: KafkaConnection, body: bytes) -> Source:
    """Puts a message into the log that reception failed at, and answers where it came from."""
    source = Source(INBOX_OF_FJORD, 0, uuid.uuid4().int >> 80)
    await letters.append([BROKEN.sequence(Received(source, "fjord", datetime.now(UTC), body))], connection=connection)
    return source


async def _letter(memory: Memory, source: Source) -> Letter:
    """The newest letter of this source, as soon as it is there."""
    found: list[Letter] = []

    async def is_there() -> bool:
        found[:] = [one for one in await memory.letters() if one.source == source]
        return bool(found)

    await until(is_there, what="the letter is there")
    return found[0]


async def _appointments_about(connection: KafkaConnection, msg_id: str) -> list[Any]:
    records = await Cluster(connection.bootstrap[0]).read(APPOINTMENTS.name)
    return [record for record in records if dict(record.headers).get("ce_cause") == msg_id.encode()]


async def _receipts_for(connection: KafkaConnection, msg_id: str) -> list[bytes]:
    return [record.value for record in await Cluster(connection.bootstrap[0]).read(OUTBOX_OF_FJORD) if msg_id.encode() in record.value]


async def test_a_letter_is_replayed_once_and_delivered(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """The fault is mended: one event, one positive AppRec; a second time it is refused by name."""
    msg_id = _msg_id()
    letter = await _letter(memory, await _set_aside(cluster_named, _body(msg_id)))
    said = await ask("replay", letter.letter_id)
    assert (said.code, said.out) == (0, f"{letter.letter_id}: delivered\n")
    again = await ask("replay", letter.letter_id)
    assert again.code == 1
    assert f"{letter.letter_id}: it has been replayed already." in again.err
    assert len(await _appointments_about(cluster_named, msg_id)) == 1
    (receipt,) = await _receipts_for(cluster_named, msg_id)
    assert b'V="1"' in receipt


async def test_a_replay_that_nobody_decides_yet_may_be_repeated(
    ask: AsyncHub, working: Working, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """It is told to wait; twice in the log it is delivered once."""
    msg_id = _msg_id()
    async with working():
        letter = await _letter(memory, await _set_aside(cluster_named, _body(msg_id)))
    for _ in range(2):
        said = await ask("replay", letter.letter_id, "--wait", "0.1")
        assert said.code == 1
        assert "not decided yet" in said.out
    async with working():
        await until(lambda: _is_resolved(memory, letter), what="the letter is resolved")
        await _letter(memory, await _set_aside(cluster_named, _body(_msg_id())))
    assert len(await _appointments_about(cluster_named, msg_id)) == 1


async def _is_resolved(memory: Memory, letter: Letter) -> bool:
    now = await memory.letter(letter.letter_id)
    return now is not None and now.resolved is not None


async def test_a_replay_while_the_fault_stands_is_set_aside_anew(
    at_work: None, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """The old letter is settled, and the new one is named."""
    source = await _set_aside(cluster_named, _body(_msg_id()))
    letter = await _letter(memory, source)
    full = await letters.waiting_letter(memory, letter.letter_id, to_be="replayed")
    await letters.append([letters.replay(full, BROKEN)], connection=cluster_named)
    settled = await letters.settled(memory, full)
    assert settled.became is letters.Became.SET_ASIDE
    assert settled.letter_id == (await _letter(memory, source)).letter_id != letter.letter_id


async def test_a_replayed_message_that_is_at_fault_itself_is_rejected(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """Its sender is told as if it had just arrived."""
    body = _body(_msg_id(), patient="")
    letter = await _letter(memory, await _set_aside(cluster_named, body))
    said = await ask("replay", letter.letter_id)
    assert said.code == 1
    assert f"{letter.letter_id}: rejected, in letter " in said.out


async def test_a_discarded_letter_is_answered_once_and_never_delivered(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """X99 to its sender, with the operator's words; nobody else hears them."""
    msg_id = _msg_id()
    letter = await _letter(memory, await _set_aside(cluster_named, _body(msg_id)))
    said = await ask("discard", letter.letter_id, "--reason", "agreed by telephone")
    assert (said.code, said.out) == (0, f"{letter.letter_id}: discarded\n")
    assert (await ask("discard", letter.letter_id, "--reason", "agreed by telephone")).code == 1
    assert (await ask("replay", letter.letter_id)).code == 1
    (receipt,) = await _receipts_for(cluster_named, msg_id)
    assert b"X99" in receipt
    assert b"agreed by telephone" in receipt
    assert await _appointments_about(cluster_named, msg_id) == []


async def test_letters_are_listed_shown_and_saved_without_their_words(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection, tmp_path: Path
) -> None:
    """For people and as JSON; the bytes go to a new file alone, and may be checked there."""
    body = _body(_msg_id())
    letter = await _letter(memory, await _set_aside(cluster_named, body))
    listed, shown = await ask("letters", "--fault", "hub"), await ask("letter", letter.letter_id)
    told = json.loads((await ask("letters", "--json", "--vendor", "fjord")).out)
    assert str(letter.letter_id) in listed.out
    assert "TypeError at hub/reading.py" in shown.out
    assert f"hub replay {letter.letter_id}" in shown.out
    assert f"hub discard {letter.letter_id}" in shown.out
    assert Rule.SET_ASIDE.en in " ".join(shown.out.split())
    assert str(letter.letter_id) in {one["letter_id"] for one in told}
    assert json.loads((await ask("letter", letter.letter_id, "--json")).out)["fault"] == "hub"
    file = tmp_path / "letter.xml"
    assert (await ask("letter", letter.letter_id, "--save", file)).code == 0
    assert (file.read_bytes(), file.stat().st_mode & 0o077) == (body, 0)
    assert (await ask("letter", letter.letter_id, "--save", file)).code == 2
    assert CANARY not in listed.out + shown.out + json.dumps(told)


async def test_letters_are_readable_where_a_terminal_is_80_wide(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The id is whole, so that it can be copied, and stands in one line with when, whose fault and which vendor."""
    monkeypatch.setenv("COLUMNS", "80")
    letter = await _letter(memory, await _set_aside(cluster_named, _body(_msg_id())))
    lines = (await ask("letters", "--all")).out.splitlines()
    (row,) = (line.split() for line in lines if str(letter.letter_id) in line)
    assert (row[0], row[-2:]) == (str(letter.letter_id), ["hub", "fjord"])
    assert any(line.strip() == letter.rule for line in lines)
    assert max(map(len, lines)) <= 80
    assert (await ask("discard", letter.letter_id, "--reason", "-")).code == 0
    settled = (await ask("letters", "--all")).out.splitlines()
    assert any(line.split() == [*letter.rule.split(), "discarded"] for line in settled)


async def test_of_letters_some_fit_the_others_are_told_and_those_go(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """One that is not there does not stop the one that is."""
    letter = await _letter(memory, await _set_aside(cluster_named, _body(_msg_id())))
    missing = uuid.uuid4()
    said = await ask("replay", missing, letter.letter_id)
    assert said.code == 1
    assert f"{missing}: there is no such letter." in said.err
    assert said.out == f"{letter.letter_id}: delivered\n2 letters: 1 not possible, 1 delivered\n"


async def test_what_is_sent_arrives_in_order_and_a_rejected_letter_is_never_replayed(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection, tmp_path: Path
) -> None:
    """Coordinates are printed and nothing of the content; what was wrong with the message stays the sender's to mend."""
    good, bad = _msg_id(), _msg_id()
    file = tmp_path / "two.xml"
    file.write_bytes(_body(good) + _body(bad, patient=""))
    said = await ask("send", "--vendor", "fjord", file)
    assert said.code == 0
    places = [line.rpartition("/") for line in said.out.splitlines()[:2]]
    assert int(places[1][2]) == int(places[0][2]) + 1
    assert said.out.endswith("2 sent, 0 refused.\n")
    assert CANARY not in said.out + said.err
    source = Source(INBOX_OF_FJORD, int(places[1][0].rpartition("/")[2]), int(places[1][2]))
    letter = await _letter(memory, source)
    refused = await ask("replay", letter.letter_id)
    assert refused.code == 1
    assert "the message was at fault" in refused.err
    assert len(await _appointments_about(cluster_named, good)) == 1


async def test_a_message_that_no_inbox_takes_is_told_and_the_next_one_goes(
    ask: AsyncHub, cluster_named: KafkaConnection, tmp_path: Path
) -> None:
    """Exit 1, with the file's name."""
    large, small = tmp_path / "1.xml", tmp_path / "2.xml"
    large.write_bytes(b"<a>" + b"x" * 16_000_001 + b"</a>")
    small.write_bytes(b"<a/>")
    said = await ask("send", "--vendor", "skog", large, small)
    assert said.code == 1
    assert f"{large} → refused" in said.out
    assert said.out.endswith("1 sent, 1 refused.\n")


async def _parked_behind_a_letter(memory: Memory, connection: KafkaConnection, patient: str) -> tuple[Letter, list[str]]:
    """A message whose reading failed, with two of the same patient behind it; and the MsgIds of the three."""
    msg_ids = [_msg_id() for _ in range(3)]
    bodies = [_body(msg_id, patient=patient) for msg_id in msg_ids]
    source = Source(INBOX_OF_FJORD, 0, uuid.uuid4().int >> 80)
    reception = Reception(Desk(Pseudonyms(KEY.encode())))
    first = reception.sequence(Received(source, "fjord", datetime.now(UTC), bodies[0]))
    fails = to_log(Sequenced((first.key or b"").decode(), Unread(origin_of(Received(source, "fjord", datetime.now(UTC), bodies[0])),
                                                                 "KeyError", Direction.FROM_OFFICE)), bodies[0])
    later = [
        reception.sequence(Received(source._replace(offset=source.offset + nth), "fjord", datetime.now(UTC), body))
        for nth, body in enumerate(bodies[1:], 1)
    ]
    await letters.append([fails, *later], connection=connection)
    letter = await _letter(memory, source)

    async def both_wait() -> bool:
        return await memory.parked_behind(letter) == len(later)

    await until(both_wait, what="both later messages are parked")
    return letter, msg_ids


async def test_what_waits_behind_a_letter_is_shown_tried_and_released_with_it(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """An operator at night: what waits, what would happen, and then it happens, in order and once."""
    letter, msg_ids = await _parked_behind_a_letter(memory, cluster_named, messages.patient(_somebody(), family=CANARY))
    listed = json.loads((await ask("letters", "--parked", "--where", "vendor=fjord", "--json")).out)
    waiting = [one["letter_id"] for one in listed if one["behind"] == str(letter.letter_id)]
    assert len(waiting) == 2
    shown = json.loads((await ask("letter", letter.letter_id, "--json")).out)
    assert shown["parked"] == 2
    assert json.loads((await ask("letter", waiting[0], "--json")).out)["waits_for"] == str(letter.letter_id)
    refused = await ask("replay", waiting[0])
    assert (refused.code, "it is parked" in refused.err) == (1, True)
    tried = json.loads((await ask("replay", letter.letter_id, "--dry-run", "--json")).out)
    assert [one["outcome"] for one in (tried[0], *tried[0]["behind"])] == ["delivered"] * 3
    assert tried[0]["events"]["hub.appointment.confirmed.v1"] == 1
    assert await _appointments_about(cluster_named, msg_ids[0]) == []
    said = await ask("replay", letter.letter_id)
    assert (said.code, said.out) == (0, f"{letter.letter_id}: delivered, and 2 that waited behind it had their turn\n")
    for msg_id in msg_ids:
        assert len(await _receipts_for(cluster_named, msg_id)) == 1
    assert CANARY not in said.out + said.err


async def test_a_discard_frees_what_waits_and_tells_the_sender_why(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """X99 with the operator's words."""
    letter, msg_ids = await _parked_behind_a_letter(memory, cluster_named, messages.patient(_somebody(), family=CANARY))
    said = await ask("discard", letter.letter_id, "--reason", "agreed by telephone", "--json")
    assert said.code == 0
    assert json.loads(said.out) == [{"letter_id": str(letter.letter_id), "became": "discarded", "letter": None, "released": 2}]
    (receipt,) = await _receipts_for(cluster_named, msg_ids[0])
    assert b"X99" in receipt
    assert b"agreed by telephone" in receipt
    assert len(await _receipts_for(cluster_named, msg_ids[2])) == 1


async def test_many_letters_are_chosen_by_what_they_have_in_common_and_sent_on_at_a_rate(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """Grouped first, then tried, then sent; what is done is not done again."""
    msg_ids = [_msg_id() for _ in range(3)]
    found = [await _letter(memory, await _set_aside(cluster_named, _body(msg_id))) for msg_id in msg_ids]
    these = ("--where", f"after={found[0].written_at.isoformat()}", "--where", f"rule={found[0].rule}")
    groups = json.loads((await ask("letters", *these, "--group", "--json")).out)
    assert [(group["count"], group["vendor"], group["fault"]) for group in groups] == [(3, "fjord", "hub")]
    assert (await ask("replay", *these, "--dry-run")).out.endswith("Would be: 3 delivered\n")
    said = await ask("replay", *these, "--rate", "50")
    assert said.out.splitlines()[-1] == "3 letters: 3 delivered"
    again = await ask("replay", *these)
    assert (again.code, again.out) == (0, "No letters wait that are meant.\n")
    for msg_id in msg_ids:
        assert len(await _appointments_about(cluster_named, msg_id)) == 1


async def test_a_mended_rule_is_tried_on_letters_that_are_never_sent_on(
    at_work: None, ask: AsyncHub, memory: Memory, cluster_named: KafkaConnection
) -> None:
    """A message that was rejected: the dry run says what it would be now, and the replay still refuses it."""
    source = Source(INBOX_OF_FJORD, 0, uuid.uuid4().int >> 80)
    strict = Reception(Desk(Pseudonyms(KEY.encode()), max_bytes=10))
    body = _body(_msg_id())
    refused = strict.sequence(Received(source, "fjord", datetime.now(UTC), body))
    await letters.append([refused._replace(value=body)], connection=cluster_named)
    letter = await _letter(memory, source)
    assert letter.fault == "door"
    tried = await ask("replay", letter.letter_id, "--dry-run")
    assert (tried.code, f"{letter.letter_id}: would be delivered" in tried.out) == (0, True)
    assert (await ask("replay", letter.letter_id)).code == 1


async def test_sending_to_nobody_or_nothing_is_wrong_use(ask: AsyncHub, cluster_named: KafkaConnection, tmp_path: Path) -> None:
    """Before the cluster is asked: then nothing was sent."""
    assert (await ask("send", "--vendor", "nobody", tmp_path)).code == 2
    said = await ask("send", "--vendor", "fjord", tmp_path / "none.xml")
    assert said.code == 2
    assert "Nothing was sent." in said.err


def test_an_inbox_that_is_not_there_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, hub: Hub, cluster_named: KafkaConnection, tmp_path: Path
) -> None:
    """A cluster's topics are made by its owner."""
    register = tmp_path / "parties.toml"
    register.write_text('[[party]]\nher_id = "1"\nlevel_1 = "1"\nname = "-"\nvendor = "not-there"\n')
    monkeypatch.setenv("HUB_PARTIES_FILE", str(register))
    said = hub("send", "--vendor", "not-there", register)
    assert said.code == 1
    assert "hub topics create --vendor not-there" in said.err


def test_a_cluster_that_does_not_answer_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, hub: Hub, tmp_path: Path) -> None:
    """And a database that does not."""
    monkeypatch.setenv("HUB_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_pair()}")
    monkeypatch.setenv("HUB_PSEUDONYM_KEY", "k" * 40)
    monkeypatch.setenv("HUB_DATABASE_URL", f"postgresql://hub@127.0.0.1:{free_pair()}/hub")
    file = tmp_path / "a.xml"
    file.write_bytes(b"<a/>")
    for words in (["send", "--vendor", "fjord", str(file)], ["replay", str(uuid.uuid4())], ["letters"]):
        said = hub(*words)
        assert (said.code, said.err.count("\n")) == (1, 1), words


def test_without_a_hub_the_commands_say_how_to_start_one(hub: Hub) -> None:
    """Nothing is started for a look at letters."""
    said = hub("letters")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "hub run" in said.err


@pytest.mark.parametrize("words", [
    ["letters", "--fault", "nobody"], ["letter", "1"], ["replay"], ["replay", "1"], ["discard", str(uuid.uuid4())],
    ["discard", str(uuid.uuid4()), "--reason", " "], ["discard", str(uuid.uuid4()), "--reason", "for 41858112345, by telephone"],
    ["discard", str(uuid.uuid4()), "--reason", "418581 12345"], ["discard", str(uuid.uuid4()), "--reason", "a\0b"],
    ["letters", "--where", "colour=red"], ["letters", "--where", "vendor"], ["letters", "--where", "fault=nobody"],
    ["letters", "--where", "before=yesterday"], ["replay", str(uuid.uuid4()), "--where", "vendor=fjord"],
    ["replay", "--where", "vendor=a", "--where", "vendor=b"], ["replay", str(uuid.uuid4()), "--rate", "0"],
])
def test_wrong_use_of_letters_ends_with_2(hub: Hub, words: list[str]) -> None:
    """Before anything is asked."""
    assert hub(*words).code == 2
