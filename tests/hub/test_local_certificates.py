"""The local secure broker's certificates."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hub.local.certificates import certify


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The authority, and the broker's keystore."""
    return tmp_path / "ca.pem", tmp_path / "keystore.pem"


def test_the_brokers_certificate_is_for_the_loopback_and_by_the_authority(files: tuple[Path, Path]) -> None:
    """A chain that a strict client takes; the key is the broker's alone, and of the authority's nothing is left."""
    authority, keystore = files
    assert certify(*files)
    leaf, root = x509.load_pem_x509_certificates(keystore.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    leaf.verify_directly_issued_by(root)
    assert authority.read_bytes().count(b"BEGIN") == 1
    assert load_pem_private_key(keystore.read_bytes(), None).public_key() == leaf.public_key()
    assert keystore.stat().st_mode & 0o777 == 0o600
    assert ssl.create_default_context(cafile=authority).get_ca_certs()


def test_certificates_that_hold_are_left_and_old_ones_are_made_anew(files: tuple[Path, Path]) -> None:
    """A client that was given the authority keeps it, until shortly before its end."""
    now = datetime.now(UTC)
    assert certify(*files, now=now)
    first = files[0].read_bytes()
    assert not certify(*files, now=now + timedelta(days=300))
    assert files[0].read_bytes() == first
    assert certify(*files, now=now + timedelta(days=360))
    assert files[0].read_bytes() != first


def test_a_file_that_is_no_certificate_is_made_anew(files: tuple[Path, Path]) -> None:
    """Broken or gone."""
    certify(*files)
    files[0].write_text("no certificate", "utf-8")
    assert certify(*files)
    files[1].unlink()
    assert certify(*files)
