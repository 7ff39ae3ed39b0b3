"""`hub certify`: the worst day, made by hand, and what became of every message in it."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from hub.errors import WrongUse

Minutes = Annotated[float | None, typer.Option(
    min=0.5, max=1_440, show_default=False, help="How long is sent; small: 1.25 with one node, 1.75 with three; large: 20, 24.",
)]
Seed = Annotated[int, typer.Option(help="The same seed, minutes, scale and nodes do the same harm.")]
Size = Annotated[Literal["small", "large"], typer.Option(help="small: some thousand messages; large: more than 300,000.")]
Nodes = Annotated[int, typer.Option(help="Brokers: 1, or 3 with everything kept three times.")]
Out = Annotated[Path | None, typer.Option(
    file_okay=False, show_default=False, help="Where certificate.json and certificate.html are written; unset: they are not.",
)]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the folder of brokers, database and workers, with their logs.")]


def certify(
    minutes: Minutes = None, seed: Seed = 20_260_115, scale: Size = "small", nodes: Nodes = 1, out: Out = None, keep: Keep = False,
) -> None:
    """Show that nothing is lost, doubled or out of order, whatever breaks: drive messages through the hub, do harm, and judge.

    Starts brokers, a database and workers of its own, kills, stops, fills and crowds them by a seeded schedule, and reads what is left.
    It never touches a cluster or database of yours. Ctrl-C ends it with all it started.

    Example: [bold]hub certify --scale small --nodes 3 --out docs/reliability/three-nodes[/bold]

    Exit 0: every count is zero. 1: something was found, or the run could not be done.
    """
    if nodes not in (1, 3):
        raise WrongUse("--nodes: 1 or 3")
    console = Console(highlight=False, soft_wrap=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        is_clean = _certified(minutes, seed=seed, scale=scale, nodes=nodes, out=out, keep=keep, console=console)
    except KeyboardInterrupt:
        console.print("Interrupted. Everything that was started has ended.")
        raise typer.Exit(130) from None
    raise typer.Exit(int(not is_clean))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("certify")(certify)


def _certified(
    minutes: float | None, *, seed: int, scale: Literal["small", "large"], nodes: int, out: Path | None, keep: bool, console: Console,
) -> bool:
    from hub.certify import certificate, ground, page, run  # brokers, database and XML: a second of every command's start

    order = run.Order(minutes or run.MINUTES[scale, nodes], seed, scale, nodes)
    amounts = order.amounts
    console.print(
        f"certificate: scale {scale}, {nodes} node{'s' * (nodes > 1)}, seed {seed}, {order.minutes:g} minutes, {len(order.harms)} harms; "
        f"{amounts.pushes} messages, {amounts.questions} questions, {amounts.bookings} bookings, and what follows from them",
    )
    with ground.standing(nodes=nodes, keep=keep, progress=lambda words: console.print(words, style="dim")) as stood:
        if keep:
            console.print(f"kept: {stood.folder}", style="dim")
        outcome = asyncio.run(run.run(order, stood, console.print))
    console.print("judging")
    made = certificate.certificate(order, outcome)
    for name, found in made.verdict.faults.items():
        console.print(f"  {name}: {len(found)}, such as {', '.join(found[: certificate.EXAMPLES])}", markup=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "certificate.json").write_text(json.dumps(certificate.document(made), indent=2) + "\n", "utf-8")
        (out / "certificate.html").write_text(page.page(made), "utf-8")
        console.print(f"written: {out / 'certificate.json'}, {out / 'certificate.html'}")
    console.print(certificate.line(made), markup=False)
    return made.is_clean
