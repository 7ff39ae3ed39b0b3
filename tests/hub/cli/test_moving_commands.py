"""`hub drain`, `grow`, `pseudonyms rotate` and `forget` as an operator meets them, against a real Kafka and a real PostgreSQL."""

import io
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contracts.kafka_connection import KafkaConnection
from contracts.topics import INBOX, SEQUENCED, of_vendor
from hub.local.kafka import LocalKafka
from hub.memory.memory import Memory
from tests import messages
from tests.broker.cluster import Cluster, Input
from tests.broker.waiting import until
from tests.hub.cli.conftest import KEY, AsyncHub, Working, furnished_kafka

pytestmark = [pytest.mark.broker, pytest.mark.database]

NUMBER = messages.national_id(19, 11, 57, individual=222)
NEW_KEY = "n" * 40


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A broker whose log holds no letters of others: some of these jobs refuse while any waits."""
    with furnished_kafka(tmp_path_factory.mktemp("moving-kafka")) as kafka:
        yield kafka


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts words on standard input."""
    return lambda words: monkeypatch.setattr("sys.stdin", io.StringIO(words))


async def _delivered(cluster: Cluster) -> None:
    """One appointment of this person stands."""
    body = messages.message(
        dialog=messages.foresporsel("05"), calendar=messages.icalendar(messages.vevent(uid=str(uuid.uuid4()))),
        msg_id=str(uuid.uuid4()), sender=messages.office(("8100100", "8100101")), patient=messages.patient(NUMBER),
        receiver=messages.portal(("8990010", "8990011")),
    )
    await cluster.put(of_vendor(INBOX, "fjord"), [Input(body, key=None)])


async def test_a_log_is_drained_and_then_given_its_partitions(ask: AsyncHub, memory: Memory) -> None:
    """Undecided it is refused with what to do; drained it is not; fewer partitions than there are is wrong use."""
    first = await ask("grow", SEQUENCED.partitions)
    assert (first.code, "hub drain" in first.err) in {(1, True), (0, False)}
    assert (await ask("drain")).out == "Everything in the log is decided.\n"
    grown = await ask("grow", SEQUENCED.partitions)
    assert (grown.code, grown.out.split(",")[0]) == (0, f"The log has {SEQUENCED.partitions} partitions")
    assert (await ask("grow", 1)).code == 2
    await memory.check_places(partitions=SEQUENCED.partitions, version="1")


async def test_a_key_is_rotated_by_both_keys_or_not_at_all(
    ask: AsyncHub, memory: Memory, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the previous key the command says which variable it lacks; dry it counts; done, the old version begins no hub."""
    lacking = await ask("pseudonyms", "rotate")
    assert (lacking.code, lacking.err.split(":")[0]) == (2, "HUB_PREVIOUS_PSEUDONYM_KEY")
    await ask("drain")
    monkeypatch.setenv("HUB_PREVIOUS_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("HUB_PSEUDONYM_KEY", NEW_KEY)
    same = await ask("pseudonyms", "rotate")
    assert (same.code, same.err.split(":")[0]) == (2, "HUB_PSEUDONYM_KEY_VERSION")
    monkeypatch.setenv("HUB_PSEUDONYM_KEY_VERSION", "2")
    counted = await ask("pseudonyms", "rotate", "--dry-run", "--json")
    assert json.loads(counted.out).keys() == {"cases", "citizens", "letters", "sent", "deadlines", "forgotten", "statements"}
    done = await ask("pseudonyms", "rotate")
    assert (done.code, "Take the previous key away" in done.out) == (0, True)
    assert not any(secret in one.out + one.err for one in (lacking, same, counted, done) for secret in (KEY, NEW_KEY))
    await memory.check_places(partitions=SEQUENCED.partitions, version="2")


@pytest.mark.usefixtures("cluster_named")
@pytest.mark.parametrize("words", ["", "12345678901\n", f"{NUMBER}0\n", "æøå\n"])
async def test_what_is_no_national_id_forgets_nobody_and_is_not_repeated(
    ask: AsyncHub, told: Callable[[str], None], words: str,
) -> None:
    """One line that says what it should be."""
    told(words)
    said = await ask("forget", "--dry-run")
    assert (said.code, said.out) == (2, "")
    assert not words.strip() or words.strip() not in said.err


async def test_a_person_is_forgotten_by_a_number_that_is_shown_nowhere(
    ask: AsyncHub, working: Working, memory: Memory, told: Callable[[str], None], cluster_named: KafkaConnection,
    tmp_path: Path,
) -> None:
    """From a file or standard input, never an argument; counted first, then done; what cannot be taken out is named with its day."""
    cluster, file = Cluster(cluster_named.bootstrap[0]), tmp_path / "number"
    file.write_text(f"{NUMBER}\n")
    async with working():
        await _delivered(cluster)
        await until(lambda: _is_known(ask, file), what="the person is known")
        told(f"{NUMBER}\n")
        done = await ask("forget", "--json")
        told(f"{NUMBER}\n")
        again = await ask("forget")
    first = json.loads(done.out)
    assert (done.code, first["known"]["cases"], set(first["left"].values())) == (0, 1, {0})
    assert SEQUENCED.name in {one["topic"] for one in first["remains"]}
    assert (again.code, again.out.split(",")[0].split()) == (0, ["0", "cases"])
    assert not any(NUMBER in one.out + one.err for one in (done, again))
    assert await memory.letters() == []


async def _is_known(ask: AsyncHub, file: Path) -> bool:
    said = await ask("forget", "--dry-run", "--json", "--file", file)
    assert NUMBER not in said.out + said.err
    return bool(json.loads(said.out)["known"]["statements"])
