"""Certificates of the local secure broker: an authority of its own, whose key is forgotten once it has signed. Never for production."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.local.ports import LOOPBACK
from hub.secret_files import write_secret

_LASTS: Final = timedelta(days=365)
_RENEWED_BEFORE: Final = timedelta(days=7)
_SIGNS: Final = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
    key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
)


def certify(authority: Path, keystore: Path, *, now: datetime | None = None) -> bool:
    """Make both files, in PEM: the authority's certificate, and the broker's key with its certificate (0600). Whether it made them.

    Left alone as long as they hold for a week. Clients must be given the new authority when they are made anew.
    """
    at = now or datetime.now(UTC)
    if keystore.exists() and _holds(authority, at):
        return False
    for file in (authority, keystore):
        file.unlink(missing_ok=True)
    signing, own = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    root = _root(signing, at)
    leaf = _leaf(own, root, signing, at)
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # Kafka reads no other form
    write_secret(keystore, "".join(part.decode() for part in (key, leaf.public_bytes(Encoding.PEM), root.public_bytes(Encoding.PEM))))
    authority.write_bytes(root.public_bytes(Encoding.PEM))
    return True


def _holds(authority: Path, at: datetime) -> bool:
    try:
        held = x509.load_pem_x509_certificate(authority.read_bytes())
    except (OSError, ValueError):
        return False
    return at < held.not_valid_after_utc - _RENEWED_BEFORE


def _root(key: EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    name = _named("the local broker's authority")
    builder = _begun(name, name, key, at).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(_SIGNS, critical=True).sign(key, SHA256())


def _leaf(
    key: EllipticCurvePrivateKey, root: x509.Certificate, signing: EllipticCurvePrivateKey, at: datetime,
) -> x509.Certificate:
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    return (
        _begun(_named("the local broker"), root.subject, key, at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        # the broker is a client of its own controller too
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signing, SHA256())
    )


def _begun(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, at: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(issuer).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1)).not_valid_after(at + _LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
