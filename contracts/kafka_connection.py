"""How to reach Kafka, and the one no of its that concerns a record and not the cluster. For everybody who builds a client.

Never imports a Kafka library, and never shows a name or a password.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class RecordRefused(Exception):
    """The broker refuses this very record, also when it travels alone. `index`: its place in what was to be sent."""

    def __init__(self, index: int) -> None:
        super().__init__(f"record {index} of what was to be sent is refused for itself")
        self.index = index


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Where the cluster is and who we are there. ValueError names the field that does not fit the others."""

    bootstrap: tuple[str, ...]
    """`host:port` each."""
    security_protocol: SecurityProtocol = "PLAINTEXT"
    sasl_mechanism: SaslMechanism | None = None
    sasl_username: str | None = field(default=None, repr=False)
    sasl_password: SecretStr | None = None
    ca_file: Path | None = None
    """PEM file of the authority that signed the brokers' certificates; None: the authorities of the operating system."""

    def __post_init__(self) -> None:
        if not self.bootstrap:
            raise ValueError("bootstrap: at least one host:port")
        if self.ca_file and not self.encrypted:
            raise ValueError("ca_file: only with security_protocol SSL or SASL_SSL")
        named = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if self.security_protocol.startswith("SASL") and not all(named):
            raise ValueError("sasl_mechanism, sasl_username, sasl_password: all three with security_protocol SASL_*")

    @property
    def encrypted(self) -> bool:
        """TLS to the brokers."""
        return self.security_protocol.endswith("SSL")

    def ssl_context(self) -> ssl.SSLContext | None:
        """A context that verifies name and chain; None without TLS. OSError when `ca_file` cannot be read."""
        return ssl.create_default_context(cafile=self.ca_file) if self.encrypted else None

    @property
    def password(self) -> str | None:
        """In the clear, for the client alone that sends it."""
        return self.sasl_password.get_secret_value() if self.sasl_password else None

    def client_settings(self) -> dict[str, Any]:
        """The keyword arguments of any aiokafka client."""
        return {
            "bootstrap_servers": list(self.bootstrap),
            "security_protocol": self.security_protocol,
            "ssl_context": self.ssl_context(),
            "sasl_mechanism": self.sasl_mechanism or "PLAIN",
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.password,
        }

    def librdkafka_settings(self) -> dict[str, str]:
        """The configuration of any confluent-kafka client, and of every other that stands on librdkafka."""
        told = {
            "bootstrap.servers": ",".join(self.bootstrap),
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.ca_file) if self.ca_file else None,
        }
        return {name: value for name, value in told.items() if value is not None}
