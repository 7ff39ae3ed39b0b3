"""The code lists, one per file under Norwegian name and Volven number. Only they spell a list's number or OID.

Says what codes there are and what they are called; never which of them is legal where.
"""

from enum import StrEnum
from typing import Self


class Kodeverk(StrEnum):
    """A code list. A member equals its code as text; its docstring and `tekst` are the official text."""

    tekst: str

    def __new__(cls, code: str, tekst: str = "") -> Self:
        """A member of this code and official text; the member of a code when called with the code alone. ValueError for an unknown one."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.tekst = member.__doc__ = tekst
        return member
