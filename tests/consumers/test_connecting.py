"""FastStream's broker from our connection."""

import ssl

import pytest
from faststream.kafka.security import parse_security
from pydantic import SecretStr

from consumers.connecting import security_of
from contracts.kafka_connection import KafkaConnection, SaslMechanism, SecurityProtocol

AT = ("127.0.0.1:1",)


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_faststreams_clients_are_the_same_as_ours(protocol: SecurityProtocol, mechanism: SaslMechanism) -> None:
    """Its consumers get the very settings that our producers get."""
    connection = KafkaConnection(AT, protocol, mechanism, "name", SecretStr("word"))
    theirs, ours = parse_security(security_of(connection)), connection.client_settings()
    assert {key: value for key, value in theirs.items() if key != "ssl_context"} == {
        key: ours[key] for key in theirs if key != "ssl_context"
    }
    assert isinstance(theirs["ssl_context"], ssl.SSLContext) is connection.encrypted


def test_without_a_name_only_the_protocol_counts() -> None:
    """PLAINTEXT and SSL."""
    assert parse_security(security_of(KafkaConnection(AT)))["security_protocol"] == "PLAINTEXT"
    assert parse_security(security_of(KafkaConnection(AT, "SSL")))["security_protocol"] == "SSL"
