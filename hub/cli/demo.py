"""`hub demo`: everything on this machine, and the way of each step in a live table."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer
from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table

from hub.cli.running import loop_factory, prepare
from hub.demo import play
from hub.errors import WrongUse
from hub.ground import Ground, standing
from hub.settings import Settings, read_settings
from hub.ways import Way, Ways

_WIDTH: Final = 100
"""Where there is no terminal to say it."""
_COLUMNS: Final = {"Step": 22, "From": 6, "Outcome": 9, "The portal is told": None, "The EPJ gets": 17, "ms": 5}
_FAMILIES: Final = ("delivery", "reply", "appointment", "access", "notification")
_LEGEND: Final = (
    "HLT asks for free slots, RT books, ART cancels, HBT asks for planned visits, HB for practitioners, KT whether the EPJ is there. "
    "AppRec: a receipt. In parentheses: how many, or a code. ms: from the first record to the last, with the office's time to think."
)
_ROWS: Final = 16
"""The most that are looked at to fill a screen."""
_GREEN, _RED, _YELLOW = ("delivered", "answered"), ("rejected", "refused", "not-sent", "timed-out", "broken", "overdue"), ("duplicate",)
_COLOURS: Final = {
    **dict.fromkeys(_GREEN, "green"), **dict.fromkeys(_RED, "red"), **dict.fromkeys(_YELLOW, "yellow"), "set aside": "magenta",
}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the scenario once, print the table and exit.")] = False,
) -> None:
    """Start a broker, a database, the hub, an example portal and example EPJs, and show what becomes of each step until Ctrl-C.

    Example: [bold]hub demo --once[/bold]
    """
    settings, console = read_settings(), Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    if not settings.is_local or settings.database_url is not None:
        raise WrongUse("The demo never writes to a cluster or database of yours: unset HUB_KAFKA_BOOTSTRAP_SERVERS and HUB_DATABASE_URL.")
    with standing(settings, progress=lambda line: console.print(line, style="dim")) as ground:
        asyncio.run(prepare(settings, ground))
        if once:
            _played_once(settings, ground, console)
        else:
            _watched(settings, ground, console)


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def table(ways: Sequence[Way]) -> Table:
    """One row a step: who sends what → outcome → what the portal is told, what the EPJ gets."""
    drawn = Table(
        box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), header_style="bold", title="What became of each step",
        title_justify="left", caption=_LEGEND, caption_justify="left",
    )
    for name, width in _COLUMNS.items():
        drawn.add_column(name, max_width=width, overflow="fold", justify="right" if name == "ms" else "left")
    for way, after in zip(ways, [*ways[1:], None], strict=False):
        outcome = way.outcome or "…"
        drawn.add_row(
            way.name, way.sender, f"[{_COLOURS.get(outcome, 'dim')}]{outcome}[/]", _in_short(way.told), ", ".join(way.answers),
            "" if way.milliseconds is None else str(way.milliseconds), end_section=after is not None and type(after) is not type(way),
        )
    return drawn


def _in_short(told: Mapping[str, str]) -> str:
    """Kinds of one family share its name: `delivery.sent, .accepted, .answered (05)`. How an appointment stands comes after why."""
    families: dict[str, list[str]] = {family: [] for family in _FAMILIES}
    for kind in sorted(told, key="appointment.status".__eq__):
        family, _, what = kind.partition(".")
        families.setdefault(family, []).append(f".{what} ({told[kind]})" if told[kind] else f".{what}")
    return ", ".join(family + ", ".join(whats) for family, whats in families.items() if whats)


class Newest:
    """As many of the newest steps as the screen holds."""

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = ways

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        newest = self._ways[-_ROWS:]
        while len(newest) > 1 and len(console.render_lines(table(newest), options)) >= console.height:
            newest = newest[1:]
        yield table(newest)


def _played_once(settings: Settings, ground: Ground, console: Console) -> None:
    ways = Ways()
    try:
        _run(settings, ground, ways, once=True)
    finally:
        console.print(table(ways.ways))


def _watched(settings: Settings, ground: Ground, console: Console) -> None:
    console.print("Ctrl-C ends it.", style="dim")
    ways = Ways()
    with Live(Newest(ways.ways), console=console, refresh_per_second=4) as live:
        try:
            _run(settings, ground, ways, once=False)
        except KeyboardInterrupt:
            live.refresh()


def _run(settings: Settings, ground: Ground, ways: Ways, *, once: bool) -> None:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(play(settings, ground, ways=ways, once=once))
