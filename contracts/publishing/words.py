"""The AsyncAPI document's words for people: its introduction, and what each topic asks of those who write it."""

from collections.abc import Mapping
from typing import Final

from contracts.commands.base import ANSWERED_WITHIN
from contracts.topics import CITIZENS, COMMANDS, DELIVERIES, INBOX, PARTIES, REPLIES, SERVICES, SYNC, Topic

INTRODUCTION: Final = f"""\
The hub stands between the journal systems (EPJ) of clinics and the citizens' portal. XML dialogue messages come in by a vendor's inbox,
and events and receipts leave. The portal's commands come in, and leave as XML by a vendor's outbox. Whatever leaves, leaves exactly once.

## Who reads

What every subscriber must do:

* Read with `isolation.level=read_committed`. Kafka clients read uncommitted by default, and would show what was never delivered.
* Ignore fields and event types they do not know: both are added without a new version. A closed list (`enum`) is not added to.
* Events are CloudEvents 1.0 in binary mode: attributes in headers (`ce_*`), JSON in the value. `ce_cause` names the MsgId of the message
  that caused the event, or where it came in (topic/partition/offset) when it has none. `ce_id` is unique, and the same if read again.
* Order holds per key. A key is never a person's number.
* A compacted topic holds the newest record of each key: read it from the beginning to know how things stand, and go on reading. A record
  without a value is a tombstone: forget that key.
* An appointment's `revision` only rises, over all topics that tell of it: the highest revision wins, whatever arrives first.
* A notification withdraws every notification of the same appointment with a lower revision; `cancelled` leaves nothing to remind of.

## Who writes

What is written in JSON is closed: a field that the schema does not have is refused. A field without a value is left out, never null.

What every writer of commands must know:

* A command is a CloudEvent 1.0 in binary mode. Its `ce_id` is a UUID of the portal's making: the command's id. It becomes the MsgId of the
  XML that is sent, and it is the key of all that is told about the command, on `{DELIVERIES.name}` and `{REPLIES.name}`.
* Writing the same command again, byte for byte under the same id, is safe: it is sent once. Another command under a used id is not sent.
* The hub never sends a command again by itself. A new try is a new command, under a new id.
* A question is a command with a `deadline`. It has exactly one reply on `{REPLIES.name}`: the answer, or that there is none.
  The reply comes by the deadline, and at the latest {ANSWERED_WITHIN.seconds} seconds after the command stood on its topic, but for the
  moment that it takes to write it.
* Every other command has a story on `{DELIVERIES.name}`: `sent` or `not-sent`; when it is sent, the receipt, `accepted` or `rejected`, or
  `overdue` when there is none in time; then the office's answer, `answered` or `refused`, or `unanswered` when there is none in time.
* `not-sent` gives a `reason`: a stable code, and words in Norwegian and English that a citizen can be shown.
* `receiver` is a `party` of `{SERVICES.name}` that is `reachable`, and whose processes list the command.
"""

_VALUE_ALONE: Final = "Nothing but the value is read: key and headers are the sender's own."
_ONE_PARTITION: Final = (
    "What is about one patient belongs on one partition, in its order: give it a key of your own, never the patient's number."
)
_PLAIN: Final = "A plain JSON record, no CloudEvent: no header is read."

WRITING: Final[Mapping[Topic, tuple[str, ...]]] = {
    INBOX: (_VALUE_ALONE, _ONE_PARTITION),
    SYNC: (
        _VALUE_ALONE,
        "For the answers of the portal's questions alone, which have 15 seconds: here they wait behind nothing else. Nobody has to use it.",
    ),
    COMMANDS: (
        "A CloudEvent in binary mode: headers and value are read, the key is not.",
        "Under a `ce_id` that was used before, the same bytes are passed by, and others are not sent.",
        _ONE_PARTITION,
    ),
    CITIZENS: (
        _PLAIN,
        "Give each person one key for ever, of your own and never the person's number, and write a new record when it changes.",
        "The newest record of a key stands. Write `active` false before a tombstone: a record without a value names nobody.",
    ),
    PARTIES: (
        _PLAIN,
        "The key is the `her_id`. The newest record of a key stands, and a tombstone (no value) takes the party of that key away.",
    ),
}
"""What those must know who write a topic. Every topic that comes in has its words."""
