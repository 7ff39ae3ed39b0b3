"""The golden stories of commands, told again on the real broker and database: the same events, documents and AppRecs come out.

A golden folder is driven through two pure functions, with dictionaries for a database and a clock of the test's own. Here the very same
files go through `hub run`: other ids, another person, the days moved to today, and a question's deadline that really passes.
"""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from checker.facts import Seen
from contracts.topics import APPOINTMENTS, COMMANDS, INBOX, JOURNAL, OUTBOX, REPLIES, SEQUENCED, SERVICES, SYNC, Topic, of_vendor
from hub.topic_admin import create
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import Ground, running, standing
from tests.broker.subscriber import Subscriber, subscriber
from tests.broker.test_path import somebody
from tests.broker.waiting import until
from tests.story import START
from tests.test_golden import CASES, GOLDEN, inputs, name_of, readable
from tests.test_golden import Input as File

pytestmark = [pytest.mark.broker, pytest.mark.database]

VENDORS: Final = ("fjord", "vidde")
PATIENCE: Final = timedelta(seconds=3)
"""A question's, where the story waits for its deadline."""
FIFTEEN: Final = timedelta(seconds=15)
"""Every other question's."""
FLOOD: Final = 3_000
"""Messages that one vendor sends at once: several seconds' work."""
_LEAVES_FOR = ("portal.", "notification.")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_PERSON = re.compile(r"\b\d{11}\b")
_DAY = re.compile(r"\b202\d-\d\d-\d\d(?!\d)")
_WRITTEN_AT = re.compile(r"(?<=<GenDate>)202\d-[^<]+")
_DIFFERS = (
    (_UUID, "an id"), (re.compile(r"\b\d+\.[0-9a-f]{32}\b"), "a case"), (_PERSON, "a person"),
    (re.compile(r"[a-z0-9.]+/\d+/\d+\b"), "a record"),
    (re.compile(r"\b20\d\d-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?"), "a time"),
)
"""What differs from one telling of a story to the next."""


def is_told_again(case: Path) -> bool:
    """Of a command, an Avtaleavbestilling, a communication test or a MOA; its settings are the usual ones and no wait is longer than a
    question's: hours until an AppRec is overdue are passed in the golden folder alone."""
    told = inputs(case)
    is_one_of_these = "-command-" in case.name or case.name.startswith(("MOA-", "KT-", "RKT-")) or case.parent.name == "Avtaleavbestilling"
    is_usual = not (case / "desk.toml").exists() and all(one.vendor or one.named["due"] or one.named["topic"] == "portal" for one in told)
    return is_one_of_these and is_usual and all(_is_reply(line) for one, line in zip(told, said_of(case), strict=True) if one.named["due"])


def said_of(case: Path) -> list[dict[str, Any]]:
    """What the folder says of each input."""
    said = json.loads((case / "out.json").read_text("utf-8"))
    return said if isinstance(said, list) else [said]


def _is_reply(line: dict[str, Any]) -> bool:
    return bool(line["events"]) and all(event["topic"] == REPLIES.name for event in line["events"])


STORIES: Final = [case for case in CASES if is_told_again(case)] or [GOLDEN]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A broker and a database with the golden register's vendors, and `hub run` on them."""
    with standing() as ground:
        asyncio.run(create(Cluster(ground.kafka.bootstrap).connection, vendors=VENDORS))
        environment = {**ground.environment, "HUB_PARTIES_FILE": str(GOLDEN / "parties.toml")}
        with running("hub", "run", environment=environment, log=ground.folder / "hub-run.log"):
            yield ground


@pytest.fixture
async def heard(ground: Ground) -> AsyncIterator[Subscriber]:
    """Subscribes to all that leaves from the story's beginning on."""
    async with subscriber(ground.kafka.bootstrap, VENDORS) as listening:
        yield listening


