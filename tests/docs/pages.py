"""The repository's Markdown, taken apart: links, anchors, headings, code blocks. Never follows a link out of the repository."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import ROOT

_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_NAMED = re.compile(r'<a id="([^"]+)">')
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def pages(root: Path = ROOT) -> list[Path]:
    """Every page for people: those at the top, and docs/."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def blocks(text: str) -> list[str]:
    """What stands in fences, in order."""
    return _FENCE.findall(text)


def links(text: str) -> list[str]:
    """The targets of all links outside of code."""
    targets = _LINK.findall(_FENCE.sub("", text))
    return [target for target in targets if not target.startswith(("https:", "http:", "mailto:"))]


def anchors(text: str) -> set[str]:
    """What a link may name after #: headings as a forge names them, and names given."""
    prose = _FENCE.sub("", text)
    return {_anchor(heading) for heading in _HEADING.findall(prose)} | set(_NAMED.findall(prose))


def dead_links(page: Path) -> Iterator[str]:
    """Links of this page that lead nowhere."""
    for target in links(page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors(there.read_text("utf-8"))):
            yield target


def spans(text: str) -> list[str]:
    """What stands in single backquotes, without them."""
    return [span.strip("`") for span in _SPAN.findall(_FENCE.sub("", text))]


def _anchor(heading: str) -> str:
    return _NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")
