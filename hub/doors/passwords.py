"""Passwords: SCRAM users of a cluster, each with a password that nobody has thought of and that lies in one file of 0600.

A password is written to its file before the cluster hears of it, and shown nowhere. Never overwrites a file, and replaces a user's password
only when told to. The cluster keeps salted keys, never the password.
"""

import secrets
import shlex
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its marker says typed, its modules do not say what they give
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection, SaslMechanism
from contracts.rights import ADMINISTRATOR, OPERATOR_PRINCIPAL, hub_principal
from hub.doors.administrator import NotThere, administrator, all_answers, answer
from hub.errors import HubError
from hub.secret_files import write_secret

OURS: Final = frozenset({hub_principal().name, OPERATOR_PRINCIPAL.name, ADMINISTRATOR})
"""Who runs `hub`, and reads its settings."""
_BYTES: Final = 32
_ROUNDS: Final = 8192
_MECHANISMS: Final[Mapping[str, ScramMechanism]] = {
    "SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256, "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512,
}


class NoPasswords(HubError):
    """We do not reach the cluster by SCRAM, so that nobody could use a password that was made there."""


def has_password(connection: KafkaConnection, name: str) -> bool:
    """Whether the cluster knows a user of this name. Blocking. Raises what `answer` does."""
    with administrator(connection) as client:
        asked = cast("dict[str, Future[Any]]", client.describe_user_scram_credentials([name]))
        try:
            return bool(answer(asked[name]).scram_credential_infos)
        except NotThere:
            return False


def give_passwords(connection: KafkaConnection, files: Mapping[str, Path]) -> None:
    """Make a password for each user, or a new one, and put all that its client needs into its new file.

    Blocking. Raises NoPasswords, SecretNotWritten and what `answer` does; then the files are taken away again.
    """
    kept = ScramCredentialInfo(_MECHANISMS[_mechanism(connection)], _ROUNDS)
    alterations: list[UserScramCredentialAlteration] = []
    with ExitStack() as undone:
        for name, file in files.items():
            password = SecretStr(secrets.token_urlsafe(_BYTES))
            write_secret(file, words_for(replace(connection, sasl_username=name, sasl_password=password)))
            undone.callback(file.unlink)
            alterations.append(UserScramCredentialUpsertion(name, kept, password.get_secret_value().encode()))
        _alter(connection, *alterations)
        undone.pop_all()


def take_password(connection: KafkaConnection, name: str) -> bool:
    """Nobody can connect under this name any more; who is connected stays so until it connects anew. Whether there was one. Blocking."""
    try:
        _alter(connection, UserScramCredentialDeletion(name, _MECHANISMS[_mechanism(connection)]))
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


def _alter(connection: KafkaConnection, *alterations: UserScramCredentialAlteration) -> None:
    with administrator(connection) as client:
        all_answers(client.alter_user_scram_credentials(list(alterations)) if alterations else {})


def _mechanism(connection: KafkaConnection) -> SaslMechanism:
    if connection.sasl_mechanism not in _MECHANISMS:
        raise NoPasswords("Passwords are made for SCRAM: HUB_KAFKA_SASL_MECHANISM must be SCRAM-SHA-512 or SCRAM-SHA-256.")
    return cast("SaslMechanism", connection.sasl_mechanism)
