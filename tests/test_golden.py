"""Golden cases: `golden/<process>/<case>/`, whole messages in, what the hub makes of them out.

    in.xml            one message from the vendor `fjord`; `in.vidde.xml` from another
    in.1.xml, in.2.vidde.xml ...   a sequence, in this order, a minute apart
    desk.toml         where the case needs another setting of the reading desk (`combination`, `max_bytes`)
    out.json          what `hub check --json` prints of each (a list for a sequence), and whatever else leaves: letters, transport
                      errors, the message handed on
    receipt.xml       the AppRec of ours, `receipt.2.xml` the second message's; none where none is owed

A new message type is a row of table 4, a translator, and folders here. `python -m tests.test_golden --accept` writes all of `out.json` and
`receipt*.xml` anew, to be read in the diff before it is committed. The register of the cases is `golden/parties.toml`; the log takes the
first message at 2026-06-01 08:00 UTC.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from contracts.failures import Outcome, Rule
from contracts.records import Outgoing
from hub.case.entries import Read, Rejected
from hub.check import Story, check_bytes
from hub.processes import ROWS
from hub.reading import Combination, Desk
from schemas.leniencies import Leniency
from schemas.national_id import NationalId, Series
from tests.story import DESK, START, Hub, Told, data_of, model_of, type_of

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/out.json")) or [GOLDEN]
_IN = re.compile(r"in(?:\.(?P<number>[1-9]\d?))?(?:\.(?P<vendor>[a-z]{3,}))?\.xml")
_RECEIPT = re.compile(r"receipt(?:\.[1-9]\d?)?\.xml")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_OURS = {Rule.SET_ASIDE, Rule.DISCARDED}
"""What no message causes: faults of ours and an operator's decisions (tests/hub/case/test_letters.py)."""
Result = dict[str, Any]


def name_of(case: Path) -> str:
    """Process and case, for a test's id."""
    return case.relative_to(GOLDEN).as_posix()


def inputs(case: Path) -> list[tuple[Path, str]]:
    """The messages of a case in their order, each with its vendor."""
    found = [(path, match) for path in case.iterdir() if (match := _IN.fullmatch(path.name))]
    ordered = sorted(found, key=lambda item: int(item[1]["number"] or 0))
    return [(path, match["vendor"] or "fjord") for path, match in ordered]


def desk_of(case: Path) -> Desk:
    """The tests' desk, with the case's own settings."""
    settings = case / "desk.toml"
    given = tomllib.loads(settings.read_text("utf-8")) if settings.is_file() else {}
    if "combination" in given:
        given["combination"] = Combination(given["combination"])
    return replace(DESK, **given)


def told_of(case: Path) -> list[tuple[Path, Told]]:
    """What becomes of each message."""
    hub = Hub(desk_of(case))
    return [(path, hub.send(path.read_bytes(), vendor=vendor)) for path, vendor in inputs(case)]


def result_of(path: Path, told: Told) -> Result:
    """One line of `hub check --json`; the receipt stands beside it."""
    failure = told.decision.failure
    return {
        "file": path.name,
        "outcome": told.decision.outcome.value,
        "process": getattr(told.entry, "process", None),
        "code": (failure.condition if told.decision.outcome is Outcome.REFUSED else failure.code) if failure else None,
        "path": failure.path if failure else None,
        "line": failure.line if failure else None,
        "hint": {"nb": failure.hint.nb, "en": failure.hint.en} if failure else None,
        "leniencies": list(told.entry.leniencies) if isinstance(told.entry, Read) else [],
        "events": [_event(out) for out in [*told.events, *told.handed_on]],
    }


def _event(out: Outgoing) -> Result:
    key = (out.key or b"").decode()
    if (kind := type_of(out)) or out.value is None:
        return {"topic": out.topic, "type": kind, "key": key, "data": data_of(out)}
    return {"topic": out.topic, "type": None, "key": key, "data": "the message, byte for byte"}


def files_of(case: Path) -> dict[str, str]:
    """What the case's files must hold: out.json, and a receipt for each that is owed."""
    told = told_of(case)
    results = [result_of(path, each) for path, each in told]
    receipts = {
        f"receipt.{number}.xml" if len(told) > 1 else "receipt.xml": readable(receipt.value or b"")
        for number, (_, each) in enumerate(told, 1) for receipt in each.receipts
    }
    return {"out.json": json.dumps(results if len(results) > 1 else results[0], indent=1, ensure_ascii=False) + "\n", **receipts}


