"""A person is forgotten while a hub works, on the real broker and database: afterwards no table holds them, and others are as they were."""

import json
import re
import uuid
from typing import Final

import pytest

from checker.facts import Seen
from contracts.topics import ACCESS, APPOINTMENT_STATUS, APPOINTMENTS, CITIZENS, INBOX, JOURNAL, OUTBOX, of_vendor
from hub.certify import commands
from hub.certify.numbered import OFFICES
from hub.forgetting import LettersStillWait, NotDecided, Whom, forget, look
from hub.memory.jobs import connected
from hub.settings import Settings
from schemas.national_id import NationalId
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.ground import Ground
from tests.broker.moving import working
from tests.broker.subscriber import Subscriber
from tests.broker.test_canary import FAMILY, GIVEN, NUMBER, WORDS, told
from tests.broker.test_path import asked, exploding, receipts, said, settings_of, somebody
from tests.broker.test_rotating import found_in_the_database, newest

pytestmark = [pytest.mark.broker, pytest.mark.database]

HERE, THERE = OFFICES[0], OFFICES[1]
_PERSON: Final = re.compile("|".join((NUMBER, FAMILY, GIVEN, WORDS)).encode(), re.IGNORECASE)
PATIENT: Final = messages.patient(NUMBER, FAMILY, GIVEN)


@pytest.fixture
def settings(ground: Ground) -> Settings:
    """Of the hub."""
    return settings_of(ground)


@pytest.fixture
def cluster(ground: Ground) -> Cluster:
    """Its broker."""
    return Cluster(ground.kafka.bootstrap)


def whom(settings: Settings) -> Whom:
    """The person, at every office of the register but one: that one is known by what stands."""
    return Whom(NationalId(NUMBER), frozenset({HERE.her_ids[0]}), settings.pseudonyms())


def ids(count: int) -> list[str]:
    """Fresh MsgIds."""
    return [str(uuid.uuid4()) for _ in range(count)]


async def put(cluster: Cluster, *bodies: bytes, vendor: str = HERE.vendor) -> None:
    """Into one partition of the vendor's inbox."""
    await cluster.put(of_vendor(INBOX, vendor), [Input(body, key=None, partition=0) for body in bodies])


async def known_everywhere(cluster: Cluster, portal: Subscriber) -> tuple[str, str]:
    """At two offices, in letters of both kinds, in what was sent and is waited for, and as a citizen. MsgIds: aside, delivered."""
    delivered, broken, aside, handed_on, there = ids(5)
    booking = commands.booking(77, 0)
    body = booking.body.replace(commands._person(0).national_id.encode(), NUMBER.encode()).replace(b"Myrstad", FAMILY.encode())
    citizen = json.dumps({"national_id": NUMBER, "active": True}).encode()
    with exploding("11"):
        await put(
            cluster, told(msg_id=delivered), told(msg_id=broken, dtstart=WORDS), told("11", msg_id=aside),
            told("RT", system="7601", msg_id=handed_on, receiver=messages.office(THERE.her_ids)),
        )
        await put(cluster, said(there, office=THERE, patient=PATIENT), vendor=THERE.vendor)
        await cluster.put(booking.topic, [Input(body, headers=booking.headers)])
        await cluster.put(CITIZENS.name, [Input(citizen, key=b"the portal's")])
        await portal.until(
            lambda: {delivered, broken, aside, handed_on, there, booking.msg_id} <= {line.cause for line in portal.of(JOURNAL.name)},
            what="a line for each",
        )
    return aside, delivered


async def test_a_person_is_forgotten_in_every_table_and_others_are_not(
    ground: Ground, settings: Settings, cluster: Cluster, portal: Subscriber,
) -> None:
    """Refused while a letter waits; with its discard all goes, its sender is told, and every status and block is taken down."""
    other, other_patient = str(uuid.uuid4()), somebody()
    async with working(ground, settings):
        aside, delivered = await known_everywhere(cluster, portal)
        await put(cluster, said(other, patient=messages.patient(other_patient)), asked(str(uuid.uuid4())))
        await portal.journalled(other)
        assert (await found_in_the_database(ground, _PERSON)).keys() == {"case_versions.state", "letters.body"}
        async with connected(ground.database_url) as database:
            held = await look(cluster.connection, database, whom(settings))
        assert (held.found.cases, held.found.citizens, len(held.found.waiting), held.standing) == (2, 1, 1, 2)
        with pytest.raises(LettersStillWait, match="1 messages"):
            await forget(cluster.connection, whom(settings), database_url=ground.database_url, prefix="hub", with_letters=False)
        _, left = await forget(cluster.connection, whom(settings), database_url=ground.database_url, prefix="hub", with_letters=True)
        assert (left.cases, left.citizens, left.letters, left.sent, left.deadlines) == (0, 0, 0, 0, 0)
        assert await found_in_the_database(ground, _PERSON) == {}
        assert await found_in_the_database(ground, re.compile("|".join(map(re.escape, held.keys)).encode())) == {}
        assert b"X99" in receipts(portal, aside)[0]
        await _goes_on(cluster, portal, other, other_patient, delivered)
    standing = [value for topic in (APPOINTMENT_STATUS, ACCESS) for value in (await newest(cluster, topic.name)).values() if value]
    assert [b"a person" for value in standing if _PERSON.search(value)] == []
    assert any(other_patient.encode() in value for value in standing)


async def _goes_on(cluster: Cluster, portal: Subscriber, other: str, patient: str, delivered: str) -> None:
    """The other person's appointment is changed, not begun; and what comes again of the one who is forgotten stays a duplicate."""
    [first] = portal.about(other, APPOINTMENTS.name)
    again, uid = str(uuid.uuid4()), first.data["appointment"]["uid"]
    event = messages.vevent("2027-04-12T09:15:00", "2027-04-12T09:30:00", uid=uid, contact=HERE.her_ids[1])
    change = messages.message(
        dialog=messages.foresporsel("07"), msg_id=again, sender=messages.office(HERE.her_ids), patient=messages.patient(patient),
        receiver=messages.portal(("8990010", "8990011")), calendar=messages.icalendar(event),
    )
    await put(cluster, change, told(msg_id=delivered))
    await portal.journalled(again)
    assert [line["outcome"] for line in await portal.journalled(delivered, 2)] == ["delivered", "duplicate"]
    [changed] = portal.about(again, APPOINTMENTS.name)
    assert changed.data["appointment"]["revision"] == 2
    assert _receipted(portal, again) == 1


def _receipted(portal: Subscriber, msg_id: str) -> int:
    outbox: list[Seen] = portal.of(of_vendor(OUTBOX, HERE.vendor))
    return sum(msg_id.encode() in (record.value or b"") for record in outbox)


async def test_without_a_hub_nothing_is_deleted(ground: Ground, settings: Settings, cluster: Cluster, portal: Subscriber) -> None:
    """What the log has not decided may still be needed; a hub that starts decides it, and doing it again ends it."""
    msg_id = str(uuid.uuid4())
    async with working(ground, settings):
        await put(cluster, told(msg_id=msg_id))
        await portal.journalled(msg_id)
    with pytest.raises(NotDecided, match="Does a hub run"):
        await forget(
            cluster.connection, whom(settings), database_url=ground.database_url, prefix="hub", with_letters=False, within=0.5,
        )
    assert await found_in_the_database(ground, _PERSON) != {}
    async with working(ground, settings):
        _, left = await forget(cluster.connection, whom(settings), database_url=ground.database_url, prefix="hub", with_letters=False)
    assert left.cases == 0
    assert await found_in_the_database(ground, _PERSON) == {}
