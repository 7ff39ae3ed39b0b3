"""A person's name, number and words are sent through good, bad and exploding paths, and looked for everywhere they must not be.

They must be found in the portal's data: a test that finds nothing anywhere would prove nothing.
"""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final

import pytest

from checker.facts import Seen
from contracts.topics import APPOINTMENTS, DEAD_LETTERS, ERRORS, INBOX, JOURNAL, NOTIFICATIONS, SEQUENCED, TOPICS, of_vendor
from hub.certify.numbered import OFFICES, PORTAL_HER_IDS, VENDORS
from hub.certify.reading import seen
from hub.local.ports import free_pair
from hub.log_record import ENTRY
from hub.memory.memory import Memory
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.exploding_main import MARK
from tests.broker.ground import Ground, running
from tests.broker.subscriber import Subscriber, subscriber
from tests.rules.house import ROOT

pytestmark = [pytest.mark.broker, pytest.mark.database]

HERE, THERE = OFFICES[0], OFFICES[1]
FAMILY, GIVEN, WORDS = "Kanarifuglesen", "Zyxwvutine", "kanariord i fritekst"
NUMBER: Final = messages.national_id(27, 9, 61, individual=345)
BAD_NUMBER: Final = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
CANARIES: Final = (FAMILY, GIVEN, WORDS, NUMBER, BAD_NUMBER, NUMBER[:6] + " " + NUMBER[6:])
TOLD_TO_PEOPLE: Final = (JOURNAL, DEAD_LETTERS, NOTIFICATIONS, ERRORS)
"""Topics whose values are read by those who must not know whom a message is about."""


@dataclass(frozen=True, slots=True)
class Left:
    """What the worker left behind where people look."""

    output: str
    metrics: str
    answers: str
    """Over HTTP, to requests that hold a canary."""
    commands: dict[str, str]
    """What each command printed."""
    files: list[str]
    """Names of the files that were made."""
    letters: str
    topics: dict[str, list[Seen]]


def told(
    code: str = "05", *, msg_id: str | None = None, number: str = NUMBER, uid: str | None = None, dtstart: str = "2027-03-12T09:15:00",
    patient: str | None = None, receiver: str | None = None, system: str = "7602",
) -> bytes:
    """A message with the canaries wherever a message can hold a person's words."""
    event = messages.vevent(
        dtstart, None, uid=uid or str(uuid.uuid4()), contact=HERE.her_ids[1],
        more=messages.prop("summary", WORDS) + messages.prop("description", f"{GIVEN} {FAMILY}: {WORDS}"),
    )
    said = messages.roller_relatert_notat(family=FAMILY, given=GIVEN)
    return messages.message(
        dialog=messages.foresporsel(code, system=system, inside=said), msg_id=msg_id or str(uuid.uuid4()),
        sender=messages.office(HERE.her_ids), receiver=receiver or messages.portal(PORTAL_HER_IDS), calendar=messages.icalendar(event),
        patient=messages.patient(number, FAMILY, GIVEN) if patient is None else patient,
    )


def good() -> list[bytes]:
    """Delivered, handed on, a duplicate, and one MsgId for two contents."""
    first, msg_id = told(), str(uuid.uuid4())
    asked = told("RT", system="7601", receiver=messages.office(THERE.her_ids))
    return [first, first, asked, told("07"), told("08"), told(msg_id=msg_id), told("07", msg_id=msg_id)]


