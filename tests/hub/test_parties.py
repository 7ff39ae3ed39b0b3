"""Table 3: the register, and what a wrong one is told."""

from pathlib import Path
from typing import Literal

import pytest

from contracts.party import ActiveProcess, Party
from hub.parties import Register, RegisterUnreadable, active_version, has_active, read_register
from tests.story import REGISTER

DEMO = Path(__file__).parents[2] / "hub" / "demo_parties.toml"


def written(folder: Path, text: str) -> Path:
    """A register with this text."""
    path = folder / "parties.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_party_is_found_by_its_own_her_id() -> None:
    """Level 2 is the communication party."""
    party = REGISTER.find("8800002")
    assert party is not None
    assert (party.level_1, party.vendor) == ("8800001", "fjord")


def test_an_organisation_that_sends_as_one_level_is_found_by_its_level_1() -> None:
    """The third address shape: the lowest of its HER-ids answers for it, in whatever order they stand."""
    register = read_register(DEMO)
    for order in (register, Register(party=register.party[::-1])):
        party = order.find("8100100")
        assert party is not None
        assert party.her_id == "8100101"


@pytest.mark.parametrize("her_id", [None, "", "0", "880000", "fjord"])
def test_nobody_is_found_by_what_is_no_partys_her_id(her_id: str | None) -> None:
    """No guess, no prefix."""
    assert REGISTER.find(her_id) is None


def test_the_vendors_are_listed_once_each() -> None:
    """The portal's own party has none."""
    assert REGISTER.vendors == ("fjord", "vidde")


def test_a_process_is_active_in_any_version() -> None:
    """The register says which; here it is asked whether."""
    party = REGISTER.find("8900002")
    assert party is not None
    assert (has_active(party, "Timereservasjon"), has_active(party, "Ekontakt")) == (True, False)


def active(*versions: str, roles: tuple[Literal["Innbygger", "Helsepersonell"], ...] = ("Helsepersonell",)) -> Party:
    """A party with one process in these versions."""
    return Party(
        her_id="1", level_1="2", name="-", processes=tuple(ActiveProcess(process="Test", version=one, roles=roles) for one in versions),
    )


@pytest.mark.parametrize(("versions", "newest"), [(("1.9", "1.10"), "1.10"), (("2.0", "10.0", "9.9"), "10.0"), ((), None)])
def test_the_newest_version_is_found_by_number(versions: tuple[str, ...], newest: str | None) -> None:
    """As text, 1.9 would stand after 1.10."""
    assert active_version(active(*versions), "Test") == newest


def test_a_process_in_the_citizens_part_is_not_an_offices() -> None:
    """Innbygger is the portal's own part; one that plays both has it."""
    assert active_version(active("1.1", roles=("Innbygger",)), "Test") is None
    assert active_version(active("1.1", roles=("Innbygger", "Helsepersonell")), "Test") == "1.1"


def test_the_demos_register_can_be_read() -> None:
    """It is what a newcomer starts with, and has one of each: a practitioner, a resource calendar, an office that takes one process."""
    register = read_register(DEMO)
    assert len(register.vendors) >= 2
    assert [party.person.given_name for party in register.party if party.person] == ["Kari"]
    assert [len(party.calendars) for party in register.party if party.books_resources] == [2]
    assert [active.process for active in register.party[-1].processes] == ["Avtaleavbestilling"]


def test_a_register_is_frozen() -> None:
    """Production, check and tests read the same value."""
    assert hash(REGISTER.party) == hash(Register(party=REGISTER.party).party)


