"""What a person names on the command line: files, and folders of XML. Each that cannot be used is one clear line. Never writes."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.errors import WrongUse

LARGEST: Final = 256_000_000
"""Bytes: what is larger holds more messages than a person looks at."""
_BEGINS_AS_XML: Final = re.compile(rb"[\s\0\xef\xbb\xbf\xff\xfe]*<")
"""Blanks and a byte order mark, in one, two or four bytes a character."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LOOKED_AT: Final = 4096
"""Bytes from the beginning that tell a text from a picture."""


class FileUnusable(WrongUse):
    """A path that is not there, cannot be read, or holds nothing for us."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, in order, and a line for every path that gives none."""

    files: tuple[Path, ...]
    unusable: tuple[str, ...]


def find_files(paths: Iterable[Path]) -> Found:
    """A file as it is named, whatever it is called; of a folder every *.xml below it, sorted."""
    files: list[Path] = []
    unusable: list[str] = []
    for path in paths:
        try:
            files += _files_of(path)
        except FileUnusable as error:
            unusable.append(str(error))
    return Found(tuple(dict.fromkeys(files)), tuple(unusable))


def read_file(path: Path) -> bytes:
    """All of it. Raises FileUnusable."""
    try:
        if path.stat().st_size > LARGEST:
            raise FileUnusable(f"{path}: larger than {LARGEST} bytes")
        return path.read_bytes()
    except OSError as error:
        raise FileUnusable(f"{path}: cannot be read ({error.strerror})") from error


def is_text(body: bytes) -> bool:
    """It begins as XML does, or is text at least, so that what is wrong with it has a place; else it is a picture, an archive, whatever."""
    return _BEGINS_AS_XML.match(body) is not None or _is_utf_8(body[:_LOOKED_AT])


def _is_utf_8(beginning: bytes) -> bool:
    try:
        return _CONTROL.search(getincrementaldecoder("utf-8")().decode(beginning)) is None
    except UnicodeDecodeError:
        return False


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return _in_folder(path)
    if path.is_file():
        return [path]
    raise FileUnusable(f"{path}: {'neither a file nor a folder' if path.exists() else 'there is no such file or folder'}")


def _in_folder(folder: Path) -> list[Path]:
    if found := sorted(_xml_below(folder)):
        return found
    raise FileUnusable(f"{folder}: no file in this folder ends in .xml")


def _xml_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix.lower() == ".xml" and path.is_file())
