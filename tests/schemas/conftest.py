"""The published schemas, compiled once: what ours and what we write are compared with."""

from pathlib import Path

import pytest
from lxml import etree

from schemas import formats
from tests.spec import spec_dir


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The published schemas as one: imports led to files of one folder, the DOCTYPE of one schema document resolved and dropped."""
    folder = tmp_path_factory.mktemp("published")
    namespaces = {_flattened(file, folder): file.name for file in sorted((spec_dir() / "xsd").glob("*.xsd"))}
    namespaces[formats.XCAL] = "iCalendar.xsd"  # the other files of this namespace are included by it
    imports = "".join(f'<xs:import namespace="{namespace}" schemaLocation="{name}"/>' for namespace, name in namespaces.items())
    driver = folder / "driver.xsd"
    driver.write_text(f'<xs:schema xmlns:xs="{formats.XS}" targetNamespace="urn:driver">{imports}</xs:schema>')
    return etree.XMLSchema(etree.parse(driver))


def _flattened(file: Path, folder: Path) -> str:
    root = etree.parse(file, etree.XMLParser(resolve_entities=True, no_network=True, load_dtd=False)).getroot()
    for link in root.iter(f"{{{formats.XS}}}import", f"{{{formats.XS}}}include"):
        if location := link.get("schemaLocation"):
            link.set("schemaLocation", location.rpartition("/")[2])
    (folder / file.name).write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
    return str(root.get("targetNamespace"))
