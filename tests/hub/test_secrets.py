"""Secrets: every one that can be set is of a type that shows nothing, and no answer, error or log holds one."""

import dataclasses
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from hub.database_url import for_asyncpg
from hub.entrance import Entrance
from hub.ground import Ground
from hub.logs import writing
from hub.memory.memory import Memory
from hub.memory.migrate import migrate
from hub.pseudonyms import Pseudonyms
from hub.settings import PREFIX, Settings, read_settings
from tests.rules.house import ROOT

SECRET = "kanarihemmelighet-" + "4711" * 8
SOUNDS_SECRET = re.compile(r"password|secret|token|_key$|_key_|database_url")
NO_SECRET = {"pseudonym_key_version", "previous_pseudonym_key_version", "http_tokens_file"}
"""Names that only sound so."""
OF_EACH = {
    "database_url": f"postgresql://hub:{SECRET}@127.0.0.1:1/hub", "http_tokens": json.dumps({"metrics": SECRET}),
}
"""What a secret looks like where it is more than a text."""


def _bears_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(map(_bears_secret, get_args(annotation)))


def _secrets() -> Iterator[str]:
    return (name for name, field in Settings.model_fields.items() if _bears_secret(field.annotation))


def _environment(**more: str) -> dict[str, str]:
    given = {name: OF_EACH.get(name, SECRET) for name in _secrets()} | {
        "kafka_bootstrap_servers": "127.0.0.1:1", "kafka_security_protocol": "SASL_PLAINTEXT", "kafka_sasl_mechanism": "SCRAM-SHA-512",
        "kafka_username": SECRET, **more,
    }
    return {PREFIX + name.upper(): value for name, value in given.items()}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """With the canary in every secret."""
    for name, value in _environment().items():
        monkeypatch.setenv(name, value)
    return read_settings()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_that_sounds_like_a_secret_is_one(name: str) -> None:
    """A new password of type str is refused here."""
    field = Settings.model_fields[name]
    sounds = bool(SOUNDS_SECRET.search(name)) and name not in NO_SECRET
    assert sounds == _bears_secret(field.annotation)


def test_what_sounds_like_a_secret_is_recognised() -> None:
    """The walk above would otherwise pass for looking at nothing."""
    assert {"kafka_password", "database_url", "pseudonym_key", "http_tokens"} <= set(_secrets())
    assert SOUNDS_SECRET.search("proxy_password")


def test_no_way_of_printing_the_settings_shows_a_secret(settings: Settings) -> None:
    """Nor of what is made of them: connection, ground, entrance, pseudonyms, as text, in a dataclass's dictionary, or as JSON."""
    connection = settings.kafka_connection()
    assert settings.database_url is not None
    ground = Ground(connection, settings.database_url.get_secret_value())
    shown = [
        repr(settings), str(settings), settings.model_dump_json(exclude={"kafka_username"}),
        repr(settings.model_dump(exclude={"kafka_username"})),
        repr(connection), repr(ground), repr(settings.entrance()), repr(settings.pseudonyms()), repr(vars(settings)["http_tokens"]),
        f"{connection!s} {ground!s} {settings.pseudonyms()!s}",
    ]
    assert [text for text in shown if SECRET in text] == []


@pytest.mark.parametrize("kind", [KafkaConnection, Ground, Entrance, Pseudonyms])
def test_a_part_that_holds_a_secret_hides_it_by_its_type_or_from_its_repr(kind: type) -> None:
    """A field that sounds like a secret is SecretStr, or not shown."""
    assert [
        field.name for field in dataclasses.fields(kind)
        if SOUNDS_SECRET.search(field.name) and field.name != "key_version" and field.repr and "SecretStr" not in str(field.type)
    ] == []


@pytest.mark.parametrize("url", [
    f"postgresql://hub:{SECRET}@127.0.0.1:1/hub", f"postgresql://hub:{SECRET}@127.0.0.1:{SECRET}/hub", f"postgresql://hub:{SECRET}@/hub",
    f"postgresql://hub:x@127.0.0.1:1/hub?sslmode={SECRET}", f"postgresql://hub:x@127.0.0.1:1/hub?passfile=/{SECRET}&sslcert=/{SECRET}",
    f"postgresql://hub:{SECRET}@[::1/hub", f"postgresql://127.0.0.1:1/{SECRET}?{SECRET}={SECRET}",
])
@pytest.mark.parametrize("connect", [Memory.connect, migrate])
async def test_an_address_of_the_database_that_does_not_serve_is_never_repeated(connect: Any, url: str) -> None:
    """What is told of a database that is away, or of an address that is none: types and our lines, as every fault."""
    stream = io.StringIO()
    with writing(level="debug", stream=stream):
        try:
            await connect(for_asyncpg(url), timeout=5.0)
        except Exception as error:
            logging.getLogger("hub.secrets").exception("failed")
            told = f"{error} {error!r}"
        else:
            pytest.fail("there is no database")
    assert SECRET not in stream.getvalue()
    assert "failed" in stream.getvalue()
    assert SECRET not in told


@pytest.mark.parametrize("command", [
    ["letters"], ["letter", "00000000-0000-4000-8000-000000000000"], ["topics", "check"], ["parties", "--live"], ["run"], ["processes"],
    ["replay", "00000000-0000-4000-8000-000000000000"],
])
def test_no_command_shows_a_secret(command: list[str], tmp_path: Path) -> None:
    """With a cluster and a database that are away, which every command must say in words of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | _environment(data_dir=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "hub", *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode == 0) == (command == ["processes"])


def test_tokens_are_needed_where_others_reach_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An open port is refused at the start, by name; so is a file of tokens that holds none."""
    monkeypatch.setenv("HUB_HTTP_HOST", "0.0.0.0")
    with pytest.raises(Exception, match="HUB_HTTP_TOKENS or HUB_HTTP_TOKENS_FILE: needed"):
        read_settings()
    monkeypatch.setenv("HUB_HTTP_TOKENS_FILE", str(tmp_path / "tokens.json"))
    with pytest.raises(Exception, match="HUB_HTTP_TOKENS_FILE: must hold JSON of roles"):
        read_settings().entrance()
    (tmp_path / "tokens.json").write_text(OF_EACH["http_tokens"])
    assert read_settings().entrance().tokens == {"metrics": SecretStr(SECRET)}
    assert not read_settings().entrance().loopback
    monkeypatch.setenv("HUB_HTTP_TOKENS", OF_EACH["http_tokens"])
    with pytest.raises(Exception, match="not both"):
        read_settings()


def test_a_token_that_is_none_is_told_by_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never by what stood there."""
    monkeypatch.setenv("HUB_HTTP_TOKENS", f"{{{SECRET}")
    with pytest.raises(Exception, match="HUB_HTTP_TOKENS: must be JSON of roles") as told:
        read_settings()
    assert SECRET not in str(told.value)
