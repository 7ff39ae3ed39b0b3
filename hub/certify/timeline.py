"""The picture of a certificate: throughput above, and below it a line for each kind of harm, on one axis of seconds. SVG as text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Final

from checker.delays import Flow

_WIDTH, _LABELS, _RIGHT = 1_040, 232, 16
_TOP, _HEIGHT, _GAP, _ROW = 14, 170, 34, 20
_BINS: Final = 260
"""As many points a curve has at most."""
_NARROWEST: Final = 3.0
_STEPS: Final = (10, 30, 60, 120, 300, 600)
_TICKS: Final = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """A harm: which kind, and from when to when, in seconds."""

    what: str
    began: float
    ended: float


def timeline(flow: Sequence[Flow], marks: Sequence[Mark]) -> str:
    """The whole picture."""
    if not flow:
        return "<p>Nothing was sent.</p>"
    return "".join(_drawn(_Axis(flow[-1].second + 1), flow, marks))


@dataclass(frozen=True, slots=True)
class _Axis:
    seconds: int

    def x(self, second: float) -> float:
        """Where a second is."""
        return _LABELS + (_WIDTH - _LABELS - _RIGHT) * min(max(second, 0), self.seconds) / self.seconds


def _drawn(axis: _Axis, flow: Sequence[Flow], marks: Sequence[Mark]) -> Iterator[str]:
    kinds = list(dict.fromkeys(mark.what for mark in marks))
    rows = _TOP + _HEIGHT + _GAP
    height = rows + _ROW * len(kinds) + 6
    binned = list(_binned(flow))
    highest = max(1.0, *(max(sent, left) for _, sent, left in binned))
    yield f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Records sent and told each second, and the harm done meanwhile">'
    yield from _ticks(axis, height)
    yield _area(axis, [(at, sent) for at, sent, _ in binned], highest, "var(--sent)", ".55")
    yield _area(axis, [(at, left) for at, _, left in binned], highest, "var(--left)", ".75")
    yield f'<text x="{_LABELS - 10}" y="{_TOP + 6}" text-anchor="end" fill="var(--soft)">{highest:.0f} a second</text>'
    for at, kind in enumerate(kinds):
        yield from _row(axis, rows + _ROW * at, kind, [mark for mark in marks if mark.what == kind])
    yield "</svg>"


def _binned(flow: Sequence[Flow]) -> Iterator[tuple[int, float, float]]:
    size = len(flow) // _BINS + 1
    rest = iter(flow)
    while some := list(islice(rest, size)):
        yield some[0].second, sum(each.sent for each in some) / len(some), sum(each.left for each in some) / len(some)


def _area(axis: _Axis, points: Iterable[tuple[float, float]], highest: float, colour: str, opacity: str) -> str:
    ground, at = _TOP + _HEIGHT, [(axis.x(second), _TOP + _HEIGHT * (1 - value / highest)) for second, value in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(at[0][0], ground), *at, (at[-1][0], ground)])
    return f'<polygon points="{path}" fill="{colour}" fill-opacity="{opacity}"/>'


def _ticks(axis: _Axis, height: int) -> Iterator[str]:
    step = next((step for step in _STEPS if axis.seconds / step <= _TICKS), _STEPS[-1] * 2)
    for second in range(0, axis.seconds + 1, step):
        x = axis.x(second)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{height}" stroke="var(--line)"/>'
        yield f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle" fill="var(--soft)">{_clock(second)}</text>'


def _clock(second: int) -> str:
    return f"{second // 60}:{second % 60:02}"


def _row(axis: _Axis, y: int, kind: str, marks: Iterable[Mark]) -> Iterator[str]:
    yield f'<text x="{_LABELS - 10}" y="{y + 14}" text-anchor="end" fill="currentColor">{escape(kind)}</text>'
    for mark in marks:
        x, width = axis.x(mark.began), max(_NARROWEST, axis.x(mark.ended) - axis.x(mark.began))
        yield f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 7}" rx="2" fill="var(--harm)"/>'
