"""The register as it stands on its topic: folded from records, refused as a whole, and compared with a file."""

from functools import reduce

import pytest

from contracts.party import ActiveProcess, Party
from hub.live_register import LiveRegister
from hub.parties import Register
from hub.register import EMPTY, Change, NoRegister, Reason, changed, differences, fold, register_of

A = Party(her_id="1", level_1="10", name="A", vendor="fjord", processes=(ActiveProcess(process="Test", version="1.1"),))
B = Party(her_id="2", level_1="20", name="B", vendor="vidde")
AS_B = A.model_copy(update={"vendor": "vidde"})
NO_PARTY = b'{"her_id": "3"}'
UNKNOWN_PROCESS = B.model_copy(update={"processes": (ActiveProcess(process="Nothing", version="1.0"),)})


def put(party: Party, *, key: str | None = None) -> Change:
    """The record of this party."""
    return (key or party.her_id).encode(), party.model_dump_json().encode()


def parties_of(*batches: list[Change]) -> tuple[Party, ...]:
    """The parties in force after these batches."""
    return reduce(fold, batches, EMPTY).register.party


def test_records_become_a_register() -> None:
    """In the order of their HER-ids: a compacted topic has none that lasts."""
    assert parties_of([put(B), put(A)]) == (A, B)


def test_the_newest_record_of_a_party_counts() -> None:
    """Within a batch, and across batches."""
    assert parties_of([put(A), put(AS_B)]) == (AS_B,)
    assert parties_of([put(A)], [put(AS_B)]) == (AS_B,)


def test_a_tombstone_takes_a_party_away() -> None:
    """Also one of a key that nobody knows."""
    assert parties_of([put(A), put(B)], [(b"1", None), (b"7", None)]) == (B,)


@pytest.mark.parametrize(("record", "reason"), [
    ((b"3", NO_PARTY), Reason.NO_PARTY),
    ((b"3", b"\xff"), Reason.NO_PARTY),
    ((b"3", b""), Reason.NO_PARTY),
    (put(A, key="3"), Reason.OTHER_KEY),
    ((b"\xff", put(A)[1]), Reason.OTHER_KEY),
    (put(Party(her_id="3", level_1="10", name="C", vendor="vidde")), Reason.CONTRADICTION),
    (put(UNKNOWN_PROCESS), Reason.CONTRADICTION),
    (put(Party(her_id="3", level_1="30", name="C", vendor="portal")), Reason.CONTRADICTION),
])
def test_what_is_no_register_leaves_the_last_good_one(record: Change, reason: Reason) -> None:
    """The whole batch is refused: the party beside the wrong record is not taken either."""
    before = fold(EMPTY, [put(A)])
    after = fold(before, [put(B), record])
    assert (after.register, after.refused) == (before.register, reason)


def test_a_change_of_several_parties_is_taken_together() -> None:
    """An organisation moves to another vendor: between the two records the register would contradict itself."""
    second = A.model_copy(update={"her_id": "3"})
    moved = second.model_copy(update={"vendor": "vidde"})
    before = fold(EMPTY, [put(A), put(second)])
    assert fold(before, [put(AS_B)]).refused is Reason.CONTRADICTION
    assert fold(before, [put(AS_B), put(moved)]).register.party == (AS_B, moved)


def test_what_was_refused_is_mended_by_its_difference() -> None:
    """The record that was right in the refused batch is not sent again, and counts once the wrong one is mended."""
    assert parties_of([put(A)], [put(B), (b"3", NO_PARTY)], [(b"3", None)]) == (A, B)


def test_a_start_on_what_is_no_register_knows_nobody() -> None:
    """There is no last good one: nothing is read until it is mended."""
    after = fold(EMPTY, [put(A), (b"3", NO_PARTY)])
    assert (after.register.party, after.refused) == ((), Reason.NO_PARTY)


def test_why_it_is_no_register_is_told_with_its_key_and_place() -> None:
    """For whoever has to mend it."""
    with pytest.raises(NoRegister, match=r"^3: level_1: Field required$"):
        register_of({b"3": NO_PARTY})
    with pytest.raises(NoRegister, match=r"^\\xff: the key is not the party's HER-id$"):
        register_of(changed({}, [(b"\xff", put(A)[1])]))


def test_only_differences_are_written() -> None:
    """What stands there is left; what is gone is taken away; a record that is no party is written over or taken away."""
    held = changed({}, [put(A), put(B), (b"3", NO_PARTY), (b"4", NO_PARTY)])
    third = Party(her_id="3", level_1="30", name="C")
    added = Party(her_id="5", level_1="50", name="E")
    found = differences(Register(party=(A, third, added)), held)
    assert (found.added, found.changed, found.removed, found.unchanged) == ((added,), (third,), (b"2", b"4"), 1)
    after = changed(held, [(record.key or b"", record.value) for record in found.records])
    assert register_of(after).party == (A, third, added)
    assert differences(register_of(after), after).records == ()


def test_a_party_that_is_spelt_otherwise_is_the_same() -> None:
    """Another writer's blanks, and fields that are left out."""
    held = {b"2": b'{ "name": "B", "her_id": "2", "level_1": "20", "vendor": "vidde" }'}
    assert differences(Register(party=(B,)), held).records == ()


def test_a_live_register_tells_of_what_is_new_and_of_nothing_else() -> None:
    """At once, then of each register that differs; a refused one is counted."""
    told: list[tuple[Party, ...]] = []
    refused: list[None] = []
    live = LiveRegister(refused=lambda: refused.append(None))
    live.on_change(lambda register: told.append(register.party))
    for batch in ([put(A)], [put(A)], [(b"3", NO_PARTY)], [(b"3", None)], [put(B)]):
        live.take(batch)
    assert told == [(), (A,), (A, B)]
    assert len(refused) == 1
    assert live.current.party == (A, B)
