"""Golden cases: `golden/<process>/<case>/`, whole messages and commands in, what the hub makes of them out.

    in.xml            one message from the vendor `fjord`; `in.vidde.xml` from another
    in.1.portal.json  a command of the portal: {"type": "book", "id": ..., "data": {...}}, as a CloudEvent in one piece
    in.1.citizen.json, in.1.party.8800002.json   a record of the portal's citizens or of the register (the party's key in the name)
    in.2.due          nothing: the next deadline comes
    in.1.portal.json, in.2.xml, in.3.vidde.xml ...   a sequence, in this order, a minute apart
    desk.toml         where the case needs another setting of the reading desk (`combination`, `max_bytes`, `asks_citizens`)
    out.json          what `hub check --json` prints of each (a list for a sequence), and whatever else leaves: letters, transport
                      errors, the message handed on
    receipt.xml       the AppRec of ours, `receipt.2.xml` the second message's; none where none is owed
    sent.xml          the dialogue message of ours that leaves, `sent.2.xml` the second input's

A new message type is a row of table 4, a translator, and folders here. `python -m tests.test_golden --accept` writes all of `out.json` and
`receipt*.xml` anew, to be read in the diff before it is committed. The register of the cases is `golden/parties.toml`; the log takes the
first message at 2026-06-01 08:00 UTC.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from contracts.failures import Outcome, Rule
from contracts.records import Outgoing
from contracts.refusals import Refusal
from contracts.topics import CITIZENS, COMMANDS, PARTIES
from hub.case.entries import Commanded, Read, Rejected
from hub.check import Story, check_bytes
from hub.processes import ROWS
from hub.reading import Combination, Desk
from schemas.leniencies import Leniency
from schemas.message import open_message
from schemas.national_id import NationalId, Series
from tests.story import DESK, START, Hub, Told, data_of, model_of, type_of

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/out.json")) or [GOLDEN]
_IN = re.compile(
    r"in(?:\.(?P<number>[1-9]\d?))?"
    r"(?:(?:\.(?P<vendor>[a-z]{3,}))?\.xml|\.(?P<topic>portal|citizen|party)(?:\.(?P<key>\d+))?\.json|\.(?P<due>due))"
)
_NUMBER = re.compile(r'"national_id": "([0-9]{11})"')
_OUT = re.compile(r"(?:receipt|sent)(?:\.[1-9]\d?)?\.xml")
_BESIDE = {"parties.toml", "index.json"}
_TOPICS = {"portal": COMMANDS.name, "citizen": CITIZENS.name, "party": PARTIES.name}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_OURS = {Rule.SET_ASIDE, Rule.DISCARDED}
"""What no message causes: faults of ours and an operator's decisions (tests/hub/case/test_letters.py)."""
Result = dict[str, Any]


def name_of(case: Path) -> str:
    """Process and case, for a test's id."""
    return case.relative_to(GOLDEN).as_posix()


@dataclass(frozen=True, slots=True)
class Input:
    """One file of a case."""

    path: Path
    named: re.Match[str]

    @property
    def number(self) -> int:
        """Its place in the sequence; 0: alone."""
        return int(self.named["number"] or 0)

    @property
    def vendor(self) -> str | None:
        """Whose inbox it comes by; None for what is no vendor's message."""
        return None if self.named["topic"] or self.named["due"] else self.named["vendor"] or "fjord"

    def put(self, hub: Hub) -> list[Told]:
        """What becomes of it: more than one record where something is passed on inside the log."""
        before = len(hub.told)
        if self.vendor:
            hub.send(self.path.read_bytes(), vendor=self.vendor)
        elif self.named["due"]:
            hub.fall_due()
        else:
            self._tell(hub, _TOPICS[self.named["topic"]])
        return hub.told[before:]

    def _tell(self, hub: Hub, topic: str) -> None:
        body, key = self.path.read_bytes(), (self.named["key"] or "").encode()
        if topic != COMMANDS.name:
            hub.told_of(topic, body or None, key=key)
            return
        told = json.loads(body)
        headers = {"ce_type": f"portal.command.{told['type']}.v1", "ce_id": told["id"]}
        hub.told_of(topic, json.dumps(told["data"], ensure_ascii=False).encode(), headers=headers)


