"""Our schemas and the published ones give the same verdict: on the published examples, on our fixtures, and on those broken everywhere."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.failures import Rule
from schemas import formats, validation
from tests.schemas.breaking import FIXTURES, breaks, broken, parsed
from tests.spec import spec_dir


def _covered(root: etree._Element) -> bool:
    parts = [part.tag for content in root.iter(f"{{{formats.MSGHEAD}}}Content") for part in content]
    return all(isinstance(tag, str) and (row := formats.format_of(tag)) and row.supported for tag in [root.tag, *parts])


def _examples() -> list[Path]:
    return sorted((spec_dir() / "examples").rglob("*.xml"))


def test_published_and_own_schemas_agree_on_every_example_that_ours_cover(published: etree.XMLSchema) -> None:
    """An example whose every part we support is valid by both or by neither; at least ten are valid by both."""
    roots = [root for file in _examples() if _covered(root := etree.parse(file).getroot())]
    verdicts = [(validation.violation(root) is None, published.validate(root)) for root in roots]
    assert all(ours == theirs for ours, theirs in verdicts)
    assert verdicts.count((True, True)) >= 10


def test_an_example_with_a_format_we_do_not_know_is_told_so() -> None:
    """A part or root that is not supported is T10 with the list of those that are, never a broken schema."""
    roots = [root for file in _examples() if not _covered(root := etree.parse(file).getroot())]
    failures = [validation.violation(root) for root in roots]
    assert failures
    assert {failure and failure.rule for failure in failures} == {Rule.UNSUPPORTED_PART.name}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_our_fixtures_are_valid_by_both(fixture: Path, published: etree.XMLSchema) -> None:
    """The fixtures hold every element that the supported formats have, and are good messages."""
    assert validation.violation(parsed(fixture)) is None
    assert published.validate(parsed(fixture))


def test_the_fixtures_use_every_element_of_our_schemas() -> None:
    """What no fixture uses, no comparison would reach."""
    used = {etree.QName(e).localname for file in FIXTURES for e in parsed(file).iter()}
    declared = {e.get("name") for file in formats.XSD_DIR.glob("*.xsd") for e in etree.parse(file).iter(f"{{{formats.XS}}}element")}
    seldom = {"HMACOutputLength", "XPath", "X509SKI", "X509SubjectName", "X509CRL", "PGPKeyPacket", "MgmtData", "J", "Seed", "PgenCounter"}
    assert {name for name in declared if name} - used <= seldom


def _golden() -> Iterator[tuple[str, etree._Element]]:
    for file in sorted((Path(__file__).parents[1] / "golden").rglob("in*.xml")):
        with suppress(etree.XMLSyntaxError):  # a golden message may be one that nobody can parse
            yield file.parent.name, etree.fromstring(file.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))


def test_both_agree_on_every_golden_message(published: etree.XMLSchema) -> None:
    """Golden messages, good and bad, whose parts we support get the same verdict."""
    verdicts = {name: (validation.violation(root) is None, published.validate(root)) for name, root in _golden() if _covered(root)}
    assert len(verdicts) > 50
    assert {name for name, (ours, theirs) in verdicts.items() if ours != theirs} == set()


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_both_agree_on_a_message_broken_anywhere(fixture: Path, published: etree.XMLSchema) -> None:
    """Dropping, doubling, swapping or renaming any element, or an odd value in any text or attribute, changes both verdicts alike."""
    ours = validation.compiled()
    different = [what for what, root in broken(fixture) if ours.validate(root) != published.validate(root)]
    assert different == []


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_both_agree_on_a_message_broken_in_several_places(published: etree.XMLSchema, data: st.DataObject) -> None:
    """Faults together are judged alike too."""
    root = parsed(data.draw(st.sampled_from(FIXTURES)))
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from([e for e in root.iter() if e is not root] or [parsed(FIXTURES[0])[0]]))
        data.draw(st.sampled_from([break_ for _, break_ in breaks(element)]))(element)
    assert (validation.violation(root) is None) == published.validate(root)


@pytest.mark.parametrize(("fact", "mistake"), [
    ('<xs:element name="MsgId" type="xs:string"/>', '<xs:element name="MsgId" type="xs:string" minOccurs="0"/>'),
    ('<xs:element name="GenDate" type="xs:dateTime"/>', '<xs:element name="GenDate" type="xs:string"/>'),
    ('<xs:sequence minOccurs="0">', "<xs:sequence>"),
])
def test_a_mistake_in_our_schemas_is_noticed(fact: str, mistake: str, published: etree.XMLSchema, tmp_path: Path) -> None:
    """The comparison bites: one fact wrong in the envelope's schema gives different verdicts."""
    for file in formats.XSD_DIR.glob("*.xsd"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace(fact, mistake) if file.name.startswith("msghead") else text, encoding="utf-8")
    mistaken = etree.XMLSchema(etree.parse(tmp_path / formats.DRIVER_XSD.name))
    envelope = next(file for file in FIXTURES if file.stem == "everything-envelope")
    roots = [parsed(envelope), *(root for _, root in broken(envelope))]
    assert any(mistaken.validate(root) != published.validate(root) for root in roots)
