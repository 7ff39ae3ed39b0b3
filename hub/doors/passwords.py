"""Passwords: SCRAM users of a cluster, each with a password that nobody has thought of and that lies in one file of 0600.

A password is written to its file before the cluster hears of it, and shown nowhere. Never overwrites a file, and replaces a user's password
only when told to. The cluster keeps salted keys, never the password.
"""

import hashlib
import secrets
import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection
from contracts.rights import ADMINISTRATOR, OPERATOR_PRINCIPAL, hub_principal, keeper_principal
from hub.doors.aiokafka_private import NotThere, alter_scram, describe_scram
from hub.errors import HubError
from hub.secret_files import write_secret


@dataclass(frozen=True, slots=True)
class _Mechanism:
    number: int
    digest: str


OURS: Final = frozenset({hub_principal().name, keeper_principal().name, OPERATOR_PRINCIPAL.name, ADMINISTRATOR})
"""Who runs `hub`, and reads its settings."""
_BYTES: Final = 32
_ROUNDS: Final = 8192
_MECHANISMS: Final[Mapping[str | None, _Mechanism]] = {
    "SCRAM-SHA-256": _Mechanism(1, "sha256"), "SCRAM-SHA-512": _Mechanism(2, "sha512"),
}


class NoPasswords(HubError):
    """We do not reach the cluster by SCRAM, so that nobody could use a password that was made there."""


async def has_password(connection: KafkaConnection, name: str) -> bool:
    """Whether the cluster knows a user of this name. Raises ClusterUnreachable, and what `aiokafka_private.raise_for` does."""
    try:
        return bool(await describe_scram(connection, name))
    except NotThere:
        return False


async def give_passwords(connection: KafkaConnection, files: Mapping[str, Path]) -> None:
    """Make a password for each user, or a new one, and put all that its client needs into its new file.

    Raises NoPasswords, SecretNotWritten and what `has_password` does; then the files are taken away again.
    """
    mechanism = _mechanism(connection)
    with ExitStack() as undone:
        upsertions = []
        for name, file in files.items():
            password = SecretStr(secrets.token_urlsafe(_BYTES))
            write_secret(file, words_for(replace(connection, sasl_username=name, sasl_password=password)))
            undone.callback(file.unlink)
            upsertions.append(_salted(name, password, mechanism))
        await alter_scram(connection, upsertions=upsertions)
        undone.pop_all()


async def take_password(connection: KafkaConnection, name: str) -> bool:
    """Nobody can connect under this name any more; who is connected stays so until it connects anew. Whether there was one."""
    try:
        await alter_scram(connection, deletions=[(name, _mechanism(connection).number)])
    except NotThere:
        return False
    return True


def words_for(connection: KafkaConnection) -> str:
    """What this user's client needs, one `name=value` a line: whoever runs `hub` in its variables, all others in librdkafka's names.

    It holds the password.
    """
    name = connection.sasl_username
    settings = _environment(connection) if name in OURS else connection.librdkafka_settings()
    lines = "".join(f"{variable}={value}\n" for variable, value in settings.items())
    return f"# How {name} reaches the cluster. It holds a password: keep it readable by its owner alone.\n{lines}"


def file_for(name: str, folder: Path) -> Path:
    """Where this user's password lies by default: its name, and what the file is for."""
    return folder / f"{name}{'.env' if name in OURS else '.properties'}"


def _environment(connection: KafkaConnection) -> dict[str, str]:
    told = {
        "BOOTSTRAP_SERVERS": ",".join(connection.bootstrap), "SECURITY_PROTOCOL": connection.security_protocol,
        "SASL_MECHANISM": connection.sasl_mechanism, "USERNAME": connection.sasl_username, "PASSWORD": connection.password,
        "CA_FILE": str(connection.ca_file) if connection.ca_file else None,
    }
    return {f"HUB_KAFKA_{name}": shlex.quote(value) for name, value in told.items() if value is not None}


def _salted(name: str, password: SecretStr, mechanism: _Mechanism) -> tuple[str, int, int, bytes, bytes]:
    """RFC 5802's SaltedPassword: what the cluster is told instead of the password. Ours are ASCII, and need no preparation."""
    salt = secrets.token_bytes(_BYTES)
    salted = hashlib.pbkdf2_hmac(mechanism.digest, password.get_secret_value().encode("ascii"), salt, _ROUNDS)
    return name, mechanism.number, _ROUNDS, salt, salted


def _mechanism(connection: KafkaConnection) -> _Mechanism:
    if connection.sasl_mechanism not in _MECHANISMS:
        raise NoPasswords("Passwords are made for SCRAM: HUB_KAFKA_SASL_MECHANISM must be SCRAM-SHA-512 or SCRAM-SHA-256.")
    return _MECHANISMS[connection.sasl_mechanism]