def inputs(case: Path) -> list[Input]:
    """What comes in, in its order."""
    found = (Input(path, named) for path in case.iterdir() if (named := _IN.fullmatch(path.name)))
    return sorted(found, key=lambda one: one.number)


def desk_of(case: Path) -> Desk:
    """The tests' desk, with the case's own settings."""
    settings = case / "desk.toml"
    given = tomllib.loads(settings.read_text("utf-8")) if settings.is_file() else {}
    if "combination" in given:
        given["combination"] = Combination(given["combination"])
    return replace(DESK, **given)


def is_checkable(case: Path) -> bool:
    """`hub check` can be given it: vendors' messages alone, and nobody asks who is digitally active."""
    return all(one.vendor for one in inputs(case)) and not desk_of(case).asks_citizens


def told_of(case: Path) -> list[tuple[Input, list[Told]]]:
    """What becomes of each."""
    hub = Hub(desk_of(case))
    return [(one, one.put(hub)) for one in inputs(case)]


def result_of(one: Input, all_told: Sequence[Told]) -> Result:
    """One line of `hub check --json`; the receipt stands beside it."""
    told = all_told[0]
    failure = told.decision.failure
    return {
        "file": one.path.name,
        "outcome": told.decision.outcome.value,
        "process": getattr(told.entry, "process", None),
        "code": (failure.condition if told.decision.outcome is Outcome.REFUSED else failure.code) if failure else None,
        "path": failure.path if failure else None,
        "line": failure.line if failure else None,
        "hint": {"nb": failure.hint.nb, "en": failure.hint.en} if failure else None,
        "leniencies": list(told.entry.leniencies) if isinstance(told.entry, Read) else [],
        "events": [_event(out) for each in all_told for out in [*each.events, *each.handed_on]],
    }


def _event(out: Outgoing) -> Result:
    key = (out.key or b"").decode()
    if (kind := type_of(out)) or out.value is None:
        return {"topic": out.topic, "type": kind, "key": key, "data": data_of(out)}
    return {"topic": out.topic, "type": None, "key": key, "data": "the message, byte for byte"}


def files_of(case: Path) -> dict[str, str]:
    """What the case's files must hold: out.json, and a receipt for each that is owed."""
    told = told_of(case)
    results = [result_of(one, each) for one, each in told]
    documents = {
        f"{name}.{number}.xml" if len(told) > 1 else f"{name}.xml": readable(document.value or b"")
        for number, (_, all_told) in enumerate(told, 1) for each in all_told for name, document in _documents(each)
    }
    return {"out.json": json.dumps(results if len(results) > 1 else results[0], indent=1, ensure_ascii=False) + "\n", **documents}


def _documents(told: Told) -> Iterator[tuple[str, Outgoing]]:
    yield from (("receipt", receipt) for receipt in told.receipts)
    yield from (("sent", sent) for sent in told.written)


def readable(xml: bytes) -> str:
    """The same document with a line an element."""
    root = etree.fromstring(xml)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"


def is_golden(name: str) -> bool:
    """A file that belongs in a case's folder."""
    return name in {"out.json", "desk.toml"} or bool(_IN.fullmatch(name) or _OUT.fullmatch(name))


