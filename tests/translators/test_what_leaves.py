"""What leaves: CloudEvents with derived ids, receipts, transport errors, deliveries."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest
from lxml import etree

from contracts.events import FAMILIES, Delivery
from contracts.failures import Failure, Rule
from contracts.records import Outgoing
from schemas.documents import AppRec, Kode
from schemas.kodeverk.feilmelding_8221 import OID
from schemas.message import open_message
from tests import mail
from tests import messages as m
from tests.story import data_of, type_of
from tests.test_golden import GOLDEN
from translators.apprec_to_delivery import delivery
from translators.cloud_event import Stamp, cloud_event, derived_id, key_of_request
from translators.failure_to_apprec import apprec
from translators.failure_to_transport_error import notice, transport_error

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
STAMP = Stamp(3, 17, AT, "epj.fjord.inbox/1/5", m.msg_id(1))
INFO = open_message(mail.push("05", number=1)).hodemelding().msg_info
DELIVERY = Delivery(request=m.msg_id(900), at=AT)
FAILURE = Failure.of(Rule.MISSING, "/MsgHead/MsgInfo", 4, expected="ConversationRef")
TO_SENDER = [rule for rule in Rule if ":" not in rule.code]


def headers(out: Outgoing) -> dict[str, str]:
    """By name."""
    return {name: value.decode() for name, value in out.headers}


def received() -> AppRec:
    """An EPJ's receipt."""
    return open_message((GOLDEN / "AppRec" / "2-rejected" / "in.xml").read_bytes()).apprec()


def test_an_event_says_what_the_binding_asks_for() -> None:
    """CloudEvents 1.0, binary mode."""
    said = headers(cloud_event(DELIVERY, "accepted", stamp=STAMP, key="k", subject="s"))
    assert (said["ce_specversion"], said["ce_type"], said["content-type"]) == ("1.0", "hub.delivery.accepted.v1", "application/json")
    assert (said["ce_subject"], said["ce_cause"]) == ("s", m.msg_id(1))
    assert datetime.fromisoformat(said["ce_time"]) == AT


def test_an_event_done_again_is_the_same_to_the_byte() -> None:
    """Same place in the log, same route, same index."""
    assert cloud_event(DELIVERY, "accepted", stamp=STAMP, key="k") == cloud_event(DELIVERY, "accepted", stamp=STAMP, key="k")


def test_two_events_never_have_the_same_id() -> None:
    """Another index, type, offset or partition is another event."""
    stamps = (STAMP, replace(STAMP, offset=18), replace(STAMP, partition=4))
    made = [cloud_event(DELIVERY, what, stamp=s, key="k", index=i) for s in stamps for what in ("accepted", "refused") for i in (0, 1)]
    assert len({headers(out)["ce_id"] for out in made}) == len(made)


def test_all_events_of_one_message_share_a_trace() -> None:
    """And each has a span of its own."""
    traces = [headers(cloud_event(DELIVERY, "accepted", stamp=STAMP, key="k", index=i))["traceparent"].split("-") for i in (0, 1)]
    assert traces[0][1] == traces[1][1]
    assert traces[0][2] != traces[1][2]
    assert [len(part) for part in traces[0]] == [2, 32, 16, 2]


