"""How a fault is planted in a run that was without any: one topic, changed in one place, and what the checker says then."""

import json
from collections.abc import Callable, Iterable, Mapping

from checker.facts import Facts, Seen
from checker.terms import LetterRow, is_marked
from checker.verdict import Verdict, verdict
from contracts.topics import OUTBOX, of_vendor
from hub.certify.numbered import VENDORS
from hub.certify.run import TERMS

Meant = Callable[[Seen], bool]
Change = Callable[[list[Seen]], list[Seen]]
OUTBOX_OF_FIRST = of_vendor(OUTBOX, VENDORS[0])


class World(dict[str, list[Seen]]):
    """All topics, and the letters beside them."""

    def __init__(self, topics: Mapping[str, list[Seen]], letters: Iterable[LetterRow]) -> None:
        super().__init__(topics)
        self.letters = tuple(letters)

    def but(self, changed: Mapping[str, list[Seen]]) -> "World":
        """With these topics in the place of its own."""
        return World({**self, **changed}, self.letters)


def facts_of(world: World) -> Facts:
    """As the checker takes it."""
    return Facts(world, TERMS, world.letters)


def judged(world: World) -> Verdict:
    """The verdict on it."""
    return verdict(facts_of(world))


def planted(honest: World, topic: str, change: Change) -> Verdict:
    """The verdict with one topic changed."""
    return judged(honest.but({topic: change(list(honest[topic]))}))


def place_of_last(records: list[Seen], is_meant: Meant) -> int:
    """Where the last record stands that is meant."""
    return max(at for at, record in enumerate(records) if is_meant(record))


def told_twice(is_meant: Meant) -> Change:
    """The last record that is meant comes once more, at the end."""
    def change(records: list[Seen]) -> list[Seen]:
        return [*records, records[place_of_last(records, is_meant)]._replace(offset=records[-1].offset + 1)]

    return change


def without(is_meant: Meant) -> Change:
    """The last record that is meant is gone."""
    def change(records: list[Seen]) -> list[Seen]:
        at = place_of_last(records, is_meant)
        return [*records[:at], *records[at + 1:]]

    return change


def instead(is_meant: Meant, make: Callable[[Seen], Seen]) -> Change:
    """The last record that is meant is another."""
    def change(records: list[Seen]) -> list[Seen]:
        at = place_of_last(records, is_meant)
        return [*records[:at], make(records[at]), *records[at + 1:]]

    return change


def anything(_record: Seen) -> bool:
    """Every record."""
    return True


def a_push(record: Seen) -> bool:
    """What an office said unasked led to it."""
    return record.cause.startswith("5b0e")


def a_marked_one(record: Seen) -> bool:
    """A message that was marked to fail led to it."""
    return is_marked(record.cause)


def an_apprec(record: Seen) -> bool:
    """One of the hub's."""
    return b"<AppRec" in (record.value or b"")[:100]


def a_document(record: Seen) -> bool:
    """A command's."""
    return b"<MsgHead" in (record.value or b"")[:100]


def of(*whats: str) -> Meant:
    """An event of one of these types."""
    return lambda record: record.what in whats


def of_appointment(*whats: str) -> Meant:
    """The same, of what a command led to."""
    return lambda record: record.what in whats and not a_push(record)


def with_value(record: Seen, **appointment: object) -> Seen:
    """The record with other data of its appointment."""
    data = record.data
    data["appointment"] |= appointment
    return record._replace(value=json.dumps(data).encode())


def retold(what: str) -> Callable[[Seen], Seen]:
    """The record under another type of its family."""
    def make(record: Seen) -> Seen:
        headers = dict(record.headers)
        headers["ce_type"] = headers["ce_type"].replace(record.what.encode(), what.encode())
        return record._replace(headers=tuple(headers.items()))

    return make


def with_data(**told: object) -> Callable[[Seen], Seen]:
    """The record with other data."""
    return lambda record: record._replace(value=json.dumps(record.data | told).encode())


def swapped(records: list[Seen], is_meant: Meant = anything) -> list[Seen]:
    """The last two of one key that are meant change places."""
    last = records[place_of_last(records, lambda record: is_meant(record) and others_of(records, record, is_meant) != [])]
    other = others_of(records, last, is_meant)[-1]
    moved = {last.offset: other.offset, other.offset: last.offset}
    return [record._replace(offset=moved.get(record.offset, record.offset)) for record in records]


def others_of(records: list[Seen], last: Seen, is_meant: Meant) -> list[Seen]:
    """Those of its key that stand in front of it."""
    return [record for record in records if record.key == last.key and record.offset < last.offset and is_meant(record)]


def moved(honest: World, is_meant: Meant) -> Verdict:
    """The verdict with the last record of an outbox that is meant in another one."""
    records = honest[OUTBOX_OF_FIRST]
    stray = records[place_of_last(records, is_meant)]._replace(topic=of_vendor(OUTBOX, VENDORS[1]), offset=9_999)
    return judged(honest.but({OUTBOX_OF_FIRST: without(is_meant)(records), stray.topic: [*honest[stray.topic], stray]}))
