"""`python -m hub.cli.docs`: writes the pages of docs/ that are tables of the code: failure codes, refusals, processes, rights, settings.

With `--check` it writes nothing and says which page is stale; the tests do the same. It never reads a message or a setting's value.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from contracts.failures import Outcome, Rule
from contracts.refusals import Refusal
from contracts.rights import Principal, Right, principals
from contracts.topics import COMMANDS, DELIVERIES, ERRORS, REPLIES, TOPICS, VENDOR, VENDORS_PREFIX, of_vendor
from hub.processes import PROCESSES, ROWS, Need, Process, Row
from hub.settings import PREFIX, Settings
from schemas.kodeverk.feilmelding_8221 import Feilmelding8221
from schemas.leniencies import Leniency

DOCS: Final = Path(__file__).resolve().parent.parent.parent / "docs"
_GENERATED: Final = "<!-- Generated: python -m hub.cli.docs. Change {source}, not this page. -->"
_PARTS: Final = {
    "conversation": "ConversationRef", "xcal": "xCal", "helsepersonell": "Helsepersonell", "pasientrelasjon": "Pasientrelasjon",
    "vedlegg": "attachment",
}

_RECEIPT: Final = (
    "The sender, in a negative AppRec on its outbox; where none may be sent (a synchronous message, `Ack` N, an AppRec), as "
    "`transport:xml-not-interpretable` on its errors topic. Operators, in a letter (fault: sender; an AppRec's: door) and in the journal."
)
_DOOR: Final = (
    "The vendor, on its errors topic. Operators, in a letter (fault: door) and in the journal. No claim: the same MsgId may come again."
)
_SEEN: Final = {
    Rule.SET_ASIDE: "Operators alone, in a letter (fault: hub), in the journal and in the metrics. The sender hears nothing yet.",
    Rule.DISCARDED: "The sender, in a negative AppRec; where none can be addressed or none is wanted, on its errors topic.",
    Rule.MSG_ID_USED_TWICE: (
        "The vendor, as `notice:msg-id-used-twice` on its errors topic: the code is in no AppRec, since the first message with this MsgId "
        "has its answer. The journal has it as a duplicate."
    ),
    Rule.NOT_ALLOWED: (
        "By HUB_COMBINATION_RULE. `strict`: as any rejection. `warn`: delivered, and the vendor is told `notice:not-allowed` on its errors "
        "topic. `tolerant`: delivered, named as the leniency `part-not-allowed`. A message with two Dialogmelding is always rejected."
    ),
}


def pages() -> dict[str, str]:
    """Every generated page: name below docs/ → text."""
    made = {
        "failure-codes.md": _failure_codes(), "refusals.md": _refusals(), "processes.md": _processes(), "rights.md": _rights(),
        "settings.md": _settings(),
    }
    return {name: _page(lines) for name, lines in made.items()}


def stale(folder: Path = DOCS) -> list[str]:
    """The names of the pages that are missing or are not what the code says."""
    return [name for name, text in pages().items() if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text]


def write(folder: Path = DOCS) -> None:
    """Write every page."""
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield _line(head)
    yield _line(["---"] * len(head))
    yield from map(_line, rows)


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


# failure codes

def _failure_codes() -> Iterator[str]:
    yield _GENERATED.format(source="contracts/failures.py or schemas/leniencies.py")
    yield from (
        "# Failure codes: every no, and what is forgiven", "",
        "A no has a stable id, a code on the wire, a place (`path`, `line`) and a hint. It never holds a value of the message.",
        f"Codes with a colon are transport errors on `{ERRORS.name}`; the others are codes of 8221 in a negative AppRec.",
        "`…` in a hint is what a schema or table expected.",
        "", "## By code", "",
    )
    codes = sorted({rule.code for rule in Rule}, key=lambda code: (":" in code, code))
    yield from _table(("Code", "Official text", "Rules"), ((f"`{code}`", _official(code), _links(code)) for code in codes))
    for rule in Rule:
        yield from _rule(rule)
    yield from ("", "## What is forgiven", "")
    yield from ("Named with the outcome: in the journal, and by `hub check`. A message is never refused for these.", "")
    rows = ((f'<a id="{one.id}"></a>`{one.id}`', one.en, one.nb) for one in Leniency)
    yield from _table(("Leniency", "English", "Norsk"), rows)


def _rule(rule: Rule) -> Iterator[str]:
    yield from ("", f"## {rule.id}", "")
    yield from _table(("", ""), (
        ("Code", f"`{rule.code}`"), ("Outcome", _outcome(rule)), ("Who sees it", _seen(rule)),
        ("English", rule.en.format(expected="…")), ("Norsk", rule.nb.format(expected="…")),
    ))


def _official(code: str) -> str:
    return "(a condition of the AMQP profile)" if ":" in code else Feilmelding8221(code).tekst


def _links(code: str) -> str:
    return ", ".join(f"[{rule.id}](#{rule.id})" for rule in Rule if rule.code == code)


def _outcome(rule: Rule) -> str:
    special = {Rule.SET_ASIDE: Outcome.SET_ASIDE, Rule.MSG_ID_USED_TWICE: Outcome.DUPLICATE}
    return special.get(rule, Outcome.REFUSED if ":" in rule.code else Outcome.REJECTED).value


def _seen(rule: Rule) -> str:
    return _SEEN.get(rule, _DOOR if ":" in rule.code else _RECEIPT)


# refusals

_WHEN: Final = {
    Refusal.MALFORMED: "It is no command by its schema: a header or field is missing, unknown or not of its type; no JSON.",
    Refusal.COMMAND_UNKNOWN: "Its `ce_type` is no command of the contract, or none in this version.",
    Refusal.COMMAND_ID_USED_TWICE: "Its `ce_id` was used for another command. The same command again is passed by, and is no fault.",
    Refusal.FAULT_OF_OURS: "The hub could not make a message of it. Nothing is wrong with the command.",
    Refusal.RECEIVER_UNKNOWN: "`receiver` is not in the register, is not valid today, or has no vendor here.",
    Refusal.NOT_ACTIVE: "The receiver has no process active that the command goes by.",
    Refusal.REPRESENTATION_NOT_POSSIBLE: "There is a `representative`, and the receiver's process takes none.",
    Refusal.CITIZEN_NOT_ACTIVE: "The portal has not said that the patient is digitally active, or has said that they are not.",
    Refusal.MUST_CALL: "`slot` has `must_call`.",
    Refusal.NOT_YET_AVAILABLE: "`slot` has an `available_at` that is still to come.",
    Refusal.SLOT_IN_THE_PAST: "`slot` has begun.",
    Refusal.TEXT_TOO_LONG: "A text is longer than the standard allows.",
    Refusal.PERIOD_TOO_LONG: "From the first day to the last it is longer than an office may be asked for.",
    Refusal.PERIOD_BACKWARDS: "The last day lies before the first.",
    Refusal.DEADLINE_PASSED: "The question's `deadline` had passed before it could be sent.",
    Refusal.APPOINTMENT_UNKNOWN: "`appointment_id` is no appointment of this patient at this receiver.",
    Refusal.APPOINTMENT_OVER: "The appointment stands as cancelled or completed.",
}


def _refusals() -> Iterator[str]:
    yield _GENERATED.format(source="contracts/refusals.py, or hub/cli/docs.py for when")
    yield from (
        "# Refusals: every reason why a command is not sent", "",
        f"A command on `{COMMANDS.name}` that is not sent gets one of these as `reason`: in `not-sent` on `{DELIVERIES.name}` and, where",
        f"it is a question, in its reply on `{REPLIES.name}`. The code is stable, and new ones are added. The words are for the citizen",
        "and hold no value of the command. `…` is a limit of ours.",
        "", "## By code", "",
    )
    rows = ((f'<a id="{one.code}"></a>`{one.code}`', _WHEN[one], one.nb.format(limit="…"), one.en.format(limit="…")) for one in Refusal)
    yield from _table(("Code", "When", "Norsk", "English"), rows)


# table 4

def _processes() -> Iterator[str]:
    refusals = {row.code for row in ROWS if all(_find(process.name, row) for process in PROCESSES)}
    yield _GENERATED.format(source="hub/processes.py")
    yield from (
        "# Table 4: the processes", "",
        "Every legal message of every process, what it leads to, and a golden case that shows it. A row that is not carried yet is refused",
        "with [`transport:unsupported-message`](failure-codes.md#not-carried). A part in parentheses may be there, the others must;",
        "any other part is treated by [`HUB_COMBINATION_RULE`](settings.md). `hub processes` prints the table without the cases.",
        "",
        "*XML* is what the hub writes: to the vendor's outbox, for the portal's command. Events without `hub.` and `.v1`.",
        "", "## Read in every process", "",
    )
    yield from _table(_HEAD, map(_cells, _first_of(refusals)))
    yield from ("", "Where the standard does not list the code, it is read all the same, as the leniency `code-outside-process`:", "")
    listed = ((f"`{code.value}`", ", ".join(_listed_in(code)) or "no process") for code in sorted(refusals))
    yield from _table(("Code", "Listed in"), listed)
    for process in PROCESSES:
        rows = [row for row in ROWS if row.process == process.name and row.code not in refusals]
        yield from ("", f"## {process.name}", "", *_about(process), "")
        yield from _table(_HEAD, map(_cells, rows)) if rows else ("No rows but those read in every process.",)


_HEAD: Final = ("Element", "Code", "Text", "Versions", "Direction", "Timing", "Parts", "Event or XML", "Shown by")
_SHOWN: Final = DOCS.parent / "tests" / "golden" / "index.json"
"""Written by `python -m tests.test_golden --accept`: for each row a golden case, and what it leads to there."""


@cache
def _shown() -> dict[str, dict[str, Any]]:
    shown: dict[str, dict[str, Any]] = json.loads(_SHOWN.read_text("utf-8"))
    return shown


def _about(process: Process) -> Iterator[str]:
    yield f"Message type: {' or '.join(f'`{funksjon.value}`' for funksjon in process.types)}. Versions: {', '.join(process.versions)}."
    if process.represents_since:
        yield f"Somebody may act for the patient from version {process.represents_since}."


def _find(process: str, like: Row) -> bool:
    return any((row.process, row.element, row.code) == (process, like.element, like.code) for row in ROWS)


def _first_of(codes: Iterable[Any]) -> list[Row]:
    return [row for row in ROWS if row.process == PROCESSES[0].name and row.code in set(codes)]


def _listed_in(code: Any) -> list[str]:
    return [row.process for row in ROWS if row.code == code and row.listed and row.element == "Notat"]


def _cells(row: Row) -> tuple[str, ...]:
    versions = f"from {row.since}" if row.since else "all"
    shown = _shown().get(f"{row.process}/{row.element}/{row.code.value}") if row.translator else None
    return (
        row.element, f"`{row.code.value}`", row.code.tekst, versions, row.direction.value, row.timing.value, _parts(row),
        ", ".join(_led_to(row, shown)) if row.translator else "not yet",
        f"[{shown['case'].partition('/')[2]}](../tests/golden/{shown['case']})" if shown else "",
    )


def _led_to(row: Row, shown: dict[str, Any] | None) -> Iterator[str]:
    if row.command is not None:
        yield f"XML, by `{row.command.family.type}`"
    yield from (f"`{kind.removeprefix('hub.').removesuffix('.v1')}`" for kind in (shown or {}).get("gives", ()))


def _parts(row: Row) -> str:
    needs = ((name, getattr(row, field)) for field, name in _PARTS.items())
    return ", ".join(name if need is Need.REQUIRED else f"({name})" for name, need in needs if need is not Need.ABSENT)


# table 5

_VENDOR: Final = "a"
_ANOTHER: Final = "b"
"""Two vendors, to show what one may do on the topics of the other."""
_NAMES: Final = ((_VENDOR, VENDOR), (_ANOTHER, "<another>"))


def _rights() -> Iterator[str]:
    table = principals((_VENDOR,))
    yield _GENERATED.format(source="contracts/rights.py")
    yield from (
        "# Table 5: the rights", "",
        "Who connects under which name, and all that this name may do. What is not given is refused by the brokers:",
        "`tests/broker/test_doors.py` tries every pair of name and act on a real one. Nobody here may create, delete or alter anything,",
        "and nobody has a right to the cluster; that is for its administrator. `hub topics create --acls` gives these rights, and",
        "`hub topics check --acls` says what a cluster has otherwise. How to run so: [the doors](operating.md#the-doors).", "",
    )
    yield from _table(("Name", "Who"), ((f"`{_shown_as(principal.name)}`", principal.who) for principal in table))
    yield from ("", "## By topic", "", "DESCRIBE is implied by READ and by WRITE, and shown where it stands alone.", "")
    yield from _table(("Topic", *(f"`{_shown_as(principal.name)}`" for principal in table)), _by_topic(table))
    yield from ("", "## As the cluster holds them", "")
    yield "`*` at the end: every name that begins so. `HUB_GROUP_PREFIX` names the hub's groups and ids."
    for principal in table:
        yield from ("", f"**`{_shown_as(principal.name)}`**", "")
        yield from _table(("Operation", "Kind", "Name"), map(_right, principal.rights))


def _by_topic(table: Sequence[Principal]) -> Iterator[Sequence[str]]:
    for topic in TOPICS:
        for vendor in (_VENDOR, _ANOTHER) if VENDOR in topic.name else (_VENDOR,):
            name = of_vendor(topic, vendor)
            yield f"`{_shown_as(name)}`", *(_may(principal, name) for principal in table)


def _may(principal: Principal, topic: str) -> str:
    given = [operation for operation in ("READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS") if principal.may(operation, "topic", topic)]
    if {"READ", "WRITE"} & set(given):
        given.remove("DESCRIBE")
    return ", ".join(given) or "–"


def _right(right: Right) -> tuple[str, ...]:
    return right.operation, right.kind, f"`{_shown_as(right.name)}{'*' if right.prefix else ''}`"


def _shown_as(name: str) -> str:
    for vendor, shown in _NAMES:
        name = re.sub(rf"^{re.escape(VENDORS_PREFIX)}{vendor}(?=\.|$)", VENDORS_PREFIX + shown, name)
    return name


# settings

def _settings() -> Iterator[str]:
    yield _GENERATED.format(source="hub/settings.py")
    yield from (
        "# Settings", "",
        "Environment variables, read once at the start. A wrong one stops the start with its name and what it should be, never",
        "with its value. A name that is almost one of these is refused as a misspelling.", "",
    )
    rows = ((f"`{PREFIX}{name.upper()}`", field.description, _default(field.default)) for name, field in Settings.model_fields.items())
    yield from _table(("Variable", "What it holds", "Default"), rows)


def _default(given: object) -> str:
    if given is None or given is PydanticUndefined:
        return "unset"
    return "the demo's, refused with a cluster of your own" if isinstance(given, SecretStr) else f"`{given}`"


def main(arguments: Sequence[str]) -> int:
    """Write, or with `--check` only look. 1: something is stale."""
    if "--check" not in arguments:
        write()
        return 0
    found = stale()
    for name in found:
        print(f"stale: docs/{name}; run: python -m hub.cli.docs", file=sys.stderr)  # noqa: T201  for the person who asked
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
