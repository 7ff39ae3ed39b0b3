"""What leaves when a case is forgotten: a tombstone for everything that stands, and its reply to who still waits for one. Pure.

Never tells whose case it was, and never decides that it is forgotten.
"""

from collections.abc import Iterator

from contracts.records import Outgoing
from contracts.topics import ACCESS, APPOINTMENT_STATUS
from hub.case import stories
from hub.case.decision import Context
from hub.case.entries import Forget
from hub.case.state import Case
from translators.cloud_event import key_of_access


def forgotten(case: Case, entry: Forget, context: Context) -> list[Outgoing]:
    """Tombstones, once each; and of a question that is still open: no answer is taken any more."""
    standing = dict.fromkeys((*_standing(case, context.case_key), *entry.statements))
    told = [Outgoing(topic, key.encode(), None) for topic, key in standing]
    for request in case.conversations:
        if request.is_waiting_question:
            told.append(stories.no_reply("broken", request, leaving=stories.Leaving(context.stamp, len(told))))
    return told


def _standing(case: Case, case_key: str) -> Iterator[tuple[str, str]]:
    for appointment in case.appointments:
        if appointment.published:
            yield APPOINTMENT_STATUS.name, appointment.id
    for access in case.access:
        yield ACCESS.name, key_of_access(case_key, access.service)