def bad() -> list[bytes]:
    """Each holds a canary just where something is wrong: what a validator would quote."""
    whole = told()
    return [
        whole[: len(whole) // 2],
        whole.replace(b"</MsgHead>", f"<{FAMILY}/></MsgHead>".encode()),
        whole.replace(b"<MsgHead ", f'<!DOCTYPE x [<!ENTITY e "{WORDS}">]><MsgHead '.encode()),
        whole.replace(b"<MsgHead ", f'<MsgHead {FAMILY}="{NUMBER}" '.encode()),
        told(dtstart=WORDS),
        told(number=BAD_NUMBER),
        told(number=WORDS),
        told(code=FAMILY),
        told(msg_id=f"{WORDS} {NUMBER}"),
        told(system=FAMILY),
        told(patient=f"<Patient><{FAMILY}>{NUMBER}</{FAMILY}></Patient>"),
        told(receiver=messages.organisation(FAMILY, messages.ident(NUMBER))),
        whole.replace(b'<Type V="DIALOG_INNBYGGER_TIMERESERVASJON"', f'<Type V="{FAMILY}"'.encode()),
        whole.replace(messages.ident(HERE.her_ids[1]).encode(), messages.ident(NUMBER).encode()),
        f"<{FAMILY}>{NUMBER}</{FAMILY}>".encode(),
        f"{FAMILY};{NUMBER}".encode(),
        whole.replace(b'encoding="UTF-8"', b'encoding="UTF-16"'),
        f"<konvolutt navn='{FAMILY}'>".encode() + whole.partition(b"?>")[2] + b"</konvolutt>",
    ]


def exploding() -> list[bytes]:
    """The translator fails with the person in its words; the reader fails with the whole message in its."""
    return [told("11"), told().replace(b"</MsgHead>", MARK + b"</MsgHead>")]


def parked() -> list[bytes]:
    """What waits behind the message whose translator fails: the case is blocked in its direction."""
    return [told("07"), told("08")]


async def left_behind(ground: Ground) -> Left:
    """Send all of it and gather what it left."""
    sent = [*good(), *bad(), *exploding(), *parked()]
    log, port = ground.folder / "canary.log", str(free_pair())
    environment = ground.environment | {"HUB_HTTP_PORT": port, "HUB_LOG_LEVEL": "debug"}
    async with subscriber(ground.kafka.bootstrap, VENDORS) as portal:
        with running("tests.broker.exploding_main", environment=environment, log=log):
            await _send(ground, sent)
            await portal.until(lambda: len(_lines(portal)) == len(sent), what="a line in the journal for each message")
            metrics, answers = _metrics(port), _answers(port)
            letters = await _letters(ground)
            commands = dict(await asyncio.to_thread(lambda: [*_commands(ground, sent)]))
        files = [path.name for path in ground.folder.glob("*")]
        return Left(log.read_text(), metrics, answers, commands, files, letters, await _topics(ground))


def _answers(port: str) -> str:
    """Whatever is asked with a canary in it, as an answer, its headers and its status."""
    paths = (f"/{FAMILY}", f"/metrics?{NUMBER}", "/metrics")
    return "".join(_asked(port, method, path) for method in ("GET", "POST", FAMILY) for path in paths)


def _asked(port: str, method: str, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.request(method, path, body=WORDS, headers={"X-Pasient": FAMILY, "Authorization": f"Bearer {NUMBER}"})
    answer = connection.getresponse()
    told = f"{answer.status} {answer.reason} {answer.headers} {answer.read()!r}"
    connection.close()
    return told


def _commands(ground: Ground, sent: list[bytes]) -> Iterator[tuple[str, str]]:
    """Every command that meets a letter, a message or a person, while the hub works."""
    listed = _hub(ground, "letters", "--all", "--fault", "hub", "--json")
    yield "letters --json", listed
    ids = [letter["letter_id"] for letter in json.loads(listed.rpartition("exit")[0])]
    for option in ("--all", "--parked", "--group", "--vendor=" + HERE.vendor, "--where=fault=sender"):
        yield f"letters {option}", _hub(ground, "letters", option)
    for letter in ids:
        yield f"letter {letter}", _hub(ground, "letter", letter) + _hub(ground, "letter", letter, "--json")
        yield f"letter {letter} --save", _hub(ground, "letter", letter, "--save", str(ground.folder / f"{letter}.xml"))
        yield f"replay {letter} --dry-run", _hub(ground, "replay", letter, "--dry-run")
        yield f"replay {letter} --dry-run --json", _hub(ground, "replay", letter, "--dry-run", "--json")
    yield "replay", _hub(ground, "replay", *ids, "--json")
    number, messages_there = ground.folder / "number.txt", ground.folder / "messages"
    number.write_text(NUMBER)
    messages_there.mkdir()
    for place, body in enumerate(sent):
        (messages_there / f"{place}.xml").write_bytes(body)
    yield "check", _hub(ground, "check", str(messages_there), "--vendor", HERE.vendor)
    yield "send", _hub(ground, "send", str(messages_there / "0.xml"), "--vendor", HERE.vendor)
    yield "forget --dry-run", _hub(ground, "forget", "--file", str(number), "--dry-run", "--json")
    yield "discard", _hub(ground, "discard", ids[0], "--reason", "not wanted")
    yield "forget", _hub(ground, "forget", "--file", str(number), "--with-letters")


def _hub(ground: Ground, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | ground.environment
    done = subprocess.run(
        [sys.executable, "-m", "hub", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}"


def _lines(portal: Subscriber) -> list[Seen]:
    """Those about messages; the register, which the hub publishes when it starts, has its own."""
    return [record for record in portal.of(JOURNAL.name) if record.data["vendor"] == HERE.vendor]


async def _send(ground: Ground, bodies: Iterable[bytes]) -> None:
    # a vendor's key and headers may hold anything, also a person
    headers = [("pasient", FAMILY.encode()), (NUMBER, b"x")]
    inputs = [Input(body, key=NUMBER.encode(), headers=headers, partition=0) for body in bodies]
    await Cluster(ground.kafka.bootstrap).put(of_vendor(INBOX, HERE.vendor), inputs)


def _metrics(port: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


async def _letters(ground: Ground) -> str:
    memory = await Memory.connect(ground.database_url)
    try:
        return repr(await memory.letters(limit=1000))
    finally:
        await memory.close()


async def _topics(ground: Ground) -> dict[str, list[Seen]]:
    cluster = Cluster(ground.kafka.bootstrap)
    names = {topic.name.replace("<vendor>", vendor) for topic in TOPICS if topic is not INBOX for vendor in VENDORS}
    return {name: [seen(record) for record in await cluster.read(name)] for name in sorted(names)}


async def test_a_persons_words_and_number_are_found_nowhere_but_where_they_belong(ground: Ground) -> None:
    """Not in logs, metrics, keys, headers, journal, letters, notifications, errors; yes in the portal's data."""
    left = await left_behind(ground)
    assert found_in([left.output]) == []
    assert found_in([left.metrics]) == []
    assert found_in([left.answers]) == []
    assert {command: found for command, told in left.commands.items() if (found := found_in([told]))} == {}
    assert found_in(left.files) == []
    assert found_in([left.letters]) == []
    assert found_in(_around(left.topics)) == []
    assert found_in(_values(left.topics)) == []
    portal = [text(record.value) for record in left.topics[APPOINTMENTS.name]]
    assert {FAMILY, GIVEN, WORDS, NUMBER} <= set(found_in(portal))
    _went_all_ways(left)


def _went_all_ways(left: Left) -> None:
    outcomes = {record.data["outcome"] for record in left.topics[JOURNAL.name]}
    assert outcomes == {"delivered", "duplicate", "rejected", "refused", "set aside", "parked"}
    faults = [record.data["fault"] for record in left.topics[DEAD_LETTERS.name]]
    assert faults.count("hub") >= len(exploding())  # a replay explodes anew
    assert "set_aside" in left.output
    assert "404" in left.answers
    assert [command for command, told in left.commands.items() if "A fault of the hub's own" in told or "Usage" in told] == []
    assert "hub_messages_total" in left.metrics


def _around(topics: dict[str, list[Seen]]) -> list[str]:
    """Keys and headers of every topic; the log's own header in which the document travels to casework is the one exception."""
    records = [record for some in topics.values() for record in some]
    headers = [pair for record in records for pair in record.headers if not (record.topic == SEQUENCED.name and pair[0] == ENTRY)]
    return [text(record.key) for record in records] + [f"{name}={text(value)}" for name, value in headers]


def _values(topics: dict[str, list[Seen]]) -> list[str]:
    names = {topic.name.replace("<vendor>", vendor) for topic in TOLD_TO_PEOPLE for vendor in VENDORS}
    return [text(record.value) for name in names for record in topics[name]]


def text(value: bytes | None) -> str:
    """As somebody would see it."""
    return (value or b"").decode("utf-8", "replace")


def found_in(places: Iterable[str]) -> list[str]:
    """The canaries that sing in any of them, in any spelling of case."""
    together = "\n".join(places).casefold()
    return [canary for canary in CANARIES if canary.casefold() in together]


def test_the_search_finds_a_canary() -> None:
    """Whatever its case, and wherever it stands."""
    assert found_in(["...", f"{{'name': '{FAMILY.upper()}'}}"]) == [FAMILY]
    assert found_in(["nothing here"]) == []
