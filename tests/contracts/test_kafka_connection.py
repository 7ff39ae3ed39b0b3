"""How to reach Kafka."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.kafka_connection import KafkaConnection

AT = ("127.0.0.1:1",)


def test_a_connection_shows_neither_name_nor_password() -> None:
    """Its repr can be logged."""
    shown = repr(KafkaConnection(AT, "SASL_SSL", "SCRAM-SHA-512", "the name", SecretStr("the word")))
    assert "the name" not in shown
    assert "the word" not in shown


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"bootstrap": ()}, "bootstrap"),
        ({"ca_file": Path("ca.pem")}, "ca_file"),
        ({"security_protocol": "SASL_SSL"}, "sasl_mechanism"),
        ({"security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_username": "name"}, "sasl_password"),
    ],
)
def test_a_connection_that_cannot_be_meant_is_refused(settings: dict[str, Any], field: str) -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match=field):
        KafkaConnection(**({"bootstrap": AT} | settings))


def test_tls_verifies_the_broker() -> None:
    """Chain and name; without TLS there is no context."""
    context = KafkaConnection(AT, "SSL").client_settings()["ssl_context"]
    assert context.check_hostname
    assert KafkaConnection(AT).client_settings()["ssl_context"] is None


def test_an_authority_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """OSError, before any client is made."""
    with pytest.raises(OSError, match="No such file"):
        KafkaConnection(AT, "SSL", ca_file=tmp_path / "none.pem").client_settings()


def test_a_client_of_librdkafka_is_told_what_is_known_and_nothing_else() -> None:
    """Its names, one string each; without a name or an authority it hears of neither."""
    assert KafkaConnection(("a:1", "b:2")).librdkafka_settings() == {"bootstrap.servers": "a:1,b:2", "security.protocol": "PLAINTEXT"}
    secured = KafkaConnection(AT, "SASL_SSL", "SCRAM-SHA-512", "name", SecretStr("word"), Path("ca.pem"))
    assert secured.librdkafka_settings() == {
        "bootstrap.servers": AT[0], "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "name",
        "sasl.password": "word", "ssl.ca.location": "ca.pem",
    }
