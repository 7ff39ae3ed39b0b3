"""`hub kafka --secure`, `hub new-vendor`, `hub password`, `hub topics --acls`: as a person meets them. No password is ever shown."""

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import principals
from contracts.topics import INBOX, of_vendor
from hub.doors.quotas import quota_of
from hub.doors.rights import Granted, grant
from hub.local.kafka import LocalKafka
from hub.parties import read_register
from hub.settings import PREFIX, read_settings
from tests.broker.doors import take
from tests.hub.cli.conftest import VENDORS, Hub

pytestmark = pytest.mark.broker

NYVIK = ("new-vendor", "nyvik", "--her-id", "8400401", "--level-1", "8400400", "--office", "Nyvik [legesenter]")
PRINCIPAL = "epj.nyvik"


@dataclass(frozen=True, slots=True)
class Trial:
    """A broker that `hub kafka --secure` started, and what it said."""

    said: str
    folder: Path

    def variables(self, name: str) -> dict[str, str]:
        """What the file of one who runs `hub` sets."""
        return _read(self.folder / "credentials" / f"{name}.env")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """It is ended as a person ends it."""
    folder = tmp_path_factory.mktemp("trial")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | {"HUB_DATA_DIR": str(folder)}
    command = [sys.executable, "-u", "-m", "hub", "kafka", "--secure", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as started:
        assert started.stdout is not None
        said = []
        for line in started.stdout:
            said.append(line)
            if "Ctrl-C stops it" in line:
                break
        try:
            yield Trial("".join(said), folder / "secure-kafka")
        finally:
            started.send_signal(signal.SIGINT)
            rest = started.stdout.read()
    assert (started.returncode, rest) == (0, "Stopped.\n")


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch, trial: Trial) -> KafkaConnection:
    """The settings name that broker, under the administrator's name."""
    return _become(monkeypatch, trial, "admin")


def test_a_secure_broker_says_where_each_finds_its_password_and_shows_none(trial: Trial) -> None:
    """Every file can be read by its owner alone."""
    files = sorted((trial.folder / "credentials").iterdir())
    told = [file for file in files if str(file) in trial.said]
    names = {"admin", "hub", "keeper", "operator", "portal", "notification", *(f"epj.{vendor}" for vendor in VENDORS)}
    assert {file.stem for file in told} == names
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    passwords = [value for file in told for name, value in _read(file).items() if "password" in name.lower()]
    assert len(set(passwords)) == len(names)
    assert not any(password in trial.said for password in passwords)


def test_rights_that_are_there_are_left_and_differences_are_told(hub: Hub, admin: KafkaConnection) -> None:
    """For people and as JSON: nothing to give, one too many, one missing."""
    there = sum(len(principal.rights) for principal in principals(VENDORS))
    arguments = [word for vendor in VENDORS for word in ("--vendor", vendor)]
    told = hub("topics", "create", "--acls", *arguments)
    assert (told.code, told.out.splitlines()[-1]) == (0, f"0 rights given, {there} were there.")
    assert hub("topics", "check", "--acls", *arguments).out.endswith("All rights are as table 5 has them.\n")
    much = Granted("User:stranger", "TOPIC", "portal.", "PREFIXED", "READ")
    little = Granted("User:portal", "GROUP", "portal.", "PREFIXED", "READ")
    elsewhere = Granted("User:stranger", "TOPIC", "weather", "LITERAL", "READ")
    asyncio.run(grant(admin, [much, elsewhere]))
    take(admin, little)
    try:
        told = hub("topics", "check", "--acls", *arguments)
        assert told.code == 1
        assert told.out.endswith("missing portal: READ on group portal.*\nsurplus stranger: READ on topic portal.*\n")
        rights = json.loads(hub("topics", "check", "--acls", "--json", *arguments).out)["rights"]
        assert [len(rights[word]) for word in ("missing", "surplus")] == [1, 1]
        assert "given   portal: READ on group portal.*\n" in hub("topics", "create", "--acls", *arguments).out
    finally:
        take(admin, much)
    assert hub("topics", "check", "--acls", *arguments).code == 0


