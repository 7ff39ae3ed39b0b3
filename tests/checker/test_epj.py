"""The EPJs of a run: everything that an office can do happens, each by the command's id, and always the same."""

from collections import Counter

from checker.facts import Kind, Mail, Seen, mail_of
from contracts.topics import OUTBOX
from hub.certify.epj import LATE, Posted, answers
from tests.checker.planting import World, a_document, an_apprec


def documents(honest: World) -> list[Seen]:
    """All commands' documents."""
    outboxes = OUTBOX.name.rpartition(".")[2]
    return [record for topic, records in honest.items() if topic.endswith(outboxes) for record in records if a_document(record)]


def said(record: Seen) -> list[tuple[Mail, Posted]]:
    """What is sent because of it, re-sends not counted."""
    return [(mail_of(posted.letter.body), posted) for posted in answers(record) if not posted.letter.again]


def test_the_same_record_is_always_answered_by_the_same_letters(honest: World) -> None:
    """Read twice, it leads to re-sends and to nothing new."""
    for record in documents(honest):
        assert list(answers(record)) == list(answers(record))


def test_an_apprec_is_never_answered(honest: World) -> None:
    """Nor read as a request."""
    receipts = [record for records in honest.values() for record in records if an_apprec(record)]
    assert [posted for record in receipts for posted in answers(record)] == []


def test_questions_are_answered_at_once_late_broken_twice_and_never(honest: World) -> None:
    """Each of these happens."""
    fates = Counter(
        tuple((mail.kind, posted.after >= LATE) for mail, posted in said(record))
        for record in documents(honest) if mail_of(record.value or b"").code in {"HLT", "HB", "KT"}
    )
    reply, late, broken = (Kind.REPLY, False), (Kind.REPLY, True), (Kind.BROKEN, False)
    assert fates.keys() == {(reply,), (late,), (broken,), (broken, reply), (), (reply, reply)}


def test_requests_are_receipted_rejected_answered_refused_and_forgotten(honest: World) -> None:
    """What is rejected is never answered."""
    fates = {
        tuple((mail.kind, mail.code) for mail, _ in said(record))
        for record in documents(honest) if mail_of(record.value or b"").code in {"RT", "ART"}
    }
    codes = {code for fate in fates for kind, code in fate if kind is Kind.ANSWER}
    assert codes == {"05", "06", "08", "09", "26"}
    assert {(), ((Kind.RECEIPT, "1"),), ((Kind.RECEIPT, "2"),), ((Kind.ANSWER, "05"),)} <= fates
    assert all(len(fate) == 1 for fate in fates if (Kind.RECEIPT, "2") in fate)


def test_every_answer_says_which_document_it_answers(honest: World) -> None:
    """By its MsgId, which is the command's id."""
    for record in documents(honest):
        assert {mail.answers for mail, _ in said(record)} <= {mail_of(record.value or b"").msg_id}
