"""All JSON that the hub is told: the portal's commands, who is digitally active, and the register. XML comes by the inboxes.

A command is a CloudEvent and has a type. The other two are plain records of a compacted topic: a value, under a key.
"""

from dataclasses import dataclass

from contracts.citizen import CitizenStatus
from contracts.commands import COMMAND_FAMILIES
from contracts.party import Party
from contracts.promise import Promise
from contracts.topics import CITIZENS, PARTIES, Topic


@dataclass(frozen=True, slots=True)
class Input:
    """One kind of record that others write and the hub reads."""

    name: str
    topic: Topic
    model: type[Promise]
    example: str
    """What the hub learns from it, in one sentence."""
    types: tuple[str, ...] = ()
    """Its CloudEvents type. None: a plain record, no CloudEvent."""
    version: int = 1


INPUTS: tuple[Input, ...] = (
    *(
        Input(f"command.{family.name}", family.topic, family.model, family.example, (family.type,), family.version)
        for family in COMMAND_FAMILIES
    ),
    Input("party", PARTIES, Party, "This communication party is in the register, and these processes are active there."),
    Input("citizen", CITIZENS, CitizenStatus, "This citizen is digitally active."),
)
