"""What the benchmarks stand on: a load that is delivered, an anchor that agrees on what is valid, and ratios that are ratios."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree

from benchmarks import plain_loop, report
from benchmarks.messages import CASES, PARTIES_FILE, Load, Message, national_id
from benchmarks.pure import KEY, Folding
from benchmarks.runs import slope
from benchmarks.systems import hub, plain, reception_alone
from contracts.records import Outgoing, Received, Source
from contracts.topics import APPOINTMENTS, INBOX, OUTBOX, of_vendor, vendor_of
from hub.case.entries import Read
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from hub.reception import Reception
from producers.work import Record
from schemas.formats import APPREC
from schemas.national_id import NationalId, Series
from schemas.validation import violation

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
RECEPTION = Reception(Desk(Pseudonyms(KEY), read_register(PARTIES_FILE)))


def received(message: Message, body: bytes | None = None) -> Received:
    """The message as reception meets it."""
    return Received(Source(of_vendor(INBOX, message.vendor), 0, 0), message.vendor, NOW, body or message.body)


def without(tag: str) -> Callable[[bytes], bytes]:
    """A message that lacks an element."""
    return lambda body: re.sub(rb"<%s>.*?</%s>" % (tag.encode(), tag.encode()), b"", body, count=1, flags=re.DOTALL)


def sequenced(messages: list[Message]) -> list[Record]:
    """The records of the log."""
    outgoing = [RECEPTION.sequence(received(message)) for message in messages]
    return [Record(one.topic, 0, at, 1_770_000_000_000 + at, one.key, one.value, one.headers) for at, one in enumerate(outgoing)]


def test_the_load_is_the_same_each_time_and_no_id_comes_twice_but_in_a_copy() -> None:
    """Reproducible; a copy is byte for byte what was sent before, and everything else has a MsgId of its own."""
    messages = Load(now=NOW, doubled=0.1).take(2_000)
    assert messages == Load(now=NOW, doubled=0.1).take(2_000)
    first = {message.msg_id: message.body for message in messages if not message.again}
    assert len(first) == sum(not message.again for message in messages)
    copies = [message for message in messages if message.again]
    assert copies
    assert all(first[copy.msg_id] == copy.body for copy in copies)


def test_every_person_of_the_load_is_synthetic_and_has_a_number_of_their_own() -> None:
    """Month +80, control digits that hold, no number twice."""
    numbers = {national_id(case) for case in range(CASES)}
    assert len(numbers) == CASES
    assert {NationalId(number).series for number in numbers} == {Series.SYNTHETIC_80}


def test_every_message_of_the_load_is_read_and_is_of_the_size_that_is_claimed() -> None:
    """No leniency, a receipt owed, 3 to 6 kB; the plain loop finds every one of them valid too."""
    for message in Load(now=NOW).take(600):
        entry = RECEPTION.read(received(message)).entry
        assert isinstance(entry, Read)
        assert (entry.receipted, entry.leniencies, entry.notices) == (True, (), ())
        assert 3_000 < len(message.body) < 6_000
        assert plain_loop.answer(message.body)[0] is not None


def test_every_distinct_message_leads_to_one_event_and_one_receipt() -> None:
    """What the end-to-end rows count by: each message is news to its case."""
    fold = Folding()
    for record in sequenced(Load(now=NOW, doubled=0).take(3_000)):
        outgoing: list[Outgoing] = fold.whole(record)[0]
        to = Counter(one.topic for one in outgoing)
        assert to[APPOINTMENTS.name] == 1
        assert sum(count for topic, count in to.items() if topic.endswith(OUTBOX.name.rpartition(".")[2])) == 1


@pytest.mark.parametrize("spoil", [
    without("MIGversion"),
    lambda body: re.sub(rb"<TypeForesp[^>]*/>", b"", body), without("Receiver"), without("MsgId"),
    lambda body: body[:-20], lambda _: b"not XML",
], ids=["no version", "no code", "no receiver", "no id", "cut off", "no XML"])
def test_the_plain_loop_and_the_hub_agree_on_what_is_invalid(spoil: Callable[[bytes], bytes]) -> None:
    """Same schema, same verdict: what the hub does not read gives no event in the plain loop either."""
    pushes = [message for message in Load(now=NOW).take(20) if b"TypeForesp" in message.body]
    broken = spoil(pushes[0].body)
    assert broken != pushes[0].body
    assert not isinstance(RECEPTION.read(received(pushes[0], broken)).entry, Read)
    assert plain_loop.answer(broken)[0] is None


def test_the_plain_loop_writes_receipts_that_follow_the_schema() -> None:
    """Simple is not wrong: the anchor does the work that it is compared for."""
    for message in Load(now=NOW).take(50):
        receipt = plain_loop.answer(message.body)[1]
        assert receipt is not None
        root = etree.fromstring(receipt)
        assert violation(root) is None
        assert root.findtext(f"{{{APPREC}}}OriginalMsgId/{{{APPREC}}}Id") == message.msg_id


def test_a_message_goes_to_its_vendors_inbox_and_to_the_plain_loops_own() -> None:
    """The hub learns the vendor from the topic; the plain loop has one topic, outside of table 1."""
    message = Load(now=NOW).take(1)[0]
    assert vendor_of(hub(1).inbox_of(message)) == message.vendor
    assert plain(1).inbox_of(message) in plain(1).inboxes
    assert hub(2).inboxes == reception_alone().inboxes


def test_a_ratio_is_of_medians() -> None:
    """The median over the rounds, then divided: one disturbed round changes nothing."""
    ours = report.medians([{"per_second": 300, "faults": []}, {"per_second": 10, "faults": []}, {"per_second": 330, "faults": []}])
    assert report.ratio(ours, {"per_second": 200}, "per_second") == 1.5


def test_an_inexact_result_is_told() -> None:
    """From whichever row it comes."""
    exact: dict[str, list[str]] = {"faults": []}
    not_exact = {"faults": ["hub, 1: events: 10 wanted, 9 found"]}
    assert report.faults({"throughput": {"hub, 1": [exact]}, "delay": {"hub, 1": [exact]}}) == []
    assert report.faults({"throughput": {"hub, 1": [exact, not_exact]}, "memory": {"hub, 1": [exact]}}) == not_exact["faults"]


def test_the_slope_of_memory_leaves_the_warming_up_out() -> None:
    """Steep at first and flat behind it is flat; what grows on is told in MiB for every 10,000 messages."""
    warm = [(0, 80.0), (10_000, 120.0), (15_000, 140.0)]
    assert slope([*warm, *((done, 140.0) for done in range(30_000, 70_000, 10_000))]) == 0
    assert slope([*warm, *((done, 137 + done / 10_000) for done in range(30_000, 70_000, 10_000))]) == pytest.approx(1)


def test_the_readme_keeps_its_words_around_the_figures() -> None:
    """Only what stands between the marks is written anew."""
    once = report.between(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", "new")
    assert once == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    assert report.between(once, "new") == once
