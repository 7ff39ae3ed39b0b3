"""The case's name: a keyed hash of patient and office. The only thing that stands for a person in keys, journal and notifications."""

import hmac
from dataclasses import dataclass, field

from schemas.national_id import NationalId


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """HMAC-SHA256 cut to 16 bytes, as `<key version>.<32 hex>`: a new key gives new names, and both can be told apart."""

    key: bytes = field(repr=False)
    version: str = "1"

    def of(self, patient: NationalId, *, office: str) -> str:
        """The case key of this patient at this office (HER-id, level 1 by the register)."""
        return self._name(f"{patient.reveal()}|{office}")

    def of_person(self, patient: NationalId) -> str:
        """The same person at every office: only for what concerns nothing but the person."""
        return self._name(f"person|{patient.reveal()}")

    def of_request(self, msg_id: str) -> str:
        """What names no patient, an AppRec or a communication test, is ordered by the request it answers or is."""
        return self._name(f"request|{msg_id}")

    def _name(self, words: str) -> str:
        return f"{self.version}.{hmac.digest(self.key, words.encode(), 'sha256').hex()[:32]}"
