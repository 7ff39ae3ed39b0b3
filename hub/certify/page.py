"""The certificate as a page."""

from hub.certify.certificate import Certificate


def page(made: Certificate) -> str:
    """One page."""
    return f"<p>{made.messages}</p>"
