"""Table 4: what it promises of itself."""

import pytest

from contracts.topics import TOPICS
from hub.processes import PROCESSES, ROWS, Direction, Need, Timing, find_row, is_carried, legal_codes, process_of, row_of
from schemas.kodeverk.foresporsel_7601 import OID as OID_7601
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279 as Funksjon
from schemas.kodeverk.svar_7602 import OID as OID_7602
from translators.hodemelding_to_statements import asked


def test_a_message_has_one_row_only() -> None:
    """Process, element and code name one row: a second one would silently never be read."""
    keys = [(row.process, row.element, row.code.value) for row in ROWS]
    assert len(set(keys)) == len(keys)


def test_every_row_belongs_to_a_process_and_an_element() -> None:
    """No row of a process that nobody can name."""
    assert {row.process for row in ROWS} == {process.name for process in PROCESSES}
    assert {row.element for row in ROWS} == {"Foresporsel", "Notat"}


def test_every_message_type_leads_to_one_process() -> None:
    """By `V` alone; the second spelling of a conflict leads to the same."""
    types = [type_.value for process in PROCESSES for type_ in process.types]
    assert len(set(types)) == len(types)
    assert process_of(Funksjon.AVTALEBESTILLING.value) == process_of(Funksjon.AVTALEAVBESTILLING.value)


@pytest.mark.parametrize("type_v", [None, "", "DIALOG_FORESPORSEL", "dialog_innbygger_timereservasjon"])
def test_what_is_no_citizens_process_leads_nowhere(type_v: str | None) -> None:
    """Another type, none, or the right one in the wrong case."""
    assert process_of(type_v) is None


def test_a_row_that_is_carried_has_a_topic_unless_it_only_asks() -> None:
    """Its events go somewhere; a question changes nothing here and is handed on."""
    carried = [row for row in ROWS if row.translator and row.translator is not asked]
    assert all(row.topic in TOPICS for row in carried)


def test_a_push_refers_to_nothing_and_an_answer_to_its_request() -> None:
    """A push starts nothing and answers nothing; a Notat always answers, and so does RKT, wherever it stands."""
    assert {row.conversation for row in ROWS if row.element == "Foresporsel" and row.code != "RKT"} == {Need.ABSENT}
    assert {row.conversation for row in ROWS if row.element == "Notat"} == {Need.REQUIRED}


def test_a_push_carries_a_code_of_answers_and_a_visit_one_of_requests() -> None:
    """Surprise 2 of the specification: 7602 in `TypeForesp`; MOA alone stands in 7601."""
    pushes = [row for row in ROWS if row.process == "Avtaleutsending" and row.element == "Foresporsel"]
    assert {row.code.value: row.system for row in pushes} == {
        "05": OID_7602, "07": OID_7602, "08": OID_7602, "11": OID_7602, "MOA": OID_7601,
    }


def test_the_refusals_are_read_in_every_process() -> None:
    """26, 30, 31 and 33, each with a translator."""
    for process in PROCESSES:
        for code in ("26", "30", "31", "33"):
            row = row_of(process.name, "Notat", code)
            assert (row.translator is not None, row.timing) == (True, Timing.AS_REQUEST)


@pytest.mark.parametrize(("process", "code", "listed"), [
    ("Timereservasjon", "26", True), ("Timereservasjon", "30", True), ("Timereservasjon", "31", False), ("Timer", "30", False),
    ("Avtaleavbestilling", "26", False), ("BehandlerOversikt", "31", True), ("Digitalbruker", "31", True), ("Ekonsultasjon", "33", False),
])
def test_a_refusal_is_listed_where_the_standard_lists_it(process: str, code: str, listed: bool) -> None:
    """Elsewhere it is a named leniency (appointments.md 11.3, dialogue.md 2.2)."""
    assert row_of(process, "Notat", code).listed is listed


def test_a_process_with_nothing_but_refusals_is_not_carried() -> None:
    """The refusals alone do not make a process of ours."""
    assert {process.name for process in PROCESSES if is_carried(process.name)} == {
        "Timereservasjon", "Avtaleutsending", "Avtaleavbestilling", "BehandlerOversikt", "Test",
    }


def test_the_office_is_on_the_side_that_the_direction_says() -> None:
    """Requests go to the office; pushes and answers come from it."""
    assert row_of("Timereservasjon", "Foresporsel", "RT").direction is Direction.TO_OFFICE
    assert row_of("Timereservasjon", "Notat", "05").direction is Direction.FROM_OFFICE


def test_the_hint_of_an_unknown_code_lists_what_is_read() -> None:
    """Only codes that are carried, sorted."""
    assert legal_codes("Timereservasjon", "Foresporsel") == ("05", "07", "08", "11", "ART", "HBT", "HLT", "MOA", "RT")
    assert legal_codes("Avtaleutsending", None) == ()


def test_a_row_that_is_not_carried_cannot_be_translated() -> None:
    """Reading refuses it; who asks all the same is told."""
    row = find_row("Timeonske", "Foresporsel", "OT")
    assert row is not None
    with pytest.raises(AssertionError):
        _ = row.translate


def test_an_unknown_combination_has_no_row() -> None:
    """A code in the wrong element is another message."""
    assert find_row("Timereservasjon", "Notat", "RT") is None
    assert find_row("Timereservasjon", None, "05") is None
