"""`hub parties`: table 3 of the file, and of the topic; and the one published on the other."""

import asyncio
import json
from pathlib import Path

import pytest

from contracts.kafka_connection import KafkaConnection
from contracts.topics import PARTIES
from hub.local.kafka import LocalKafka
from hub.parties import read_register
from hub.settings import DEMO_REGISTER
from tests.broker.cluster import Cluster, Input
from tests.hub.cli.conftest import VENDORS, Hub

OFFICE = '[[party]]\nher_id = "1"\nlevel_1 = "2"\nname = "Et [legekontor]"\nvendor = "fjord"\n'
DEMO = read_register(DEMO_REGISTER).party


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The demo's register and one office more."""
    path = tmp_path / "parties.toml"
    path.write_text(DEMO_REGISTER.read_text("utf-8") + OFFICE, "utf-8")
    return path


def test_parties_are_those_of_the_register_that_is_named(monkeypatch: pytest.MonkeyPatch, hub: Hub, file: Path) -> None:
    """For people and as JSON, with days, calendars and roles."""
    monkeypatch.setenv("HUB_PARTIES_FILE", str(file))
    told = json.loads(hub("parties", "--json").out)
    assert [party["her_id"] for party in told] == [*(party.her_id for party in DEMO), "1"]
    practitioner = told[2]
    assert (practitioner["valid_from"], practitioner["processes"][0]["roles"]) == ("2024-01-01", ["Helsepersonell"])
    shown = hub("parties").out
    assert "Et [legekontor]" in shown
    assert "from 2024-01-01" in shown


def test_a_register_that_cannot_be_read_is_one_line(monkeypatch: pytest.MonkeyPatch, hub: Hub, tmp_path: Path) -> None:
    """With its place; it is not published either."""
    monkeypatch.setenv("HUB_PARTIES_FILE", str(tmp_path / "none.toml"))
    for words in (["parties"], ["parties", "publish"]):
        said = hub(*words)
        assert (said.code, said.err.count("\n")) == (2, 1)


def test_a_look_at_a_topic_where_nothing_runs_says_how_to_start(hub: Hub) -> None:
    """One line."""
    said = hub("parties", "--live")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "hub run" in said.err


@pytest.mark.broker
def test_publishing_the_demo_on_a_cluster_of_ones_own_takes_its_name(hub: Hub, cluster_named: KafkaConnection) -> None:
    """A slip would take every party of a real register away."""
    said = hub("parties", "publish")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert hub("parties", "publish", DEMO_REGISTER).code == 0


@pytest.mark.broker
def test_only_differences_are_published_and_each_is_told(hub: Hub, cluster_named: KafkaConnection, file: Path) -> None:
    """Shown first, written once, nothing the second time, and taken away again."""
    line = "added    1  Et [legekontor]\n"
    counted = f"1 added, 0 changed, 0 removed, {len(DEMO)} unchanged.\n"
    assert hub("parties", "publish", file, "--dry-run").out == line + counted + "Nothing was written (--dry-run).\n"
    assert hub("parties", "publish", file).out == line + counted
    assert hub("parties", "publish", file).out == f"0 added, 0 changed, 0 removed, {len(DEMO) + 1} unchanged.\n"
    assert json.loads(hub("parties", "--live", "--json").out)[0]["name"] == "Et [legekontor]"
    file.write_text(DEMO_REGISTER.read_text("utf-8").replace("Skogholt legekontor, fysioterapi", "Skogholt fysioterapi"), "utf-8")
    assert hub("parties", "publish", file).out == (
        f"changed  8300302  Skogholt fysioterapi\nremoved  1\n0 added, 1 changed, 1 removed, {len(DEMO) - 1} unchanged.\n"
    )
    assert hub("parties", "publish", DEMO_REGISTER).code == 0


@pytest.mark.broker
def test_a_vendor_without_topics_is_not_published(hub: Hub, cluster_named: KafkaConnection, file: Path) -> None:
    """What is handed on to it would hold up everything behind."""
    file.write_text(OFFICE.replace("fjord", "topicless"), "utf-8")
    said = hub("parties", "publish", file)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "hub topics create --vendor topicless" in said.err


@pytest.mark.broker
def test_another_file_than_the_settings_is_published_with_a_word(
    monkeypatch: pytest.MonkeyPatch, hub: Hub, cluster_named: KafkaConnection, file: Path,
) -> None:
    """The next start would undo it."""
    monkeypatch.setenv("HUB_PARTIES_FILE", str(file))
    assert "names another file" in hub("parties", "publish", DEMO_REGISTER).err
    assert hub("parties", "publish", file).err == ""
    assert hub("parties", "publish", DEMO_REGISTER).code == 0


@pytest.mark.broker
def test_a_cluster_without_a_file_has_the_vendors_of_its_topic(hub: Hub, cluster_named: KafkaConnection) -> None:
    """Their topics are checked."""
    said = hub("topics", "check")
    assert (said.code, said.out) == (0, "All topics are as table 1 has them.\n")
    assert set(VENDORS) == {party.vendor for party in DEMO if party.vendor}


@pytest.mark.broker
def test_what_is_no_register_on_the_topic_is_told_and_mended(own_kafka: LocalKafka, hub: Hub, cluster_named: KafkaConnection) -> None:
    """By its key and place; a publication takes it away."""
    asyncio.run(Cluster(own_kafka.bootstrap).put(PARTIES.name, [Input(b'{"her_id": "8"}', key=b"8")]))
    said = hub("parties", "--live")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "no register (8: level_1: Field required)" in said.err
    assert hub("parties", "publish", DEMO_REGISTER).out == f"removed  8\n0 added, 0 changed, 1 removed, {len(DEMO)} unchanged.\n"
    assert hub("parties", "--live").code == 0
