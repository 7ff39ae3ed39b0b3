"""What stands in the log: one record, read. The document travels beside the original bytes, so that casework never parses XML."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contracts.failures import Failure
from contracts.records import Source
from hub.case.deadlines import Deadline, What
from schemas.documents import AppRec, Hodemelding, MsgInfo


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came in, and what identifies it. Kept through a replay."""

    source: Source
    vendor: str
    received_at: datetime
    digest: bytes
    """sha256 of the bytes: the same MsgId with other content is told."""
    letter_id: str | None = None
    """Only in a replay: the letter it was set aside in."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message that passed every check."""

    origin: Origin
    process: str
    element: str
    code: str
    message: Hodemelding
    sender: str
    """HER-id of the sending party, by the register: whose MsgId it is."""
    office: str
    """HER-id of the office, level 1 by the register."""
    leniencies: tuple[str, ...] = ()
    notices: tuple[Failure, ...] = ()
    """What the combination table would have refused, had it been strict."""
    hand_on_to: str | None = None
    """Vendor of the receiving party: the message goes to its outbox, byte for byte, and its receiver answers it."""
    receipted: bool = False
    """A positive AppRec is owed by us."""
    person: str | None = None
    """Pseudonym of the patient, over all offices; None where it does not matter whether they are digitally active."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An AppRec from an EPJ. It carries no patient and is never answered."""

    origin: Origin
    apprec: AppRec
    sender: str
    """HER-id of the party that answers."""
    hand_on_to: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message is at fault and its sender can be told by an AppRec (or, where none is wanted, by a transport error)."""

    origin: Origin
    failure: Failure
    msg_info: MsgInfo
    sender: str
    process: str | None = None
    by_apprec: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused at the door: a transport error, and no claim on the MsgId."""

    origin: Origin
    failure: Failure
    process: str | None = None
    msg_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Reading itself failed: the fault is ours. `fault` names the exception's type and our line, never its words."""

    origin: Origin
    fault: str
    way: str | None = None
    """The `Direction` of the case that it is of, where envelope and code could be read all the same; None: it is of no case."""


@dataclass(frozen=True, slots=True)
class Discard:
    """An operator's decision: this letter is not to be delivered."""

    origin: Origin
    reason: str = field(repr=False)
    """An operator's words, which the sender is told."""
    msg_info: MsgInfo | None = None
    """To address the negative AppRec, where one was wanted."""


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command that may be sent, with the document that it leads to."""

    origin: Origin
    command: str
    """The command's type."""
    process: str
    element: str
    code: str
    message: Hodemelding
    """Its MsgId is the command's id. A cancellation's appointment is still to be put in: only the case knows it."""
    receiver: str
    """HER-id of the party that is asked."""
    office: str
    """HER-id of the office, level 1 by the register."""
    to_vendor: str
    """Whose outbox it goes to."""
    deadlines: tuple[Deadline, ...] = ()
    """What is waited for, and until when."""
    appointment_id: str | None = None
    """Of a cancellation: the appointment, by our id."""
    person: str | None = None
    """Pseudonym of the patient, over all offices."""

    @property
    def command_id(self) -> str:
        """The MsgId of what is sent."""
        return self.message.msg_info.msg_id

    @property
    def is_question(self) -> bool:
        """Somebody waits for a reply."""
        return any(deadline.what is What.ANSWER for deadline in self.deadlines)


@dataclass(frozen=True, slots=True)
class Declined:
    """A command that may not be sent."""

    origin: Origin
    refusal: str
    """Name of the `Refusal`."""
    command_id: str | None = None
    """None: no id could be read."""
    command: str | None = None
    """The command's type, when it is one of ours."""
    path: str | None = None
    """Place of the fault, in names of the contract."""
    limit: int | None = None
    """What the refusal's words are filled with."""
    receiver: str | None = None
    is_question: bool = False
    """Somebody waits for a reply."""
    fault: str | None = None
    """Of a fault of ours: the exception's type and our line."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline has come. The origin is the record of the log that set it."""

    origin: Origin
    command_id: str
    what: What


@dataclass(frozen=True, slots=True)
class Receipted:
    """An AppRec, passed on to the case of the command that it answers: it names no patient itself."""

    origin: Origin
    apprec: AppRec


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer that was rejected, passed on to the case of the question that waits for it."""

    origin: Origin
    command_id: str


@dataclass(frozen=True, slots=True)
class Freed:
    """A letter of this case was dealt with elsewhere: read anew, its message proved to be of another case, or of none."""

    origin: Origin
    letter_id: str
    by: str | None = None
    """The letter that it became: those behind wait for that one now. None: they wait no more."""


@dataclass(frozen=True, slots=True)
class PartyTold:
    """The register says something of a party. The record's value is the party; none: it is gone."""

    origin: Origin
    her_id: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record of the register's or the citizens' topic that says nothing we can use."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class CitizenTold:
    """The portal says whether a citizen is digitally active."""

    origin: Origin
    person: str
    """Pseudonym of the citizen, over all offices."""
    active: bool


@dataclass(frozen=True, slots=True)
class Forget:
    """An operator's decision: what is known of a person at one office, or of them as a citizen, is to be forgotten."""

    origin: Origin
    forget_id: str
    """A UUID of its own: what it claims."""
    person: str | None = None
    """Pseudonym over all offices, which is then the key as well; None: the key is a case's."""
    statements: tuple[tuple[str, str], ...] = ()
    """Topic and key of what stands on a compacted topic, beside what the case itself knows of."""


Entry = (
    Read | Receipt | Rejected | Refused | Unread | Discard | Commanded | Declined | Due | Receipted | Broken | Freed | PartyTold
    | CitizenTold | Unusable | Forget
)
_KINDS: Final[tuple[type[Entry], ...]] = (
    Read, Receipt, Rejected, Refused, Unread, Discard, Commanded, Declined, Due, Receipted, Broken, Freed, PartyTold, CitizenTold,
    Unusable, Forget,
)
KINDS: Final[dict[str, type[Entry]]] = {kind.__name__.lower(): kind for kind in _KINDS}
_OF_A_CASE: Final = (Read, Discard, Commanded, Due, Receipted, Broken, Freed, Forget)


def is_of_a_case(entry: Entry) -> bool:
    """It concerns a patient at an office, a letter of theirs, or a command; everything else only has an order."""
    return isinstance(entry, _OF_A_CASE) or (isinstance(entry, Unread) and entry.way is not None)
