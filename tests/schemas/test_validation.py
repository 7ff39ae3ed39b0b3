"""Validation: lxml decides, safely, from a schema built once per thread."""

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from schemas import formats, validation
from tests.schemas.breaking import FIXTURES, XSI_TYPE, parsed

PUSH = next(file for file in FIXTURES if file.stem == "push-07")


def _first(root: etree._Element, name: str) -> etree._Element:
    return next(root.iter(f"{{*}}{name}"))


def test_a_schema_is_built_once_per_thread_and_shared_by_none() -> None:
    """Asking again gives the same schema; another thread has its own, because logs of two threads would mix."""
    assert validation.compiled() is validation.compiled()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(validation.compiled).result() is not validation.compiled()


def test_threads_that_validate_at_once_keep_their_own_verdicts() -> None:
    """Four threads, each with a fault of its own, each get their own place."""
    names = ("GenDate", "MIGversion", "date-time", "Document")
    together = threading.Barrier(len(names))

    def paths(name: str) -> set[str]:
        root = parsed(PUSH)
        _first(root, name).text = "x"
        together.wait(timeout=30)
        return {str(failure and failure.path).rpartition("/")[2] for failure in (validation.violation(root) for _ in range(20))}

    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(paths, names)) == [{"GenDate"}, {"MIGversion"}, {"date-time"}, {"Document[1]"}]


def test_every_supported_format_is_in_the_driver() -> None:
    """libxml2 passes over an import that it cannot open: each supported root must really be declared."""
    for row in (*formats.ROOTS, *formats.PARTS):
        empty = etree.Element(row.tag)
        validation.compiled().validate(empty)
        log: Any = validation.compiled().error_log
        assert all(entry.type_name != "SCHEMAV_CVC_ELT_1" for entry in log), row.title


def test_schema_locations_in_a_message_load_nothing(tmp_path: Path) -> None:
    """A hint that would make an unknown part valid is not followed, on disk or over the network, by the validator or the explainer."""
    schema = tmp_path / "mine.xsd"
    schema.write_text(f'<xs:schema xmlns:xs="{formats.XS}" targetNamespace="urn:mine"><xs:element name="Mine"/></xs:schema>')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        for place in (schema.as_uri(), f"http://127.0.0.1:{listener.getsockname()[1]}/mine.xsd"):
            root = parsed(PUSH)
            for element in (root, _first(root, "Dialogmelding")):
                element.set(f"{{{formats.XSI}}}schemaLocation", f"urn:mine {place}")
                element.set(f"{{{formats.XSI}}}noNamespaceSchemaLocation", place)
            assert validation.violation(root) is None
            _first(root, "GenDate").text = "x"
            _first(root, "Dialogmelding").tag = "{urn:mine}Mine"
            assert validation.violation(root) is not None
            _first(root, "GenDate").text = "2031-03-04T08:15:30Z"
            failure = validation.violation(root)
            assert failure
            assert failure.code == "T10"
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(("name", "type_"), [
    ("Ack", "string"), ("Ack", "anyType"), ("MsgId", "anyType"), ("GenDate", "string"), ("Patient", "anyType"),
])
def test_a_message_cannot_loosen_a_type(name: str, type_: str) -> None:
    """xsi:type may name only a type derived from the declared one."""
    root = parsed(PUSH)
    qualified: Any = etree.QName(formats.XS, type_)
    _first(root, name).set(XSI_TYPE, qualified)
    assert validation.violation(root) is not None


def test_a_long_code_system_is_refused_at_once() -> None:
    """The published pattern for OIDs can be tried in endlessly many ways; ours says the same and is read once."""
    root = parsed(PUSH)
    _first(root, "TypeId").set("S", "1" * 100_000 + "x")
    began = time.thread_time()
    failure = validation.violation(root)
    assert failure
    assert time.thread_time() - began < 1


def test_validation_leaves_the_document_as_it_was() -> None:
    """Defaults and fixed values are not written into the message: it is handed on byte for byte."""
    for fixture in FIXTURES:
        root = parsed(fixture)
        before = etree.tostring(root)
        validation.violation(root)
        assert etree.tostring(root) == before


def test_a_process_that_explains_nothing_does_not_load_the_explainer() -> None:
    """xmlschema takes a third of a second to import: it waits for the first no."""
    code = "import sys, schemas.validation; sys.exit('xmlschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