def test_a_new_vendor_is_let_in_by_one_command(
    monkeypatch: pytest.MonkeyPatch, hub: Hub, admin: KafkaConnection, tmp_path: Path,
) -> None:
    """First shown, then done, then there. Its password opens its inbox and nothing of another's; another one takes its place."""
    register, file = tmp_path / "parties.toml", tmp_path / "nyvik.properties"
    register.write_text("# ours\n[[party]]\nher_id = \"1\"\nlevel_1 = \"2\"\nname = \"-\"\nvendor = \"fjord\"\n", "utf-8")
    monkeypatch.setenv("HUB_PARTIES_FILE", str(register))
    words = (*NYVIK, "--process", "Timereservasjon", "--process", "Avtaleutsending 1.0", "--file", file)

    shown = json.loads(hub(*words, "--dry-run", "--json").out)
    assert (shown["principal"], shown["password"], shown["dry_run"]) == (PRINCIPAL, True, True)
    assert (len(shown["topics"]), len(shown["rights"])) == (4, 5)
    assert not file.exists()
    assert "Nothing was done" in hub(*words, "--dry-run").out

    done = hub(*words)
    assert (done.code, done.err) == (0, "")
    password = _read(file)["sasl.password"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert password not in done.out
    assert f"isolation.level=read_committed and a group.id that begins with {PRINCIPAL}." in done.out
    assert [party.name for party in read_register(register).party] == ["-", "Nyvik [legesenter]"]
    assert register.read_text("utf-8").startswith("# ours\n")
    assert "8400401" in hub("parties", "--live", "--json").out
    assert asyncio.run(quota_of(admin, PRINCIPAL)) == {
        "producer_byte_rate": 2_097_152, "consumer_byte_rate": 4_194_304, "request_percentage": 25,
    }
    assert asyncio.run(_may_write(admin, password, of_vendor(INBOX, "nyvik")))
    assert not asyncio.run(_may_write(admin, password, of_vendor(INBOX, "fjord")))

    assert "Nothing was lacking." in hub(*words).out
    again = json.loads(hub(*words, "--json").out)
    assert [again[word] for word in ("topics", "rights", "password", "quota", "in_file", "in_register", "file")] == [
        [], [], False, False, False, False, None,
    ]

    refused = hub("password", PRINCIPAL, "--file", tmp_path / "other")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert hub("password", PRINCIPAL, "--new", "--file", file).err.startswith(str(file))
    assert hub("password", PRINCIPAL, "--new", "--file", tmp_path / "other").code == 0
    with pytest.raises(KafkaConnectionError):
        asyncio.run(_may_write(admin, password, of_vendor(INBOX, "nyvik")))
    assert asyncio.run(_may_write(admin, _read(tmp_path / "other")["sasl.password"], of_vendor(INBOX, "nyvik")))
    assert hub("password", PRINCIPAL, "--take").out == f"{PRINCIPAL}: has no password any more.\n"
    assert hub("password", PRINCIPAL, "--take").out == f"{PRINCIPAL}: had no password.\n"

    lost = hub(*words)
    assert (lost.code, lost.err.count("\n")) == (1, 1)
    assert "is there, but the cluster has no" in lost.err
    assert hub(*words[:-1], tmp_path / "third").code == 0


@pytest.mark.parametrize(("words", "told"), [
    (["new-vendor", "Ny Vik", "--her-id", "1", "--level-1", "2", "--office", "-"], "vendor"),
    (["new-vendor", "portal", "--her-id", "1", "--level-1", "2", "--office", "-"], "no vendor's name"),
    (["new-vendor", "nyvik", "--her-id", "x", "--level-1", "2", "--office", "-"], "her_id"),
    ([*NYVIK, "--process", "Unheard"], "table 4 has no process"),
    ([*NYVIK, "--process", "Timereservasjon 9.9"], "1.1, 1.2"),
    (["new-vendor", "nyvik", "--her-id", "8100101", "--level-1", "8100100", "--office", "-"], "is fjord's"),
    (["new-vendor", "nyvik", "--her-id", "9", "--level-1", "8100100", "--office", "-"], "more than one vendor"),
    (["password", "stranger"], "Table 5 has no such name"),
    (["password", "epj.a.b"], "Table 5 has no such name"),
    (["password", "hub", "--new", "--take"], "one of them"),
])
def test_what_cannot_be_meant_is_one_line_and_changes_nothing(hub: Hub, admin: KafkaConnection, words: list[str], told: str) -> None:
    """A wrong name, number or process, somebody else's party, and both of two options."""
    said = hub(*words)
    assert (said.code in (1, 2), said.err.count("\n")) == (True, 1)
    assert told in said.err
    assert not (Path(os.environ["HUB_DATA_DIR"]) / "credentials").exists()


def test_only_an_administrator_lets_a_vendor_in(
    monkeypatch: pytest.MonkeyPatch, hub: Hub, trial: Trial, tmp_path: Path,
) -> None:
    """An operator is told by one line, and nothing is written."""
    _become(monkeypatch, trial, "operator")
    words = (
        [*NYVIK, "--file", tmp_path / "x"], ["password", "hub", "--new", "--file", tmp_path / "x"], ["topics", "check", "--acls"],
    )
    for some in words:
        said = hub(*some)
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert "HUB_KAFKA_USERNAME" in said.err
    assert not (tmp_path / "x").exists()


def test_a_cluster_without_doors_is_told_before_anything_is_made(
    hub: Hub, own_kafka: LocalKafka, cluster_named: KafkaConnection, tmp_path: Path,
) -> None:
    """Rights that nobody asks for would be a false comfort."""
    said = hub(*NYVIK, "--file", tmp_path / "x")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "no authorizer" in said.err
    assert "made for SCRAM" in hub("password", "hub", "--new").err
    assert not (tmp_path / "x").exists()


def _become(monkeypatch: pytest.MonkeyPatch, trial: Trial, name: str) -> KafkaConnection:
    for variable, value in trial.variables(name).items():
        monkeypatch.setenv(variable, value)
    return read_settings().kafka_connection()


def _read(file: Path) -> dict[str, str]:
    """As a shell or a client reads it."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: "".join(shlex.split(value)) for name, _, value in (line.partition("=") for line in lines)}


async def _may_write(admin: KafkaConnection, password: str, topic: str) -> bool:
    vendor = KafkaConnection(admin.bootstrap, admin.security_protocol, admin.sasl_mechanism, PRINCIPAL, SecretStr(password), admin.ca_file)
    producer = AIOKafkaProducer(**vendor.client_settings())
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"x", key=b"k")
    except TopicAuthorizationFailedError:
        return False
    finally:
        await producer.stop()
    return True