def all_told() -> Iterator[Told]:
    """Every message of every case, decided."""
    for case in CASES:
        yield from (told for _, each in told_of(case) for told in each)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_golden_case_gives_what_its_folder_says(case: Path) -> None:
    """Every file of the folder, to the letter, and no file that nothing gives."""
    held = {path.name: path.read_text("utf-8") for path in case.iterdir() if path.name == "out.json" or _OUT.fullmatch(path.name)}
    assert held == files_of(case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_golden_case_promises_only_what_its_models_allow(case: Path) -> None:
    """The data of every event that leaves is valid by the model that promises it."""
    for out in (out for _, all_told in told_of(case) for told in all_told for out in told.outgoing):
        if type_of(out):
            model_of(out)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_what_a_golden_case_sends_is_read_back_as_it_was_meant(case: Path) -> None:
    """Every document of ours is valid by our schemas, and our own reader finds nothing to forgive in it."""
    for sent in (sent for _, all_told in told_of(case) for told in all_told for sent in told.written):
        assert open_message(sent.value or b"").hodemelding().leniencies == ()


@pytest.mark.parametrize("case", [case for case in CASES if is_checkable(case)], ids=name_of)
def test_hub_check_says_the_same_of_a_golden_case(case: Path) -> None:
    """The command's own way through the two pure functions, told as a story: outcome, reason, and the portal's events are the same."""
    story, desk, told = Story(), desk_of(case), told_of(case)
    for minute, (one, each) in enumerate(told):
        at = START + timedelta(minutes=minute)
        (checked,) = check_bytes(
            one.path.read_bytes(), desk=desk, at=at, file=one.path.name, vendor=one.vendor or "", story=story,
        )
        shown = {key: value for key, value in checked.as_json().items() if key != "receipt"}
        assert _comparable(shown) == _comparable(result_of(one, each))
        assert (checked.receipt is not None) == any(out.receipts for out in each)


def _comparable(result: Result) -> Any:
    told = [event for event in result["events"] if event["type"] and event["topic"].startswith(("portal.", "notification."))]
    return _by_instants({**result, "events": told})


def _by_instants(told: Any) -> Any:
    # the log carries instants, so an offset does not survive it: the same moment is the same
    if isinstance(told, dict):
        return {key: _by_instants(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_by_instants(value) for value in told]
    return datetime.fromisoformat(told) if isinstance(told, str) and _INSTANT.fullmatch(told) else told


def test_a_golden_folder_holds_nothing_but_a_case() -> None:
    """A file misspelt, a folder without out.json or a gap in a sequence would silently never be tried."""
    strays = [path for path in GOLDEN.glob("*/*/*") if not is_golden(path.name)]
    shallow = [path for path in [*GOLDEN.glob("*"), *GOLDEN.glob("*/*")] if path.is_file() and path.name not in _BESIDE]
    untold = [path for path in GOLDEN.glob("*/*") if path.is_dir() and not ((path / "out.json").is_file() and inputs(path))]
    numbers = [[one.number for one in inputs(case)] for case in CASES]
    assert (strays, shallow, untold) == ([], [], [])
    assert all(sequence in ([0], list(range(1, len(sequence) + 1))) for sequence in numbers)


def test_a_stray_file_in_a_golden_folder_is_named() -> None:
    """The rule above, fed what it must refuse."""
    refused = (
        "in.XML", "input.xml", "out.jsn", "receipt.xml.bak", "in.0.xml", "in.a.xml", "receipt.a.xml", "in.1.json", "in.due.1", "sent.json",
        "in.party.fjord.json", "in.portal.xml.json",
    )
    assert [name for name in refused if is_golden(name)] == []


def test_every_row_that_is_carried_has_a_golden_case() -> None:
    """No row of table 4 without a case, and no case of a row that is not carried."""
    read = (told.entry for told in all_told() if isinstance(told.entry, Read | Commanded))
    shown = {(entry.process, entry.element, entry.code) for entry in read}
    carried = {(row.process, row.element, row.code.value) for row in ROWS if row.translator}
    assert shown == carried


def test_every_command_that_can_be_sent_has_a_golden_case() -> None:
    """Each row that names a command is shown being sent by it."""
    sent = {(told.entry.process, told.entry.command) for told in all_told() if isinstance(told.entry, Commanded) and told.written}
    assert sent == {(row.process, row.command.family.type) for row in ROWS if row.command}


def test_every_refusal_of_a_command_has_a_golden_case() -> None:
    """No reason without a case: what can stop a command is shown stopping one. A fault of ours no command causes."""
    reasons = (data_of(out).get("reason") for told in all_told() for out in told.events if type_of(out) == "hub.delivery.not-sent.v1")
    shown = {reason["code"] for reason in reasons if reason}
    assert shown == {refusal.code for refusal in Refusal} - {Refusal.FAULT_OF_OURS.code}


def test_every_no_that_a_message_can_get_has_a_golden_case() -> None:
    """No rule without a case: what can go wrong is shown going wrong."""
    failures = {told.decision.failure.rule for told in all_told() if told.decision.failure}
    noticed = {failure.rule for told in all_told() if isinstance(told.entry, Read) for failure in told.entry.notices}
    notices = {data_of(out)["condition"].removeprefix("notice:") for told in all_told() for out in told.events if _is_notice(out)}
    shown = failures | noticed | {notice.replace("-", "_").upper() for notice in notices}
    assert shown == {rule.name for rule in Rule if rule not in _OURS}


def test_every_leniency_that_reading_can_name_has_a_golden_case() -> None:
    """What is forgiven is shown being forgiven."""
    shown = {leniency for told in all_told() if isinstance(told.entry, Read) for leniency in told.entry.leniencies}
    assert shown == {leniency.id for leniency in Leniency}


def test_every_person_in_the_golden_cases_is_made_up() -> None:
    """All patients, and all who act for one, have a number of a synthetic series, or one that cannot be right."""
    infos = [told.entry.message.msg_info for told in all_told() if isinstance(told.entry, Read | Commanded)]
    infos += [told.entry.msg_info for told in all_told() if isinstance(told.entry, Rejected)]
    numbers: list[NationalId] = [info.patient.national_id for info in infos if info.patient and info.patient.national_id]
    written = [number for path in GOLDEN.rglob("in*.json") for number in _NUMBER.findall(path.read_text("utf-8"))]
    assert written
    series = {number.series for number in [*numbers, *map(NationalId, written)]}
    assert series == {Series.SYNTHETIC_40, Series.SYNTHETIC_65, Series.SYNTHETIC_80, None}


def _is_notice(out: Outgoing) -> bool:
    return (type_of(out) or "").endswith(".notice.v1")


def index() -> str:
    """For each row of table 4 the simplest case that shows it, and the events it leads to there: for docs/processes.md."""
    found: dict[str, tuple[Any, ...]] = {}
    for case in CASES:
        told = told_of(case)
        for all_told in [all_told for _, all_told in told if all_told[0].decision.outcome is Outcome.DELIVERED]:
            if isinstance(entry := all_told[0].entry, Read | Commanded):
                gives = [kind for each in all_told for out in each.events if (kind := type_of(out))]
                # a command before what is handed on, what gives something before what does not, then the shortest story
                rank = (isinstance(entry, Read), not gives, len(told), name_of(case), gives)
                key = f"{entry.process}/{entry.element}/{entry.code}"
                found[key] = min(found.get(key, rank), rank)
    shown = {key: {"case": rank[3], "gives": rank[4]} for key, rank in sorted(found.items())}
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def test_the_index_of_the_golden_cases_is_fresh() -> None:
    """What docs/processes.md shows of each row is what the cases give."""
    assert (GOLDEN / "index.json").read_text("utf-8") == index()


def accept() -> None:
    """Write every case's out.json and documents anew, and the index."""
    for case in sorted(path for path in GOLDEN.glob("*/*") if path.is_dir()):
        for old in [path for path in case.iterdir() if _OUT.fullmatch(path.name)]:
            old.unlink()
        for name, text in files_of(case).items():
            (case / name).write_text(text, "utf-8")
    (GOLDEN / "index.json").write_text(index(), "utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
