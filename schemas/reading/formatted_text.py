"""Text that may be formatted: an element of anyType that holds plain text or XHTML 1.1. Never keeps markup. Source: IG 18."""

import re
from collections.abc import Iterator

from lxml import etree

from schemas.places import local_name
from schemas.reading.blocks import Notes, read_text

_BLOCKS = frozenset({"p", "div", "li", "tr"})
_UNSEEN = frozenset({"script", "style", "head"})
_BLANKS = re.compile(r"\s+")
_AROUND_BREAKS = re.compile(r" *\n *")


def read_formatted_text(node: etree._Element, notes: Notes) -> str | None:
    """The text; of XHTML its text with a line break per `br`, `p`, `div`, `li` and `tr`. None when there is none."""
    if not len(node):
        return read_text(node, notes)
    return _AROUND_BREAKS.sub("\n", "".join(_pieces(node))).strip() or None


def _pieces(node: etree._Element) -> Iterator[str]:
    unseen = 0
    for event, element in etree.iterwalk(node, events=("start", "end")):
        name = local_name(str(element.tag)).lower()
        started = event == "start"
        unseen += (1 if started else -1) * (name in _UNSEEN)
        yield _break(name, started=started)
        text = element.text if started else element.tail if element is not node else None
        if text and not unseen:
            yield _BLANKS.sub(" ", text)


def _break(name: str, *, started: bool) -> str:
    if name == "br":
        return "" if started else "\n"
    return "\n" if name in _BLOCKS else ""
