"""`hub check`: what the hub would make of a file, offline. For people it shows no value of a message; `--json` shows events and receipt."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from contracts.failures import Outcome
from hub.check import NOBODY, Result, Story, check_bytes
from hub.errors import WrongUse
from hub.files import FileUnusable, find_files, is_text, read_file
from hub.reading import Combination, Desk
from hub.settings import Settings, read_settings
from schemas.leniencies import Leniency

_STYLES: Final = {Outcome.DELIVERED: ("✓", "green"), Outcome.DUPLICATE: ("=", "yellow"), Outcome.SET_ASIDE: ("!", "magenta")}
_NOT_DELIVERED: Final = ("✗", "red")
_FORGIVEN: Final = {leniency.id: leniency for leniency in Leniency}
_SOME_NOT, _WRONG_USE = 1, 2

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders: then every *.xml below them.", show_default=False)]
Vendor = Annotated[str | None, typer.Option(help="Check parties too, as if it came on this vendor's inbox. Without: no party is checked.")]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON for every message.")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it is taken to arrive, ISO 8601 with a zone. Without: now.")]
AsStory = Annotated[bool, typer.Option("--story", help="Messages meet what those before them left behind. Without: each stands alone.")]


def check(
    path: Paths, vendor: Vendor = None, as_json: Json = False, at: At = None, story: AsStory = False,
) -> None:
    """See what the hub makes of messages, with no broker and no database: outcome, what to mend, events, receipt.

    Example: [bold]hub check broken.xml more/ --vendor fjord[/bold]

    With --json one line a message, with the message's person data:
    file, outcome (delivered, rejected, refused, set aside; in a story also duplicate),
    process, code, path, line, hint (nb, en), leniencies,
    events (each topic, type, key, data), receipt (XML or null).

    Exit 0: all delivered. 1: some not. 2: wrong use, such as a path that is not there.
    """
    settings = read_settings()
    found = find_files(path)
    unusable = list(found.unusable)
    checking = _Checking(_desk(settings, vendor), _time(at), vendor or NOBODY, Story() if story else None)
    counted: Counter[Outcome] = Counter()
    for result, is_xml in checking.results(found.files, unusable):
        counted[result.outcome] += 1
        _print_json(result) if as_json else _print(result, is_xml=is_xml)
    if counted and not as_json:
        Console(highlight=False).print(", ".join(f"{count} {outcome.value}" for outcome, count in counted.items()) + ".")
    _tell(unusable)
    raise typer.Exit(_WRONG_USE if unusable else _SOME_NOT * bool(counted.keys() - {Outcome.DELIVERED}))


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


class _Checking:
    """One invocation."""

    def __init__(self, desk: Desk, at: datetime, vendor: str, story: Story | None) -> None:
        self._desk, self._at, self._vendor, self._story = desk, at, vendor, story

    def results(self, files: Iterable[Path], unusable: list[str]) -> Iterator[tuple[Result, bool]]:
        """Of every file, and whether it is text at all; one that cannot be read becomes a line of `unusable`."""
        for path in files:
            try:
                body = read_file(path)
            except FileUnusable as error:
                unusable.append(str(error))
                continue
            results = check_bytes(body, desk=self._desk, at=self._at, file=str(path), vendor=self._vendor, story=self._story)
            yield from zip(results, repeat(is_text(body)), strict=False)


def _desk(settings: Settings, vendor: str | None) -> Desk:
    register = settings.register() if vendor else None
    if register and vendor not in register.vendors:
        raise WrongUse(f"--vendor: the register has no vendor of that name. It has: {', '.join(register.vendors)}")
    return Desk(settings.pseudonyms(), register, Combination(settings.combination_rule), settings.max_message_bytes)


def _time(given: str | None) -> datetime:
    if given is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise WrongUse("--at: must be a time as ISO 8601 has it, such as 2026-01-15T08:00:00+01:00") from None
    if at.tzinfo is None:
        raise WrongUse("--at: must have a zone, such as 2026-01-15T08:00:00+01:00")
    return at.astimezone(UTC)


# for people

def _print(result: Result, *, is_xml: bool) -> None:
    mark, style = _STYLES.get(result.outcome, _NOT_DELIVERED)
    console = Console(highlight=False, soft_wrap=True)
    head = Text.assemble((f"{mark} {result.outcome.value}", f"bold {style}"), "  ", (result.file, "bold"))
    if not is_xml:
        console.print(head.append(": not XML"))
        return
    console.print(head.append("  ").append(_kind(result)))
    for label, line in _lines(result):
        console.print(Text.assemble((f"    {label:<8} ", "dim"), line))


def _kind(result: Result) -> str:
    return "  ".join(word for word in (result.process, result.code) if word)


def _lines(result: Result) -> Iterator[tuple[str, str]]:
    failure = result.failure
    if failure:
        where = (failure.path, f"line {failure.line}" if failure.line else None)
        yield from (("at", " ".join(filter(None, where))),) if any(where) else ()
        yield "en", failure.hint.en
        yield "nb", failure.hint.nb
    if result.fault:
        yield "fault", result.fault
    yield from (("forgiven", f"{name}: {_FORGIVEN[name].en} {_FORGIVEN[name].nb}") for name in result.leniencies)
    yield from (("event", f"{event.type} on {event.topic}") for event in result.events)
    if result.receipt:
        yield "receipt", f"AppRec, {f'negative, {failure.code}' if failure else 'positive'}"


def _print_json(result: Result) -> None:
    typer.echo(json.dumps(result.as_json(), ensure_ascii=False))


def _tell(unusable: Iterable[str]) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for line in unusable:
        console.print(line, style="red", markup=False)
