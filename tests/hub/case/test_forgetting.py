"""A case is forgotten: it is empty, everything that stands is taken down once, and who waits for a reply gets one."""

from uuid import uuid4

import pytest

from contracts.failures import Outcome
from contracts.records import Source
from contracts.topics import ACCESS, APPOINTMENT_STATUS, JOURNAL, REPLIES
from hub.case.entries import Forget, Origin
from hub.case.state import Case
from hub.log_record import to_log
from hub.reading import Sequenced
from tests import asking, mail, messages
from tests.story import START, Hub, Told, data_of, type_of
from tests.test_golden import GOLDEN


def forget(hub: Hub, key: str, *, person: str | None = None, statements: tuple[tuple[str, str], ...] = ()) -> Told:
    """An operator's decision in the log."""
    origin = Origin(Source("operator", 0, 0), "operator", START, b"")
    record = to_log(Sequenced(key, Forget(origin, str(uuid4()), person, statements)), None)
    return hub.append(record, at=hub.now)


def key_of(hub: Hub) -> str:
    """Of the record last written."""
    return (hub.log[-1].key or b"").decode()


def taken_down(told: Told) -> list[tuple[str, str]]:
    """Tombstones: topic and key."""
    return [(out.topic, (out.key or b"").decode()) for out in told.outgoing if out.value is None]


def test_a_forgotten_case_is_empty_and_its_appointments_are_taken_down() -> None:
    """A tombstone for each status that stands; the portal is told nothing else."""
    hub = Hub()
    first = hub.send(mail.push("05", number=1))
    hub.send(mail.push("05", mail.slot(2, day=20), number=2))
    told = forget(hub, key_of(hub))
    ids = [a.id for a in first.decision.case.appointments]
    assert hub.case(key_of(hub)) == Case() == told.decision.case
    assert [topic for topic, _ in taken_down(told)] == [APPOINTMENT_STATUS.name] * 2
    assert (APPOINTMENT_STATUS.name, ids[0]) in taken_down(told)
    assert {out.topic for out in told.outgoing} == {APPOINTMENT_STATUS.name, JOURNAL.name}


def test_a_block_is_taken_down_under_the_key_it_was_told_by() -> None:
    """And what stands without the case's knowing it, by the operator's word, each once."""
    hub = Hub()
    blocked = hub.send((GOLDEN / "Timereservasjon/30-answer-text-in-Tema/in.xml").read_bytes())
    key = next((out.key or b"").decode() for out in blocked.outgoing if out.topic == ACCESS.name)
    told = forget(hub, key_of(hub), statements=((ACCESS.name, key), (APPOINTMENT_STATUS.name, "an old one")))
    assert sorted(taken_down(told)) == [(ACCESS.name, key), (APPOINTMENT_STATUS.name, "an old one")]


def test_a_question_that_is_open_has_its_reply_and_is_not_waited_for() -> None:
    """Exactly one reply, as for every question: neither a deadline nor an answer brings another."""
    hub = asking.asked(asking.free_slots())
    told = forget(hub, key_of(hub))
    assert [type_of(out) for out in told.outgoing if out.topic == REPLIES.name] == ["hub.reply.none.broken.v1"]
    assert hub.ledger.open_deadlines() == []
    late = hub.send(mail.answer("03", mail.slot(1), number=7, parent=900))
    assert [out for out in late.outgoing if out.topic == REPLIES.name] == []


@pytest.mark.parametrize("anew", [False, True])
def test_forgetting_is_done_again_as_it_was_done_first(anew: bool) -> None:
    """A crash before Kafka's commit: the same tombstones, from the case as it was before."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    forget(hub, key_of(hub))
    before = hub.run_again(0, anew=anew)
    assert hub.outgoing == before


def test_what_is_forgotten_begins_anew_and_an_old_message_stays_a_duplicate() -> None:
    """The next message makes another appointment of revision 1; the claims are kept, so what comes again is not news."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    forget(hub, key_of(hub))
    assert hub.send(mail.push("05", number=1)).decision.outcome is Outcome.DUPLICATE
    again = hub.send(mail.push("07", number=2))
    assert [appointment.revision for appointment in again.decision.case.appointments] == [1]


def test_a_case_with_a_letter_that_waits_is_not_forgotten() -> None:
    """Its message would be delivered into an empty case: somebody decides about it first."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    hub.send(mail.push("07", number=2), condemned=True)
    told = forget(hub, key_of(hub))
    assert (told.decision.outcome, told.decision.note, taken_down(told)) == (Outcome.REFUSED, "letters wait", [])
    assert hub.case(key_of(hub)).appointments != ()


def test_a_forgotten_citizen_is_one_who_was_never_spoken_of() -> None:
    """Not active; and no case is made of the person's name."""
    hub = Hub()
    told = forget(hub, "1.person", person="1.person")
    assert told.decision.citizen == ("1.person", False)
    assert hub.ledger.cases == []


def test_the_journal_names_nobody_who_is_forgotten() -> None:
    """A line that something was forgotten: without the case's name."""
    hub = Hub()
    hub.send(mail.push("05", number=1))
    told = forget(hub, key_of(hub))
    [line] = [data_of(out) for out in told.outgoing if out.topic == JOURNAL.name]
    assert (line["note"], line["vendor"], "case" in line) == ("forgotten", "operator", False)
    assert messages.national_id() not in str(line)