def readable(xml: bytes) -> str:
    """The same document with a line an element."""
    root = etree.fromstring(xml)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"


def is_golden(name: str) -> bool:
    """A file that belongs in a case's folder."""
    return name in {"out.json", "desk.toml"} or bool(_IN.fullmatch(name) or _RECEIPT.fullmatch(name))


def all_told() -> Iterator[Told]:
    """Every message of every case, decided."""
    for case in CASES:
        yield from (told for _, told in told_of(case))


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_golden_case_gives_what_its_folder_says(case: Path) -> None:
    """Every file of the folder, to the letter, and no file that nothing gives."""
    held = {path.name: path.read_text("utf-8") for path in case.iterdir() if path.name == "out.json" or _RECEIPT.fullmatch(path.name)}
    assert held == files_of(case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_golden_case_promises_only_what_its_models_allow(case: Path) -> None:
    """The data of every event that leaves is valid by the model that promises it."""
    for _, told in told_of(case):
        for out in told.outgoing:
            if type_of(out):
                model_of(out)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_hub_check_says_the_same_of_a_golden_case(case: Path) -> None:
    """The command's own way through the two pure functions, told as a story: outcome, reason, and the portal's events are the same."""
    story, desk, told = Story(), desk_of(case), told_of(case)
    for minute, ((path, vendor), (_, each)) in enumerate(zip(inputs(case), told, strict=True)):
        at = START + timedelta(minutes=minute)
        (checked,) = check_bytes(path.read_bytes(), desk=desk, at=at, file=path.name, vendor=vendor, story=story)
        shown = {key: value for key, value in checked.as_json().items() if key != "receipt"}
        assert _comparable(shown) == _comparable(result_of(path, each))
        assert (checked.receipt is not None) == bool(each.receipts)


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
    shallow = [path for path in [*GOLDEN.glob("*"), *GOLDEN.glob("*/*")] if path.is_file() and path.name != "parties.toml"]
    untold = [path for path in GOLDEN.glob("*/*") if path.is_dir() and not ((path / "out.json").is_file() and inputs(path))]
    numbers = [[int(_IN.fullmatch(path.name)["number"] or 0) for path, _ in inputs(case)] for case in CASES]  # type: ignore[index]  # inputs match
    assert (strays, shallow, untold) == ([], [], [])
    assert all(sequence in ([0], list(range(1, len(sequence) + 1))) for sequence in numbers)


def test_a_stray_file_in_a_golden_folder_is_named() -> None:
    """The rule above, fed what it must refuse."""
    refused = ("in.XML", "input.xml", "out.jsn", "receipt.xml.bak", "in.0.xml", "in.a.xml", "receipt.a.xml")
    assert [name for name in refused if is_golden(name)] == []


def test_every_row_that_is_carried_has_a_golden_case() -> None:
    """No row of table 4 without a case, and no case of a row that is not carried."""
    shown = {(told.entry.process, told.entry.element, told.entry.code) for told in all_told() if isinstance(told.entry, Read)}
    carried = {(row.process, row.element, row.code.value) for row in ROWS if row.translator}
    assert shown == carried


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
    """All patients have a number of a synthetic series, or one that cannot be right."""
    infos = [told.entry.message.msg_info for told in all_told() if isinstance(told.entry, Read)]
    infos += [told.entry.msg_info for told in all_told() if isinstance(told.entry, Rejected)]
    numbers: list[NationalId] = [info.patient.national_id for info in infos if info.patient and info.patient.national_id]
    assert {number.series for number in numbers} == {Series.SYNTHETIC_40, Series.SYNTHETIC_65, Series.SYNTHETIC_80, None}


def _is_notice(out: Outgoing) -> bool:
    return (type_of(out) or "").endswith(".notice.v1")


def accept() -> None:
    """Write every case's out.json and receipts anew."""
    for case in sorted(path for path in GOLDEN.glob("*/*") if path.is_dir()):
        for old in [path for path in case.iterdir() if _RECEIPT.fullmatch(path.name)]:
            old.unlink()
        for name, text in files_of(case).items():
            (case / name).write_text(text, "utf-8")


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
