"""The schedule of harm: a pure function of seed, minutes, scale and nodes, in which every kind comes before any comes again."""

import pytest

from hub.certify.run import MINUTES
from hub.certify.schedule import BROKERS, CALM, FIRST, LASTS, Harm, Scale, What, kinds, schedule

SMALL = {1: MINUTES["small", 1], 3: MINUTES["small", 3]}


def harms(*, seed: int = 1, nodes: int = 1, scale: Scale = "small", minutes: float | None = None) -> tuple[Harm, ...]:
    """A run's."""
    return schedule(seed=seed, minutes=minutes or MINUTES[scale, nodes], scale=scale, nodes=nodes)


def test_the_same_four_do_the_same_harm() -> None:
    """So that a run can be done again."""
    assert harms() == harms()


@pytest.mark.parametrize("other", [{"seed": 2}, {"minutes": 2.0}, {"nodes": 3}, {"scale": "large"}])
def test_another_of_the_four_does_other_harm(other: dict[str, object]) -> None:
    """In another order, or more of it."""
    assert harms(**other) != harms()  # type: ignore[arg-type]


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_small_run_does_every_kind_of_harm_whatever_its_seed(nodes: int) -> None:
    """In the time that it has by itself."""
    for seed in range(50):
        done = {harm.what for harm in harms(seed=seed, nodes=nodes)}
        assert done >= {*kinds(nodes), What.REPLAY, What.DISCARD}


def test_every_kind_comes_before_any_comes_again() -> None:
    """Replays and discards apart, which follow from poison."""
    played = [harm.what for harm in harms(scale="large") if harm.what in kinds(1)]
    assert set(played[: len(kinds(1))]) == set(kinds(1))


def test_harm_is_done_while_there_is_traffic() -> None:
    """After the first seconds, and all of it over before the last ones."""
    for seed in range(50):
        for harm in harms(seed=seed, nodes=3):
            assert harm.at >= FIRST
            assert harm.at + harm.seconds <= SMALL[3] * 60 - CALM + 0.1


def test_what_is_set_aside_is_dealt_with_later() -> None:
    """A replay and a discard for each poison, not before it."""
    whats = [harm.what for harm in harms(scale="large")]
    assert whats.count(What.POISON) == whats.count(What.REPLAY) == whats.count(What.DISCARD)
    assert whats.index(What.POISON) < whats.index(What.REPLAY)


def test_each_ground_has_its_own_harm_to_brokers() -> None:
    """One node has nothing to lead; three have a quorum to lose."""
    assert set(BROKERS) == {1, 3}
    assert set(kinds(1)) - set(kinds(3)) == {What.BROKER}
    assert What.QUORUM in kinds(3)


def test_every_kind_of_harm_is_done_or_said_to_be_left_out() -> None:
    """Nothing is forgotten, and each has its time."""
    assert {*kinds(1), *kinds(3), What.REPLAY, What.DISCARD} == set(What)
    assert set(LASTS) == set(What)
