"""`hub demo`: everything on this machine, and each message's way in a live table."""

import asyncio
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from hub.cli.running import loop_factory, prepare
from hub.demo import Way, Ways, play
from hub.errors import WrongUse
from hub.ground import Ground, standing
from hub.settings import Settings, read_settings

_ROWS: Final = 18
_COLOURS: Final = {"delivered": "green", "rejected": "red", "refused": "red", "set aside": "magenta", "duplicate": "yellow"}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the scenario once, print the table and exit.")] = False,
) -> None:
    """Start a broker, a database, the hub and an example EPJ, and show what becomes of each message until Ctrl-C.

    Example: [bold]hub demo --once[/bold]
    """
    settings, console = read_settings(), Console(highlight=False)
    if not settings.is_local or settings.database_url is not None:
        raise WrongUse("The demo never writes to a cluster or database of yours: unset HUB_KAFKA_BOOTSTRAP_SERVERS and HUB_DATABASE_URL.")
    with standing(settings, progress=lambda line: console.print(line, style="dim")) as ground:
        asyncio.run(prepare(settings, ground))
        ways = Ways()
        if once:
            _run(settings, ground, ways, once=True, live=None)
            console.print(table(ways.ways))
        else:
            _watched(settings, ground, ways, console)


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def table(ways: list[Way]) -> Table:
    """One row a message: message → outcome → events → receipt."""
    drawn = Table(title="What became of each message", title_justify="left", header_style="bold", expand=True)
    for name in ("Message", "From", "Outcome", "Events", "Receipt", "ms"):
        is_short = name in ("From", "Outcome", "ms")
        drawn.add_column(name, no_wrap=is_short, overflow="fold", justify="right" if name == "ms" else "left")
    for way in ways[-_ROWS:]:
        outcome = way.outcome or "…"
        drawn.add_row(
            way.step.name, way.step.vendor, f"[{_COLOURS.get(outcome, 'dim')}]{outcome}[/]", "\n".join(way.events), "\n".join(way.told),
            "" if way.milliseconds is None else str(way.milliseconds),
        )
    return drawn


def _watched(settings: Settings, ground: Ground, ways: Ways, console: Console) -> None:
    console.print("Ctrl-C ends it.", style="dim")
    with Live(table(ways.ways), console=console, refresh_per_second=4) as live:
        try:
            _run(settings, ground, ways, once=False, live=live)
        except KeyboardInterrupt:
            live.update(table(ways.ways))


def _run(settings: Settings, ground: Ground, ways: Ways, *, once: bool, live: Live | None) -> None:
    def changed() -> None:
        if live:
            live.update(table(ways.ways))

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(play(settings, ground, ways=ways, once=once, changed=changed))
