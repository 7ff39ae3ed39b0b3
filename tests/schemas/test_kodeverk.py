"""Our code lists are the published ones, code for code and text for text."""

import importlib
import json
import pickle
import pkgutil
from types import ModuleType

import pytest

import schemas.kodeverk
from schemas.kodeverk import Kodeverk
from schemas.kodeverk.meldingens_funksjon_8279 import MeldingensFunksjon8279
from schemas.kodeverk.svar_7602 import Svar7602
from tests.spec import spec_dir

MODULES = [importlib.import_module(f"schemas.kodeverk.{found.name}") for found in pkgutil.iter_modules(schemas.kodeverk.__path__)]
NOT_IN_THE_COPY = {"7304", "7611", "7617", "9060"}
"""Lists whose codes stand in the standard's text only."""
NOT_IN_THE_LIST = {
    MeldingensFunksjon8279.AVTALEAVBESTILLING, MeldingensFunksjon8279.AVTALEBESTILLING, MeldingensFunksjon8279.TIMEONSKEUNGDOM,
}
DIALOGUE = ("DIALOG_INNBYGGER_", "NOTIFIKASJON_INNBYGGER_", "APPREC", "AMQP_SOAP_FAULT")


def _number(module: ModuleType) -> str:
    return module.__name__.rpartition("_")[2]


def _list(module: ModuleType) -> type[Kodeverk]:
    (found,) = (v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Kodeverk) and v is not Kodeverk)
    return found


def _published(number: str) -> dict[str, str]:
    codes: dict[str, str] = json.loads((spec_dir() / "kodeverk.json").read_text(encoding="utf-8"))["sets"].get(number, {})
    return {code: text for code, text in codes.items() if number != "8279" or code.startswith(DIALOGUE)}


@pytest.mark.parametrize("module", MODULES, ids=_number)
def test_a_list_is_the_published_one_in_both_directions(module: ModuleType) -> None:
    """No code too few, none too many, each with its official text; of 8279 the digital dialogue's."""
    ours = {member.value: member.tekst for member in _list(module) if member not in NOT_IN_THE_LIST}
    published = _published(_number(module))
    assert bool(published) != (_number(module) in NOT_IN_THE_COPY)
    assert not published or ours == published


@pytest.mark.parametrize("module", MODULES, ids=_number)
def test_a_list_is_named_by_its_number_everywhere(module: ModuleType) -> None:
    """File, class and OID carry the Volven number."""
    number = _number(module)
    assert f"2.16.578.1.12.4.1.1.{number}" == module.OID
    assert _list(module).__name__.endswith(number)


def test_a_member_is_its_code_and_its_docstring_the_official_text() -> None:
    """A member compares, prints and travels as the code; people read its text."""
    member = Svar7602("30")
    assert member is Svar7602.IKKE_TILGANG
    assert (member, f"{member}", member.tekst, member.__doc__) == ("30", "30", "Ikke tilgang", "Ikke tilgang")
    assert pickle.loads(pickle.dumps(member)) is member


def test_an_unknown_code_is_no_member() -> None:
    """24 and 25 do not exist in 7602."""
    with pytest.raises(ValueError, match="24"):
        Svar7602("24")
