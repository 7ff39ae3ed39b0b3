"""From a party of the register to what the portal may offer there: by table 4, the commands that each active process takes. Pure."""

from contracts.events import Offered
from contracts.events.offered import OfferedProcess
from contracts.party import Party
from contracts.records import Outgoing
from contracts.topics import SERVICES
from hub.parties import common_version
from hub.processes import PROCESSES, ROWS, Process
from translators.cloud_event import Stamp, cloud_event


def offered(body: bytes | None, her_id: str, *, stamp: Stamp) -> Outgoing:
    """The compacted record of a party; a tombstone for one that is gone."""
    if body is None:
        return Outgoing(SERVICES.name, her_id.encode(), None)
    return cloud_event(offer_of(Party.model_validate_json(body)), stamp=stamp, key=her_id)


def offer_of(party: Party) -> Offered:
    """What a citizen can be offered there."""
    active = [(process, version) for process in PROCESSES if (version := common_version(party, process))]
    return Offered(
        party=party.her_id, name=party.name, level_1=party.level_1, level_1_name=party.level_1_name, address=party.address,
        reachable=party.vendor is not None, processes=tuple(_process(*each) for each in active), books_resources=party.books_resources,
        calendars=party.calendars, valid_from=party.valid_from, valid_until=party.valid_until,
    )


def _process(process: Process, version: str) -> OfferedProcess:
    return OfferedProcess(
        process=process.name, version=version, commands=tuple(_commands(process, version)), representation=process.represents(version),
    )


def _commands(process: Process, version: str) -> list[str]:
    return [row.command.family.type for row in ROWS if row.process == process.name and row.command and row.is_in(version)]