@pytest.mark.parametrize(("text", "says"), [
    ("[[party]]\nher_id = '1'\n", "party.0.level_1"),
    ("[[party]]\nher_id = '1'\nlevel_1 = 'en'\nname = 'A'\n", "party.0.level_1"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nvendor = 'With Blank'\n", "party.0.vendor"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\ncolour = 'red'\n", "party.0.colour"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nprocesses = [{ process = 'Test' }]\n", "party.0.processes.0.version"),
    ("[[party]\n", "line 1"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nprocesses = [{ process = 'Test', version = '1' }]\n",
     "party.0.processes.0.version"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nprocesses = [{ process = 'Timereservering', version = '1.0' }]\n",
     "party.0.processes.0.process: table 4 has no process of this name"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nflags = ['Timebestillinger']\n", "party.0.flags.0"),
    ("[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\nvalid_from = 'in the spring'\n", "party.0.valid_from"),
])
def test_a_wrong_register_is_told_by_its_place(tmp_path: Path, text: str, says: str) -> None:
    """File and field, so that it can be mended; no traceback."""
    path = written(tmp_path, text)
    with pytest.raises(RegisterUnreadable, match=says) as caught:
        read_register(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("field", "says"), [
    ("vendor = 'portal'", "party.0.vendor: portal stands for the portal itself"),
    ("valid_from = 2026-03-02\nvalid_until = 2026-03-01", "party.0.valid_until: the day lies before valid_from"),
    ("processes = [{ process = 'Test', version = '1.1' }, { process = 'Test', version = '1.1' }]",
     "party.0.processes.1.process: Test 1.1 is given twice"),
])
def test_a_party_that_contradicts_itself_is_refused(tmp_path: Path, field: str, says: str) -> None:
    """With its place; nobody guesses which of the two was meant."""
    with pytest.raises(RegisterUnreadable, match=says):
        read_register(written(tmp_path, f"[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\n{field}\n"))


def test_a_party_may_be_valid_for_a_day_and_have_two_versions_of_a_process(tmp_path: Path) -> None:
    """Neither is a contradiction."""
    text = "valid_from = 2026-03-02\nvalid_until = 2026-03-02\nprocesses = [{ process = 'Test', version = '1.0' }, " \
           "{ process = 'Test', version = '1.1' }]\n"
    [party] = read_register(written(tmp_path, f"[[party]]\nher_id = '1'\nlevel_1 = '2'\nname = 'A'\n{text}")).party
    assert active_version(party, "Test") == "1.1"


PARTY = "[[party]]\nher_id = '{}'\nlevel_1 = '{}'\nname = 'A'\n{}"
FJORD, VIDDE = "vendor = 'fjord'\n", "vendor = 'vidde'\n"


@pytest.mark.parametrize(("first", "second", "says"), [
    (("1", "10", FJORD), ("1", "10", FJORD), "parties.toml: the HER-id 1 is given to 2 parties"),
    (("1", "10", FJORD), ("2", "10", VIDDE), "parties.toml: the HER-id 10 stands under more than one vendor: fjord, vidde"),
    (("1", "10", FJORD), ("2", "10", ""), r"the HER-id 10 stands under more than one vendor: \(the portal\), fjord"),
    (("1", "10", FJORD), ("2", "1", VIDDE), "the HER-id 1 stands under more than one vendor: fjord, vidde"),
])
def test_a_register_that_contradicts_itself_is_refused(
    tmp_path: Path, first: tuple[str, str, str], second: tuple[str, str, str], says: str,
) -> None:
    """Whose inbox may carry a message of this HER-id would depend on the order of the file."""
    with pytest.raises(RegisterUnreadable, match=says):
        read_register(written(tmp_path, PARTY.format(*first) + PARTY.format(*second)))


def test_a_register_may_give_an_organisation_several_parties_and_one_level(tmp_path: Path) -> None:
    """Two parties of one office, and an office that has one HER-id for both levels."""
    rows = (("1", "10", FJORD), ("2", "10", FJORD), ("3", "3", VIDDE))
    assert read_register(written(tmp_path, "".join(PARTY.format(*row) for row in rows))).vendors == ("fjord", "vidde")


def test_a_register_that_is_not_there_is_told() -> None:
    """The path and the system's words."""
    with pytest.raises(RegisterUnreadable, match="no-such-file"):
        read_register(Path("no-such-file.toml"))
