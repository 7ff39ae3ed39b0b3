"""What a citizen can be offered at a party: by table 4 and the register, nothing by itself."""

from datetime import UTC, date, datetime

import pytest

from contracts.events import Offered
from contracts.party import ActiveProcess, Party
from contracts.topics import SERVICES
from hub.offering import offer_of, offered
from tests.story import REGISTER, data_of, model_of
from translators.cloud_event import Stamp

STAMP = Stamp(0, 7, datetime(2026, 6, 1, 8, tzinfo=UTC), "register/0/7", None)
BOOK, CANCEL, SLOTS, VISITS = (
    f"portal.command.{name}.v1" for name in ("book", "cancel", "find-free-slots", "find-planned-visits")
)


def party_of(her_id: str) -> Party:
    """A party of the tests' register."""
    party = REGISTER.find(her_id)
    assert party is not None
    return party


def having(*processes: tuple[str, str], roles: tuple[str, ...] = ("Helsepersonell",)) -> Party:
    """A party with these processes and versions."""
    active = [{"process": process, "version": version, "roles": roles} for process, version in processes]
    return Party(her_id="1", level_1="2", name="Et kontor", processes=tuple(ActiveProcess.model_validate(one) for one in active))


def commands_of(offer: Offered) -> dict[tuple[str, str], tuple[str, ...]]:
    """What can be sent, by process and version."""
    return {(one.process, one.version): one.commands for one in offer.processes}


def test_an_office_is_offered_with_the_commands_that_its_processes_take() -> None:
    """By the rows of table 4 that name one."""
    assert commands_of(offer_of(having(("Timereservasjon", "1.2")))) == {("Timereservasjon", "1.2"): (BOOK, CANCEL, SLOTS, VISITS)}


def test_an_older_version_takes_fewer_commands_and_nobody_who_acts_for_the_patient() -> None:
    """Planned visits and representation came with 1.2."""
    offer = offer_of(having(("Timereservasjon", "1.1")))
    assert commands_of(offer) == {("Timereservasjon", "1.1"): (BOOK, CANCEL, SLOTS)}
    assert [one.representation for one in offer.processes] == [False]


def test_only_the_newest_version_that_both_sides_know_is_offered() -> None:
    """One that nobody here knows is passed over."""
    assert list(commands_of(offer_of(having(("Timereservasjon", "1.1"), ("Timereservasjon", "1.2"), ("Timereservasjon", "2.0"))))) == [
        ("Timereservasjon", "1.2"),
    ]
    assert offer_of(having(("Timereservasjon", "2.0"))).processes == ()


def test_what_an_office_only_pushes_takes_no_command() -> None:
    """It is offered all the same: its appointments are shown."""
    offer = offer_of(party_of("8810002"))
    assert commands_of(offer) == {("Avtaleutsending", "1.0"): (), ("Avtaleavbestilling", "1.0"): (CANCEL,)}


def test_a_process_that_is_active_for_the_citizens_part_is_not_offered() -> None:
    """Who asks by it does not answer."""
    assert offer_of(having(("Timereservasjon", "1.2"), roles=("Innbygger",))).processes == ()


@pytest.mark.parametrize(("her_id", "books"), [("8830002", True), ("8840002", False), ("8800002", False)])
def test_resource_calendars_are_booked_where_all_three_flags_are_set(her_id: str, books: bool) -> None:
    """They are shown in any case."""
    offer = offer_of(party_of(her_id))
    assert (offer.books_resources, offer.calendars) == (books, party_of(her_id).calendars)


@pytest.mark.parametrize(("her_id", "reachable"), [("8800002", True), ("8950002", False)])
def test_a_party_without_a_vendor_cannot_be_reached(her_id: str, reachable: bool) -> None:
    """No outbox carries what is sent to it."""
    assert offer_of(party_of(her_id)).reachable is reachable


def test_a_party_is_shown_with_its_organisation_and_its_days() -> None:
    """Names, address and validity as the register has them."""
    assert offer_of(party_of("8850002")).valid_until == date(2026, 5, 31)
    shown = offer_of(party_of("8830002"))
    party = party_of("8830002")
    assert (shown.name, shown.level_1_name, shown.address) == (party.name, "Breidal kommune", party.address)


def test_a_party_is_told_under_its_her_id() -> None:
    """Compacted: the newest of a key stands."""
    party = party_of("8800002")
    out = offered(party.model_dump_json().encode(), party.her_id, stamp=STAMP)
    assert (out.topic, out.key, model_of(out)) == (SERVICES.name, b"8800002", offer_of(party))
    assert data_of(out)["party"] == "8800002"


def test_a_party_that_is_gone_is_taken_away() -> None:
    """A tombstone under the same key."""
    out = offered(None, "8800002", stamp=STAMP)
    assert (out.topic, out.key, out.value) == (SERVICES.name, b"8800002", None)
