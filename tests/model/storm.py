"""A schedule: some turns of bad luck, then calm in which fresh workers finish what is left. The seed decides everything."""

from random import Random

from tests.model.stations import Lane, Receiver, discard, replay
from tests.model.world import CASES, PARTITIONS, Kind, Message, Told, Without, World, broken_promises

CALM = 2_000
"""Turns in which everything must be finished."""


def promises_broken_by(seed: int, *, without: Without = "") -> list[str]:
    """Run one schedule to its end; what it did not keep, or nothing."""
    storm = Storm(Random(seed), without)
    storm.rage()
    storm.calm_down()
    return list(broken_promises(storm.world))


class Storm:
    """The world with its workers, and what befalls them."""

    def __init__(self, rng: Random, without: Without) -> None:
        self._rng = rng
        self.world = World(_source(rng), without)
        self._receivers = [Receiver(self.world, rng)]
        self._lanes = [Lane(self.world, rng, partition) for partition in range(PARTITIONS)]
        self._heard_by_offices: set[str] = set()

    def rage(self) -> None:
        """Steps in any order, between them replacements, faults of our own code, and hasty operators."""
        for _ in range(self._rng.randint(20, 160)):
            self._rng.choice(self._receivers).step()
            self._rng.choice(self._lanes).step()
            self._let_an_office_answer()
            self._harm(self._rng.random())

    def calm_down(self) -> None:
        """Our code is mended; fresh workers finish, while sleepers of the storm still wake now and then."""
        self.world.broken.clear()
        for receiver in self._receivers:
            receiver.is_zombie = True
        fresh = Receiver(self.world, self._rng)
        owners = [Lane(self.world, self._rng, partition) for partition in range(PARTITIONS)]
        for _ in range(CALM):
            if self._is_finished():
                return
            self._wake_a_sleeper()
            fresh.step()
            self._let_an_office_answer()
            owners = [self._step_or_replace(lane) for lane in owners]

    def _let_an_office_answer(self) -> None:
        """Only what has left can be answered: well, broken, twice, or not at all."""
        left = [seen.asked for seen in self.world.visible if isinstance(seen, Told) and seen.what == "asked"]
        unheard = [asked for asked in left if asked.id not in self._heard_by_offices]
        if not unheard or self._rng.random() < 0.7:
            return
        asked = unheard[0]
        self._heard_by_offices.add(asked.id)
        if self._rng.random() < 0.8:
            answer = self._answer_to(asked)
            self.world.source += [answer] * (2 if self._rng.random() < 0.2 else 1)

    def _answer_to(self, asked: Message) -> Message:
        kind: Kind = "receipt" if asked.kind == "request" else self._rng.choice(("answer", "broken"))
        case = asked.case if kind == "answer" else self._rng.choice(CASES)
        return Message(f"{kind} to {asked.id}", case, kind, asked.id)

    def _is_finished(self) -> bool:
        """When only letters are left, an operator sees to one of them."""
        if self.world.is_done():
            return True
        if waiting := self.world.database.waiting():
            self._replay_sometimes(waiting[0].partition)
        return False

    def _replay_sometimes(self, partition: int) -> None:
        waiting = [letter for letter in self.world.database.waiting() if letter.partition == partition]
        if self._rng.random() < 0.05:
            replay(self.world, self._rng.choice(waiting))

    def _wake_a_sleeper(self) -> None:
        if self._rng.random() < 0.3:
            self._rng.choice(self._receivers).step()
        sleepers = [lane for lane in self._lanes if lane.state == "run"]
        if sleepers and self._rng.random() < 0.3:
            self._rng.choice(sleepers).step()

    def _step_or_replace(self, lane: Lane) -> Lane:
        lane.step()
        return Lane(self.world, self._rng, lane.partition) if lane.state == "dead" else lane

    def _harm(self, luck: float) -> None:
        if luck < 0.06:
            self._replace_receivers()
        elif luck < 0.16:
            self._replace_a_lane()
        elif luck < 0.26:
            self._break_or_mend()
        elif luck < 0.32 and self.world.database.letters:
            replay(self.world, self._rng.choice(list(self.world.database.letters)))
        elif luck < 0.34 and (pushes := self.world.database.letters_of("push")):
            # a receipt or answer that is decided against is never told: the promise is about what is not
            discard(self.world, self._rng.choice(pushes))

    def _replace_receivers(self) -> None:
        """The old ones may live on for a while."""
        for receiver in self._receivers:
            receiver.is_zombie = True
        living = [receiver for receiver in self._receivers if self._rng.random() < 0.6]
        self._receivers = [*living, Receiver(self.world, self._rng)][-3:]

    def _replace_a_lane(self) -> None:
        """The old one is dead, or sleeps and will wake."""
        victim = self._rng.choice(self._lanes)
        if self._rng.random() < 0.5:
            self._lanes.remove(victim)
        self._lanes = [*self._lanes, Lane(self.world, self._rng, victim.partition)][-6:]

    def _break_or_mend(self) -> None:
        """Our code begins to fail on a message, or to deal with it again."""
        self.world.broken ^= {self._rng.choice(self.world.source).id}


_KINDS: tuple[Kind, ...] = ("push", "push", "question", "request")


def _source(rng: Random) -> list[Message]:
    """Messages of a vendor who sends some of them again: the same, or, seldom, the same id with another patient's content."""
    source: list[Message] = []
    for number in range(rng.randint(4, 14)):
        source.append(Message(f"m{number}", rng.choice(CASES), rng.choice(_KINDS)))
        if rng.random() < 0.2:
            again = rng.choice(source)
            source.append(again._replace(case=rng.choice(CASES)) if rng.random() < 0.3 else again)
    return source