@dataclass(slots=True)
class Telling:
    """One story, told to this hub."""

    case: Path
    cluster: Cluster
    heard: Subscriber
    expected: list[dict[str, Any]] = field(default_factory=list)
    told: int = 0
    _salt: uuid.UUID = field(default_factory=uuid.uuid4)
    _persons: dict[str, str] = field(default_factory=dict)
    _deadlines: dict[str, str] = field(default_factory=dict)

    async def tell(self) -> None:
        """Each input when all is there that the one before it brings."""
        told = inputs(self.case)
        for at, (one, line) in enumerate(zip(told, said_of(self.case), strict=True)):
            waits_for_it = any(later.named["due"] for later in told[at + 1:])
            if not one.named["due"]:
                await self.put(one, patience=PATIENCE if waits_for_it else FIFTEEN)
                self.told += 1
            self.expected += [event for event in line["events"] if event["topic"].startswith(_LEAVES_FOR)]
            await until(self._is_heard, what=f"{one.path.name} is dealt with")
        await self.heard.until(lambda: True, what="all there is")

    async def put(self, one: File, *, patience: timedelta, by: Topic = INBOX) -> None:
        """A command, or a message of a vendor by this topic of its own."""
        text = self.anew(one.path.read_text("utf-8"))
        if one.vendor:
            await self.cluster.put(of_vendor(by, one.vendor), [Input(_WRITTEN_AT.sub(_now(), text).encode(), partition=0)])
            return
        told = json.loads(text)
        data = told["data"]
        if "deadline" in data:
            until = (datetime.now(UTC) + patience).isoformat(timespec="milliseconds")
            data["deadline"] = self._deadlines.setdefault(told["id"], until)
        if "appointment_id" in data:
            data["appointment_id"] = self._appointment(json.loads(one.path.read_text("utf-8"))["data"]["appointment_id"])
        headers = (("ce_type", f"portal.command.{told['type']}.v1".encode()), ("ce_id", told["id"].encode()))
        body = json.dumps(data, ensure_ascii=False).encode()
        await self.cluster.put(COMMANDS.name, [Input(body, partition=0, headers=headers)])

    def anew(self, text: str) -> str:
        """With ids and persons of this telling, and its days moved to today."""
        moved = datetime.now(UTC).date() - START.date()
        text = _DAY.sub(lambda day: (date.fromisoformat(day[0]) + moved).isoformat(), text)
        text = _PERSON.sub(lambda person: self._persons.setdefault(person[0], somebody()), text)
        return _UUID.sub(lambda id_: str(uuid.uuid5(self._salt, id_[0])), text)

    def _appointment(self, named: str) -> str:
        """What this hub calls the one that the folder calls so: the first event about it stands at the same place."""
        events = [event for event in self.expected if event["topic"] == APPOINTMENTS.name]
        at = next((at for at, event in enumerate(events) if event["data"]["appointment"]["appointment_id"] == named), None)
        return named if at is None else str(self.heard.of(APPOINTMENTS.name)[at].data["appointment"]["appointment_id"])

    def _is_heard(self) -> bool:
        """All that was expected so far; and a line for each record that came in, for some bring nothing."""
        came_in = {line.data["source"] for line in self.heard.of(JOURNAL.name) if not line.data["source"].startswith(SEQUENCED.name)}
        return len(came_in) >= self.told and len(self.events()) >= len(self.expected)

    def events(self) -> list[Seen]:
        """What left for the portal and for notifications. What each party offers is told when the hub starts, and is no part of a story."""
        return [seen for seen in self.heard.heard if seen.topic.startswith(_LEAVES_FOR) and seen.topic != SERVICES.name]

    def documents(self) -> list[str]:
        """What left for EPJs, in order of its text."""
        outboxes = [seen for vendor in VENDORS for seen in self.heard.of(of_vendor(OUTBOX, vendor))]
        return sorted(unmarked(readable(seen.value or b"")) for seen in outboxes)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def unmarked(text: str) -> str:
    """Without what differs from one telling to the next."""
    for pattern, name in _DIFFERS:
        text = pattern.sub(name, text)
    return text


def shown(event: dict[str, Any]) -> str:
    """An event as the folder has it, to be compared."""
    return unmarked(json.dumps([event["topic"], event["type"], event["data"]], sort_keys=True, ensure_ascii=False))


def as_folder_has_it(seen: Seen) -> dict[str, Any]:
    """A record that was heard."""
    return {"topic": seen.topic, "type": (dict(seen.headers)["ce_type"] or b"").decode(), "data": seen.data}


def promised_documents(case: Path) -> list[str]:
    """Those of the folder, and what it hands on, in order of their text."""
    outboxes = [of_vendor(OUTBOX, vendor) for vendor in VENDORS]
    handed_on = [case / line["file"] for line in said_of(case) for event in line["events"] if event["topic"] in outboxes]
    files = [*case.glob("receipt*.xml"), *case.glob("sent*.xml"), *handed_on]
    return sorted(unmarked(readable(file.read_bytes())) for file in files)


@pytest.mark.parametrize("case", STORIES, ids=name_of)
async def test_a_golden_story_is_the_same_on_the_real_broker_and_database(case: Path, ground: Ground, heard: Subscriber) -> None:
    """Through inboxes and commands in, `hub run`, Kafka and PostgreSQL: every event, status, delivery, reply, notification, document and
    AppRec that the folder promises comes once, and nothing else comes."""
    telling = Telling(case, Cluster(ground.kafka.bootstrap), heard)
    await telling.tell()
    assert sorted(map(shown, map(as_folder_has_it, telling.events()))) == sorted(map(shown, telling.expected))
    assert telling.documents() == promised_documents(case)


async def test_a_question_does_not_wait_behind_a_flood(ground: Ground, heard: Subscriber) -> None:
    """Its own vendor sends a day's messages at once into each partition of its inbox; the answer comes by the topic for answers. The reply
    is there within its fifteen seconds, while most of the flood still lies in the inbox."""
    cluster, story, push = Cluster(ground.kafka.bootstrap), GOLDEN / "Timereservasjon", "05-push-new/in.xml"
    text = (story / push).read_text("utf-8")
    flood = [Telling(story / push, cluster, heard).anew(text).encode() for _ in range(FLOOD)]
    telling = Telling(story / "HLT-command-03-free-slots", cluster, heard)
    question, answer = inputs(telling.case)
    await cluster.put(of_vendor(INBOX, "fjord"), [Input(body, partition=at % 3) for at, body in enumerate(flood)])
    await telling.put(question, patience=FIFTEEN)
    outbox = of_vendor(OUTBOX, "fjord")
    await until(lambda: any(b'V="HLT"' in (seen.value or b"") for seen in heard.of(outbox)), what="the question leaves")
    await telling.put(answer, patience=FIFTEEN, by=SYNC)
    await until(lambda: bool(heard.of(REPLIES.name)), what="the reply")
    done = len(heard.of(JOURNAL.name))
    assert [as_folder_has_it(seen)["type"] for seen in heard.of(REPLIES.name)] == ["hub.reply.free-slots.v1"]
    assert done < FLOOD / 2
    await until(lambda: len(heard.of(JOURNAL.name)) >= FLOOD + 2, what="the flood is worked off", within=90)
