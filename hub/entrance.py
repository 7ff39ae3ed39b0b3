"""Who may ask what over HTTP: tokens, each of a role, compared in constant time. Never tells a token, nor which one was nearly right.

On the loopback without tokens everything is open: whoever is on the machine can read more than that. Health is always open there. On any
other address nothing is answered without a token.
"""

import hmac
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import SecretStr

Role = Literal["health", "metrics", "operator"]
SHORTEST: Final = 32
"""Characters of a token."""
_MAY: Final[Mapping[Role, tuple[str, ...]]] = {
    "health": ("/health/",), "metrics": ("/health/", "/metrics"), "operator": ("/",),
}
"""What each role sees: paths by their beginning."""
_OPEN_ON_LOOPBACK: Final = "/health/"
_BEARER: Final = b"bearer "
FORM: Final = f"JSON of roles ({', '.join(get_args(Role))}) and their tokens, each its own, of {SHORTEST} ASCII characters or more"


@dataclass(frozen=True, slots=True)
class Denied:
    """The status and the words of a no."""

    status: int
    words: str


UNKNOWN: Final = Denied(401, "a token is needed: Authorization: Bearer ...")
NOT_YOURS: Final = Denied(403, "this token's role does not see this")


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who may pass. Without tokens only on the loopback; the settings see to that."""

    loopback: bool = True
    tokens: Mapping[Role, SecretStr] = field(default_factory=dict)

    def denies(self, path: str, headers: list[tuple[bytes, bytes]]) -> Denied | None:
        """Why this request is not answered; None: it is. `headers`: their names in small letters, as ASGI has them."""
        if self.loopback and (not self.tokens or path.startswith(_OPEN_ON_LOOPBACK)):
            return None
        role = self._role(headers)
        if role is None:
            return UNKNOWN
        return None if path.startswith(_MAY[role]) else NOT_YOURS

    def _role(self, headers: list[tuple[bytes, bytes]]) -> Role | None:
        given = next((value for name, value in headers if name == b"authorization"), b"")
        token = given[len(_BEARER):] if given[: len(_BEARER)].lower() == _BEARER else b""
        # every token is compared, whichever fits: the time tells nothing
        fits = [role for role, known in self.tokens.items() if hmac.compare_digest(token, known.get_secret_value().encode())]
        return fits[0] if fits else None


def is_loopback(host: str) -> bool:
    """An address, or the name, that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tokens_of(given: object) -> dict[Role, SecretStr]:
    """The tokens of a text of JSON, or of an object already read. ValueError says what is wrong without a word of it."""
    found = _object(given)
    roles = {role: found[role] for role in get_args(Role) if role in found}
    tokens = [token for token in roles.values() if isinstance(token, str) and len(token) >= SHORTEST and token.isascii()]
    if len(roles) != len(found) or len(set(tokens)) != len(found):
        raise ValueError(FORM)
    return {role: SecretStr(token) for role, token in roles.items()}


def tokens_in(file: Path) -> dict[Role, SecretStr]:
    """The same of a file. ValueError also when it cannot be read."""
    try:
        return tokens_of(file.read_text("utf-8"))
    except OSError:
        raise ValueError(FORM) from None


def _object(given: object) -> dict[str, Any]:
    if isinstance(given, dict):
        return {role: token.get_secret_value() if isinstance(token, SecretStr) else token for role, token in given.items()}
    try:
        return dict(json.loads(str(given)).items())
    except (ValueError, AttributeError):  # no JSON, or of something else
        raise ValueError(FORM) from None
