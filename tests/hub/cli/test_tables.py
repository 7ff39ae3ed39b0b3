"""The tables for people and as JSON."""

import json

import pytest

from hub.processes import ROWS
from schemas.formats import FORMATS
from tests.hub.cli.conftest import Hub


@pytest.mark.parametrize("table", ["processes", "formats"])
def test_a_table_is_shown_for_people_and_as_json(hub: Hub, table: str) -> None:
    """Everything that JSON names stands in the table as well."""
    people, machine = hub(table), hub(table, "--json")
    assert (people.code, machine.code) == (0, 0)
    first = next(iter(json.loads(machine.out)[0].values()))
    assert str(first) in people.out


def test_every_row_of_table_4_says_whether_it_is_carried(hub: Hub) -> None:
    """With what it needs and where its meaning goes."""
    rows = json.loads(hub("processes", "--json").out)
    assert len(rows) == len(ROWS)
    assert set(rows[0]) == {
        "process", "types", "versions", "element", "code", "text", "system", "direction", "timing", "needs", "carried", "topic", "command",
        "listed",
    }
    answer = next(row for row in rows if (row["process"], row["element"], row["code"]) == ("Timereservasjon", "Notat", "05"))
    assert (answer["carried"], answer["needs"]["ConversationRef"], answer["timing"]) == (True, "required", "async")
    assert any(not row["carried"] for row in rows)


def test_formats_that_are_not_read_are_listed_too(hub: Hub) -> None:
    """So that a T10 can be understood."""
    rows = json.loads(hub("formats", "--json").out)
    assert [(row["name"], row["version"], row["supported"]) for row in rows] == [(one.name, one.version, one.supported) for one in FORMATS]
