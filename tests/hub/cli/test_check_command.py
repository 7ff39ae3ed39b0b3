"""`hub check` for people and as JSON: exit codes, one clear line for each mistake, no value of a message for people."""

import json
from pathlib import Path

import pytest

from tests import messages
from tests.hub.cli.conftest import Hub

CANARY = "Kanarifugl"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A confirmation of an office in the demo's register, sent to the portal."""
    file = tmp_path / "good.xml"
    file.write_bytes(_message())
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """The same, with something nobody knows in the patient."""
    file = tmp_path / "bad.xml"
    file.write_bytes(_message(patient=messages.patient(family=CANARY).replace("GivenName>", "Fornavn>")))
    return file


def _message(patient: str | None = None) -> bytes:
    return messages.message(
        dialog=messages.foresporsel("05"), calendar=messages.icalendar(), sender=messages.office(("8100100", "8100101")),
        receiver=messages.portal(("8990010", "8990011")), patient=messages.patient(family=CANARY) if patient is None else patient,
    )


def test_all_delivered_ends_with_0(hub: Hub, good: Path) -> None:
    """With what would leave, and for whom."""
    said = hub("check", good)
    assert said.code == 0
    assert "delivered" in said.out
    assert "hub.appointment.confirmed.v1" in said.out
    assert "positive" in said.out


def test_some_not_delivered_ends_with_1_and_the_hint_in_two_languages(hub: Hub, good: Path, bad: Path) -> None:
    """A vendor sees code, place and what to do."""
    said = hub("check", good, bad)
    assert said.code == 1
    assert "1 delivered, 1 rejected." in said.out
    assert all(word in said.out for word in ("T02", "/MsgHead/MsgInfo/Patient", "line ", " en ", " nb ", "negative, T02"))


def test_for_people_no_value_of_a_message_is_shown(hub: Hub, good: Path, bad: Path) -> None:
    """Neither of a good one nor of a bad one."""
    said = hub("check", good, bad)
    assert CANARY not in said.out + said.err
    assert messages.national_id() not in said.out + said.err


def test_json_is_one_line_a_message_and_nothing_else(hub: Hub, tmp_path: Path, good: Path, bad: Path) -> None:
    """In the order given, also of several in a file."""
    both = tmp_path / "both.xml"
    both.write_bytes(good.read_bytes() + bad.read_bytes())
    said = hub("check", "--json", both, good)
    told = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["file"], one["outcome"]) for one in told] == [(str(both), "delivered"), (str(both), "rejected"), (str(good), "delivered")]
    assert (said.code, said.err) == (1, "")


def test_of_a_folder_every_xml_below_it_is_checked(hub: Hub, tmp_path: Path, good: Path, bad: Path) -> None:
    """Sorted, whatever the case of the ending; other files are left alone."""
    deep = tmp_path / "in" / "side"
    deep.mkdir(parents=True)
    (deep / "c.XML").write_bytes(good.read_bytes())
    (deep / "notes.txt").write_text("not a message")
    said = hub("check", "--json", tmp_path)
    assert [Path(json.loads(line)["file"]).name for line in said.out.splitlines()] == ["bad.xml", "good.xml", "c.XML"]


def test_a_path_that_gives_nothing_is_a_line_and_2_and_the_others_are_checked(hub: Hub, tmp_path: Path, good: Path) -> None:
    """Missing, a folder without XML, something that is no file: each names itself."""
    (tmp_path / "empty").mkdir()
    said = hub("check", "--json", tmp_path / "none.xml", tmp_path / "empty", "/dev/null", good)
    assert said.code == 2
    assert [line.partition(": ")[0] for line in said.err.splitlines()] == [str(tmp_path / "none.xml"), str(tmp_path / "empty"), "/dev/null"]
    assert len(said.out.splitlines()) == 1


BINARIES = {"a.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR<a>", "b.zip": b"PK\3\4\x14\0<?xml version='1.0'?><a/>", "c.bin": b"\0\1\2\3"}


@pytest.mark.parametrize("name", BINARIES)
def test_a_binary_is_one_clear_line_and_not_delivered(hub: Hub, tmp_path: Path, good: Path, name: str) -> None:
    """A hint about well-formed XML would help nobody; the others are checked. For machines it is a refused message like any other."""
    file = tmp_path / name
    file.write_bytes(BINARIES[name])
    said = hub("check", file)
    assert (said.code, said.err) == (1, "")
    assert said.out.splitlines() == [f"✗ refused  {file}: not XML", "1 refused."]
    assert "1 refused, 1 delivered." in hub("check", file, good).out
    assert json.loads(hub("check", "--json", file).out)["outcome"] == "refused"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "iso-8859-1"])
def test_xml_in_any_known_encoding_is_never_called_something_else(hub: Hub, tmp_path: Path, encoding: str) -> None:
    """Nor is one whose declaration says something else than its bytes: that has a hint of its own."""
    file = tmp_path / "a.xml"
    file.write_bytes("\n<MsgHead>blåbær</MsgHead>".encode(encoding))
    said = hub("check", file)
    assert "not XML" not in said.out
    assert " en " in said.out


@pytest.mark.parametrize("body", [b"", b"plain text"])
def test_an_empty_file_or_plain_text_is_refused_with_one_hint(hub: Hub, tmp_path: Path, body: bytes) -> None:
    """It is a message attempt like any other: never a traceback."""
    file = tmp_path / "a.xml"
    file.write_bytes(body)
    said = hub("check", file)
    assert said.code == 1
    assert "refused" in said.out
    assert said.out.count(" en ") == said.out.count(" nb ") == 1
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("words", [
    ["--vendor", "nobody"], ["--at", "yesterday"], ["--at", "2026-01-15T08:00:00"], ["--nope"],
])
def test_wrong_use_is_told_and_ends_with_2(hub: Hub, good: Path, words: list[str]) -> None:
    """Before anything is checked."""
    said = hub("check", good, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err


def test_without_a_path_nothing_is_checked(hub: Hub) -> None:
    """Wrong use."""
    assert hub("check").code == 2


def test_with_a_vendor_parties_are_checked(hub: Hub, good: Path) -> None:
    """The message is fjord's; on vidde's inbox it is a spoofed one."""
    assert hub("check", good, "--vendor", "fjord").code == 0
    said = hub("check", good, "--vendor", "vidde", "--json")
    assert (said.code, json.loads(said.out)["code"]) == (1, "abuse:spoofing-attack")


def test_the_time_of_arrival_decides_what_is_notified(hub: Hub, good: Path) -> None:
    """Long after the appointment nobody is reminded of it."""
    before = hub("check", "--json", good, "--at", "2026-01-15T08:00:00+01:00").out
    after = hub("check", "--json", good, "--at", "2027-01-15T08:00:00+01:00").out
    assert "hub.notification.reminder" in before
    assert "hub.notification.reminder" not in after


def test_a_story_remembers_from_file_to_file(hub: Hub, tmp_path: Path, good: Path) -> None:
    """A message that comes again is a duplicate, which is not delivered again."""
    again = tmp_path / "again.xml"
    again.write_bytes(good.read_bytes())
    assert hub("check", good, again).code == 0
    said = hub("check", "--story", "--json", good, again)
    assert [json.loads(line)["outcome"] for line in said.out.splitlines()] == ["delivered", "duplicate"]
    assert said.code == 1


def test_a_file_name_is_printed_as_it_is(hub: Hub, tmp_path: Path, good: Path) -> None:
    """Brackets are no markup."""
    odd = tmp_path / "a [red]b.xml"
    odd.write_bytes(good.read_bytes())
    assert odd.name in hub("check", odd).out
