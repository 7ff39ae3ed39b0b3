"""What the portal is told of its commands: each step of a command's story, and the one reply of a question. Pure.

Never decides that something has happened: it only says so. Nothing here leads to a command being sent again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.events import Delivery, NoReply
from contracts.events.reply import Reply
from contracts.records import Outgoing
from contracts.refusals import Reason
from hub.case.state import Conversation
from translators.cloud_event import Stamp, cloud_event, key_of_request
from translators.statements import Replied


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where in the log what leaves now was caused, and which of that record's it is."""

    stamp: Stamp
    index: int


def step(what: str, request: Conversation, *, leaving: Leaving, at: datetime | None = None, **more: Any) -> Outgoing:
    """One step of a command's story. `at`: when it was said; None: when the log heard of it."""
    sent = request.sent
    data = Delivery(
        request=request.msg_id, at=at or leaving.stamp.at, service=sent.service if sent else None, command=sent.command if sent else None,
        **more,
    )
    return _delivered(data, what, leaving)


def answered(request: Conversation, *, code: str | None, at: datetime, leaving: Leaving) -> Outgoing:
    """The office has said its own word."""
    return step("answered", request, leaving=leaving, at=at, code=code)


def not_sent(
    request: str, reason: Reason, *, leaving: Leaving, command: str | None, path: str | None = None, source: str | None = None,
) -> Outgoing:
    """The only step of a command that was not sent."""
    data = Delivery(request=request, at=leaving.stamp.at, command=command, reason=reason, path=path, source=source)
    return _delivered(data, "not-sent", leaving)


def reply(told: Replied, request: Conversation, *, leaving: Leaving) -> Outgoing:
    """The office's answer to a question."""
    data = told.reply(**_of(request, leaving), **told.parts)
    return _replied(data, None, leaving)


def no_reply(
    what: str, request: Conversation, *, leaving: Leaving, code: str | None = None, text: str | None = None,
) -> Outgoing:
    """There is no answer to a question: it timed out, was refused, or came broken."""
    return _replied(NoReply(**_of(request, leaving), code=code, text=text), what, leaving)


def not_asked(command_id: str, receiver: str, reason: Reason, *, leaving: Leaving) -> Outgoing:
    """A question that was not sent has its reply too: somebody waits."""
    data = NoReply(command=UUID(command_id), receiver=receiver, at=leaving.stamp.at, reason=reason)
    return _replied(data, "not-sent", leaving)


def _of(request: Conversation, leaving: Leaving) -> dict[str, Any]:
    return {"command": UUID(request.msg_id), "receiver": request.sent.receiver if request.sent else "", "at": leaving.stamp.at}


def _delivered(data: Delivery, what: str, leaving: Leaving) -> Outgoing:
    return cloud_event(data, what, stamp=leaving.stamp, key=key_of_request(data.request), index=leaving.index)


def _replied(data: Reply, what: str | None, leaving: Leaving) -> Outgoing:
    return cloud_event(data, what, stamp=leaving.stamp, key=str(data.command), index=leaving.index)