def test_a_derived_id_is_a_version_5_uuid() -> None:
    """As the library makes it."""
    made = derived_id("case", 7)
    namespace = uuid5(UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"), "urn:epj-hub:ids")
    assert (made, made.version) == (uuid5(namespace, "case|7"), 5)


def test_an_event_that_was_never_promised_cannot_be_made() -> None:
    """A misspelt type stops here, not at a subscriber."""
    with pytest.raises(ValueError, match="does not promise this"):
        cloud_event(DELIVERY, "acepted", stamp=STAMP, key="k")


def test_every_promised_type_is_of_one_family() -> None:
    """No two families say the same."""
    types = [type_ for family in FAMILIES for type_ in family.types]
    assert len(set(types)) == len(types)


@pytest.mark.parametrize("text", ["12838510068", "Kaja", "", "{" + m.msg_id(1) + "}"])
def test_a_key_never_repeats_what_is_no_id(text: str) -> None:
    """It is hashed, the same each time."""
    assert key_of_request(m.msg_id(1)) == m.msg_id(1)
    assert key_of_request(text) == key_of_request(text) != text
    assert UUID(key_of_request(text)).version == 5


def test_a_positive_receipt_mirrors_the_addresses() -> None:
    """Our receiver sends it to the sender, about the message's id, type and time."""
    receipt = open_message(apprec(INFO, None, stamp=STAMP, vendor="fjord", key="k").value or b"").apprec()
    assert (receipt.sender.her_id, receipt.receiver.her_id) == (mail.PORTAL[1], mail.OFFICE[1])
    assert (receipt.status.v, receipt.error, receipt.original_msg_id.id) == ("1", (), m.msg_id(1))
    assert receipt.original_msg_id.issue_date_text == INFO.gen_date_text


@pytest.mark.parametrize("rule", TO_SENDER, ids=lambda rule: rule.id)
def test_every_no_to_a_sender_can_be_told_by_a_receipt(rule: Rule) -> None:
    """Code and official text of 8221; place and hint in both languages. Valid by our schema of AppRec."""
    out = apprec(INFO, Failure.of(rule, "/MsgHead/MsgInfo", 4, expected="ConversationRef"), stamp=STAMP, vendor="fjord", key="k")
    (error,) = open_message(out.value or b"").apprec().error
    assert (error.v, error.s) == (rule.code, OID)
    hint = Failure.of(rule, expected="ConversationRef").hint
    assert all(words in (error.ot or "") for words in ("/MsgHead/MsgInfo", "4", hint.nb, hint.en))


def test_a_receipt_done_again_is_the_same_receipt() -> None:
    """Its id comes from the log's coordinates."""
    assert apprec(INFO, FAILURE, stamp=STAMP, vendor="fjord", key="k") == apprec(INFO, FAILURE, stamp=STAMP, vendor="fjord", key="k")
    other = apprec(INFO, FAILURE, stamp=replace(STAMP, offset=18), vendor="fjord", key="k")
    assert etree.fromstring(other.value or b"").findtext("{*}Id") != etree.fromstring(
        apprec(INFO, FAILURE, stamp=STAMP, vendor="fjord", key="k").value or b"",
    ).findtext("{*}Id")


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.id)
def test_every_no_can_be_told_by_a_transport_error(rule: Rule) -> None:
    """A condition of the profile, and words in two languages."""
    data = data_of(transport_error(Failure.of(rule, expected="x"), stamp=STAMP, vendor="fjord"))
    assert data["condition"].split(":")[0] in {"transport", "abuse"}
    assert data["description"]["nb"] != data["description"]["en"]
    assert data["original_message_id"] == m.msg_id(1)


def test_a_transport_error_without_an_id_names_the_record() -> None:
    """Topic, partition and offset: the vendor can find what it sent."""
    out = transport_error(FAILURE, stamp=replace(STAMP, cause=None), vendor="fjord")
    assert (out.topic, out.key) == ("epj.fjord.errors", b"epj.fjord.inbox/1/5")
    assert "original_message_id" not in data_of(out)


def test_a_notice_is_no_error() -> None:
    """The message was taken; there is something to mend."""
    out = notice(Failure.of(Rule.NOT_ALLOWED, expected="Base64Container"), stamp=STAMP, vendor="fjord")
    assert (type_of(out), data_of(out)["condition"]) == ("hub.transport.notice.v1", "notice:not-allowed")


def test_a_delivery_tells_the_codes_and_never_the_receivers_words() -> None:
    """`DN` and `OT` may quote a person: our own text of the code stands there."""
    data = data_of(delivery(received(), stamp=STAMP))
    assert data["errors"] == [{"code": "E31", "text": "Pasientens fødselsnummer er feil"}]
    assert "Se sifrene" not in str(data)


def test_an_error_code_of_nobodys_list_is_told_as_another_fault() -> None:
    """X99: what stands there may be anything."""
    data = data_of(delivery(replace(received(), error=(Kode("Kaja"), Kode(None))), stamp=STAMP))
    assert [error["code"] for error in data["errors"]] == ["X99", "X99"]


@pytest.mark.parametrize(("status", "what"), [("1", "accepted"), ("2", "rejected"), ("3", "rejected"), (None, "rejected")])
def test_only_a_plain_ok_is_an_acceptance(status: str | None, what: str) -> None:
    """A part that failed, or no word at all, is none."""
    out = delivery(replace(received(), status=Kode(status)), stamp=STAMP)
    assert (type_of(out), out.key) == (f"hub.delivery.{what}.v1", m.msg_id(900).encode())
