"""Table 2 agrees with the schemas it names and with the published ones."""

import pytest
from lxml import etree

from schemas import formats
from schemas.formats import FORMATS, Format, format_of
from tests.spec import spec_dir

SHARED = {"coded.xsd", "parties.xsd", "driver.xsd"}
"""Included or importing: formats of none."""


def _target(file: str) -> str | None:
    return etree.parse(formats.XSD_DIR / file).getroot().get("targetNamespace")


@pytest.mark.parametrize("row", [row for row in FORMATS if row.supported], ids=lambda row: row.title)
def test_a_supported_format_has_a_schema_of_its_namespace_and_root(row: Format) -> None:
    """The file exists, speaks of that namespace, and declares the root."""
    schema = etree.parse(formats.XSD_DIR / str(row.xsd)).getroot()
    assert schema.get("targetNamespace") == row.namespace
    assert row.root is None or schema.find(f"{{{formats.XS}}}element[@name='{row.root}']") is not None


def test_no_schema_lies_about_unused() -> None:
    """Every schema file belongs to a format or is shared."""
    assert {file.name for file in formats.XSD_DIR.glob("*.xsd")} == {row.xsd for row in FORMATS if row.xsd} | SHARED


def test_the_driver_imports_each_supported_format_and_no_other() -> None:
    """A format that the driver forgets could not stand in a message."""
    imports = {(e.get("namespace"), e.get("schemaLocation")) for e in etree.parse(formats.DRIVER_XSD).iter(f"{{{formats.XS}}}import")}
    assert imports == {(row.namespace, row.xsd) for row in FORMATS if row.supported}


def test_schemas_are_local_files() -> None:
    """No import or include of ours leads out of the folder."""
    links = [e.get("schemaLocation") for file in formats.XSD_DIR.glob("*.xsd") for e in etree.parse(file).iter() if e.get("schemaLocation")]
    assert links
    assert all((formats.XSD_DIR / str(link)).is_file() for link in links)


def test_every_published_format_is_known() -> None:
    """Supported or not, a published namespace has a row, so that its no can name it."""
    published = {etree.parse(file).getroot().get("targetNamespace") for file in (spec_dir() / "xsd").glob("*.xsd")}
    assert published <= {row.namespace for row in FORMATS}


def test_a_root_is_recognised_by_namespace_and_name() -> None:
    """A known namespace with another name, an inner format and an unknown namespace are nobody's root."""
    assert {format_of(row.tag) for row in (*formats.ROOTS, *formats.PARTS)} == {*formats.ROOTS, *formats.PARTS}
    old = format_of("{http://www.kith.no/xmlstds/dialog/2006-10-11}Dialogmelding")
    assert old
    assert (old.title, old.supported) == ("Dialogmelding 1.0", False)
    assert format_of(f"{{{formats.DIALOGMELDING}}}Notat") is None
    assert format_of(f"{{{formats.XMLDSIG}}}Signature") is None
    assert format_of("MsgHead") is None


def test_the_words_of_a_t10_name_what_is_supported() -> None:
    """The hint lists titles, roots and parts apart."""
    assert formats.SUPPORTED_ROOTS == "MsgHead 1.2, AppRec 1.1"
    assert "Dialogmelding 1.1" in formats.SUPPORTED_PARTS
    assert "Dialogmelding 1.0" not in formats.SUPPORTED_PARTS
