"""FastStream's broker from our one description of the cluster. Consumes only: what we produce has producers of its own."""

from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from contracts.kafka_connection import KafkaConnection, SaslMechanism

METADATA_MAX_AGE_MS = 10_000
"""How long until a new vendor's inbox is seen."""

_SASL: dict[SaslMechanism, type[SASLPlaintext] | type[SASLScram256] | type[SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def kafka_broker(connection: KafkaConnection, *, client_id: str = "hub", metadata_max_age_ms: int = METADATA_MAX_AGE_MS) -> KafkaBroker:
    """A broker for subscribers alone: it makes no topics, has no producer, no admin client, and logs nothing of its own."""
    return KafkaBroker(
        list(connection.bootstrap),  # a list: "a,b" would not be split
        security=security_of(connection),
        client_id=client_id,
        metadata_max_age_ms=metadata_max_age_ms,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        logger=None,
    )


def security_of(connection: KafkaConnection) -> BaseSecurity:
    """The same, in FastStream's words."""
    context, encrypted = connection.ssl_context(), connection.encrypted
    if not connection.sasl_mechanism:
        return BaseSecurity(ssl_context=context, use_ssl=encrypted)
    security = _SASL[connection.sasl_mechanism]
    name, password = connection.sasl_username or "", connection.password or ""
    return security(name, password, ssl_context=context, use_ssl=encrypted)
