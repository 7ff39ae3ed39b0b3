"""What can be set from outside: the variables HUB_*, read once at the start, frozen.

A wrong one stops the start with its name and what it should be. Its value is never told: it may be a secret, or stand where one should.
"""

import difflib
import os
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from contracts.kafka_connection import KafkaConnection, SaslMechanism, SecurityProtocol
from contracts.topics import INBOX, MAX_INBOX_BYTES
from hub.database_url import for_asyncpg
from hub.entrance import FORM, Entrance, Role, is_loopback, tokens_in, tokens_of
from hub.errors import WrongUse
from hub.faults import DEATHS
from hub.parties import Register, read_register
from hub.pseudonyms import Pseudonyms

PREFIX = "HUB_"
DEMO_REGISTER = Path(__file__).with_name("demo_parties.toml")
_DEMO_KEY = "the demo's key; it protects nobody"
_SHORTEST_KEY = 32
_SHORTEST_KEPT = 180 + INBOX.retention_days
"""Days: the longest process of the standard, and what may stand on an inbox unread."""
_NOT_OURS = frozenset({"HUB_SPEC_DIR"})
_HOST_PORT = r"^([^\s,:/]+|\[[0-9a-fA-F:]+\]):\d{1,5}$"

Server = Annotated[str, Field(pattern=_HOST_PORT)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class SettingWrong(WrongUse):
    """A variable holds what it cannot hold, or is missing."""


class Settings(BaseSettings):
    """One field a variable: HUB_ and the field's name in capitals. The description is the hint a person gets."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    kafka_bootstrap_servers: Annotated[tuple[Server, ...] | None, NoDecode] = Field(
        default=None, min_length=1, description="host:port of one or more brokers, separated by commas; unset: a local broker is started",
    )
    kafka_security_protocol: SecurityProtocol = Field(default="PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    kafka_sasl_mechanism: SaslMechanism | None = Field(default=None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    kafka_username: str | None = Field(default=None, repr=False, description="the user name, with a SASL protocol")
    kafka_password: SecretStr | None = Field(default=None, description="the password, with a SASL protocol")
    kafka_ca_file: Path | None = Field(default=None, description="a PEM file of the authority that signed the brokers' certificates")
    database_url: SecretStr | None = Field(
        default=None, description="postgresql://user:password@host:port/database; unset: a local PostgreSQL is started",
    )
    data_dir: Path = Field(default=Path(".hub"), description="the folder of the local broker and database")
    parties_file: Path | None = Field(default=None, description=(
        "the register of parties, a TOML file that every start publishes; unset: the demo's with a local broker, else the topic's"
    ))
    pseudonym_key: SecretStr = Field(
        default=SecretStr(_DEMO_KEY), min_length=_SHORTEST_KEY,
        description=f"the secret under which cases are named, at least {_SHORTEST_KEY} characters; never change it without its version",
    )
    pseudonym_key_version: str = Field(default="1", pattern=r"^[a-z0-9]{1,8}$", description="1 to 8 small letters or digits")
    previous_pseudonym_key: SecretStr | None = Field(
        default=None, min_length=_SHORTEST_KEY, description="only for hub pseudonyms rotate: the key that named the cases so far",
    )
    previous_pseudonym_key_version: str = Field(
        default="1", pattern=r"^[a-z0-9]{1,8}$", description="only for hub pseudonyms rotate: that key's version",
    )
    max_message_bytes: int = Field(
        default=MAX_INBOX_BYTES, ge=1_000, le=MAX_INBOX_BYTES, description=f"a whole number from 1000 to {MAX_INBOX_BYTES}",
    )
    http_host: str = Field(
        default="127.0.0.1", min_length=1, description="the address of health and metrics; any but the loopback needs tokens",
    )
    http_port: Port = Field(default=8085, description="a port from 1 to 65535")
    http_tokens: Annotated[dict[Role, SecretStr], NoDecode] = Field(default_factory=dict, repr=False, description=FORM)
    http_tokens_file: Path | None = Field(default=None, description="the same in a file, instead; read once at the start")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="debug, info, warning or error")
    log_format: Literal["json", "console"] = Field(default="json", description="json or console")
    combination_rule: Literal["strict", "warn", "tolerant"] = Field(default="warn", description="strict, warn or tolerant")
    citizens: Literal["not asked", "asked"] = Field(
        default="not asked", description="asked: messages and commands only for whom the portal says is digitally active; or: not asked",
    )
    receipt_within_minutes: int = Field(default=240, ge=1, le=10_080, description="a whole number from 1 to 10080")
    word_within_days: int = Field(default=5, ge=1, le=400, description="a whole number from 1 to 400")
    keep_days: int = Field(default=400, ge=_SHORTEST_KEPT, le=4_000, description=(
        f"a whole number from {_SHORTEST_KEPT} to 4000, and at least 14 days more than HUB_WORD_WITHIN_DAYS: "
        "so long it is known that a message was there"
    ))
    group_prefix: str = Field(default="hub", pattern=r"^[a-z0-9][a-z0-9-]*$", description="small letters, digits and hyphens")
    vendor_producer_byte_rate: int = Field(
        default=2_097_152, ge=100_000, le=1_000_000_000,
        description="bytes a second that a new vendor may write to each broker, a whole number from 100000 to 1000000000",
    )
    vendor_consumer_byte_rate: int = Field(
        default=4_194_304, ge=100_000, le=1_000_000_000,
        description="bytes a second that a new vendor may read from each broker, a whole number from 100000 to 1000000000",
    )
    vendor_request_percentage: int = Field(
        default=25, ge=1, le=1_000,
        description="of one thread of each broker, for all of a new vendor's requests, a whole number from 1 to 1000",
    )
    lane_max_records: int = Field(default=500, ge=1, le=10_000, description="a whole number from 1 to 10000")
    lane_max_bytes: int = Field(default=8_388_608, ge=1_000_000, le=268_435_456, description="a whole number from 1000000 to 268435456")
    deaths_of_one_message: int = Field(default=DEATHS, ge=2, le=100, description="a whole number from 2 to 100")
    transaction_timeout_ms: int = Field(default=60_000, ge=5_000, le=900_000, description="a whole number from 5000 to 900000")

    @field_validator("kafka_bootstrap_servers", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",")) if isinstance(given, str) else given

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, given: SecretStr | None) -> SecretStr | None:
        return SecretStr(for_asyncpg(given.get_secret_value())) if given else None

    @field_validator("http_tokens", mode="before")
    @classmethod
    def _are_tokens(cls, given: object) -> object:
        return tokens_of(given)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for broken, told in _TOGETHER:
            if broken(self):
                raise ValueError(told)
        return self

    @property
    def is_local(self) -> bool:
        """No cluster is named: a broker is started here."""
        return self.kafka_bootstrap_servers is None

    def kafka_connection(self, local: str = "") -> KafkaConnection:
        """How to reach the cluster; `local` is the local broker's address, used when no cluster is named."""
        if self.kafka_bootstrap_servers is None:
            return KafkaConnection((local,))
        return KafkaConnection(
            self.kafka_bootstrap_servers, self.kafka_security_protocol, self.kafka_sasl_mechanism, self.kafka_username,
            self.kafka_password, self.kafka_ca_file,
        )

    def pseudonyms(self) -> Pseudonyms:
        """What names the cases."""
        return Pseudonyms(self.pseudonym_key.get_secret_value().encode(), self.pseudonym_key_version)

    def previous_pseudonyms(self) -> Pseudonyms:
        """What named the cases before. Raises SettingWrong where nobody says."""
        if self.previous_pseudonym_key is None:
            raise SettingWrong("HUB_PREVIOUS_PSEUDONYM_KEY: needed, the key under which the cases are named so far")
        return Pseudonyms(self.previous_pseudonym_key.get_secret_value().encode(), self.previous_pseudonym_key_version)

    def entrance(self) -> Entrance:
        """Who may ask over HTTP. Raises SettingWrong when the file of tokens cannot be read."""
        if self.http_tokens_file is None:
            return Entrance(is_loopback(self.http_host), self.http_tokens)
        try:
            return Entrance(is_loopback(self.http_host), tokens_in(self.http_tokens_file))
        except ValueError as wrong:
            raise SettingWrong(f"HUB_HTTP_TOKENS_FILE: must hold {wrong}") from None

    @property
    def names_register(self) -> bool:
        """There is a file that is the register's source; otherwise it is the topic alone."""
        return self.parties_file is not None or self.is_local

    def register(self) -> Register:
        """The parties of the file that is named, else the demo's. Raises RegisterUnreadable."""
        return read_register(self.parties_file or DEMO_REGISTER)


def _lacks_sasl(given: Settings) -> bool:
    named = (given.kafka_sasl_mechanism, given.kafka_username, given.kafka_password)
    return given.kafka_security_protocol.startswith("SASL") and not all(named)


def _holds_certificates(file: Path) -> bool:
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # of what is no PEM as well: ssl.SSLError is one
        return False
    return True


_TOGETHER: tuple[tuple[Callable[[Settings], bool], str], ...] = (
    (_lacks_sasl, "HUB_KAFKA_SASL_MECHANISM, HUB_KAFKA_USERNAME, HUB_KAFKA_PASSWORD: all three with a SASL protocol"),
    (lambda given: bool(given.kafka_ca_file) and not given.kafka_security_protocol.endswith("SSL"),
     "HUB_KAFKA_CA_FILE: only with HUB_KAFKA_SECURITY_PROTOCOL SSL or SASL_SSL"),
    (lambda given: bool(given.kafka_ca_file) and not (given.kafka_ca_file or Path()).is_file(),
     "HUB_KAFKA_CA_FILE: there is no such file"),
    (lambda given: given.keep_days < given.word_within_days + INBOX.retention_days,
     f"HUB_KEEP_DAYS: at least {INBOX.retention_days} days more than HUB_WORD_WITHIN_DAYS"),
    (lambda given: bool(given.kafka_ca_file) and not _holds_certificates(given.kafka_ca_file or Path()),
     "HUB_KAFKA_CA_FILE: the file holds no certificates in PEM"),
    (lambda given: bool(given.http_tokens) and given.http_tokens_file is not None, "HUB_HTTP_TOKENS or HUB_HTTP_TOKENS_FILE: not both"),
    (lambda given: not (is_loopback(given.http_host) or given.http_tokens or given.http_tokens_file),
     "HUB_HTTP_TOKENS or HUB_HTTP_TOKENS_FILE: needed with a HUB_HTTP_HOST that others reach"),
    (lambda given: not given.is_local and given.pseudonym_key.get_secret_value() == _DEMO_KEY,
     f"HUB_PSEUDONYM_KEY: needed with a cluster of your own, a secret of at least {_SHORTEST_KEY} characters"),
)


def read_settings() -> Settings:
    """Read the environment. Raises SettingWrong with every fault, one a line."""
    _refuse_misspelt(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingWrong("\n".join(sorted({_told(fault) for fault in error.errors()}))) from None


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _told(fault: Any) -> str:
    # pydantic's own words may quote what was given: ours are the description, or a sentence of _TOGETHER
    if not fault["loc"]:
        return str(fault["ctx"]["error"])
    name = str(fault["loc"][0])
    return f"{_variable(name)}: must be {Settings.model_fields[name].description}"


def _refuse_misspelt(names: Iterable[str]) -> None:
    # only what is almost one of ours: a cluster's own machinery may set HUB_* for reasons of its own
    known = [_variable(name) for name in Settings.model_fields]
    for name in names:
        if not name.startswith(PREFIX) or name in known or name in _NOT_OURS:
            continue
        if almost := difflib.get_close_matches(name, known, n=1, cutoff=0.85):
            raise SettingWrong(f"{name}: there is no such setting; {almost[0]} is meant?")
