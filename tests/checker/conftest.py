"""A run without any fault, once for all tests of the checker."""

import random

import pytest

from hub.certify.commands import RECEIPT_WITHIN
from hub.certify.numbered import poison, push, write_register
from hub.certify.traffic import Amounts, traffic
from hub.commanding import Patience
from hub.parties import read_register
from hub.pseudonyms import Pseudonyms
from hub.reading import Desk
from tests.checker.offline import Offline
from tests.checker.planting import World


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What 300 pushes, 150 questions and 60 bookings, with re-sends and all that follows, leave behind when nothing goes wrong.

    And what six messages leave that are set aside, five that wait behind them, and an operator who replays some and discards the others.
    """
    register = read_register(write_register(tmp_path_factory.mktemp("register") / "parties.toml"))
    offline = Offline(Desk(Pseudonyms(b"k" * 32), register, patience=Patience(receipt=RECEIPT_WITHIN)))
    offline.take(traffic(Amounts(300, 150, 60), cases=25, resends=0.1, seed=1, now=lambda: offline.now))
    chance = random.Random(2)
    offline.fail([*(poison(at, at, chance) for at in range(6)), *(push(300 + at, at, chance) for at in range(5))])
    return World(offline.topics, offline.rows)
