"""A new vendor, let in: its topics, its rights, its password, its quotas and, last, its party in the register.

First what is lacking is looked up, then only that is done, so that doing it twice is safe and what was half done is finished. What is
there is never altered: not a topic, not a password, not a party, not a quota that somebody has set.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.kafka_connection import KafkaConnection
from contracts.party import Party
from contracts.rights import Principal, vendor_principal
from contracts.topics import PARTIES
from hub import topic_admin
from hub.doors import passwords, register_file, rights
from hub.doors.quotas import Quota, quota_of, set_quota
from hub.doors.rights import Granted
from hub.errors import HubError
from hub.parties import Register, with_party
from hub.register_topic import publish
from hub.secret_files import SecretNotWritten
from hub.visiting import visited_register

_MISSING = "topic"


class PartyOfAnother(HubError):
    """The HER-id is in the register already, for somebody else."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A vendor with the first party of its own, or a further one."""

    vendor: str
    party: Party
    quota: Quota
    password_file: Path
    register_file: Path | None = None
    """The register's source, where a file is one beside the topic."""

    @property
    def principal(self) -> Principal:
        """Its row of table 5."""
        return vendor_principal(self.vendor)


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a cluster and the register lack for a newcomer."""

    topics: tuple[str, ...]
    rights: tuple[Granted, ...]
    password: bool
    quota: bool
    in_file: bool
    in_register: bool

    @property
    def nothing(self) -> bool:
        """All is there."""
        return not any((self.topics, self.rights, self.password, self.quota, self.in_file, self.in_register))


def lacking(connection: KafkaConnection, newcomer: Newcomer) -> Lacking:
    """Look, and change nothing. Blocking.

    Raises what its parts do, PartyOfAnother, and SecretNotWritten where there is no room for the password's file.
    """
    name = newcomer.principal.name
    # first, because it tells whether there are doors at all
    missing_rights = asyncio.run(rights.compare(connection, [newcomer.principal])).missing
    found = asyncio.run(topic_admin.check(connection, vendors=[newcomer.vendor]))
    password = not asyncio.run(passwords.has_password(connection, name))
    if password and newcomer.password_file.exists():
        raise SecretNotWritten(f"{newcomer.password_file}: is there, but the cluster has no {name}. Move it, or name another (--file).")
    return Lacking(
        tuple(one.topic for one in found if one.what == _MISSING), missing_rights, password,
        not asyncio.run(quota_of(connection, name)),
        newcomer.register_file is not None and not register_file.stands_in(newcomer.register_file, newcomer.party),
        not _is_registered(_standing(connection), newcomer.party),
    )


def admit(connection: KafkaConnection, newcomer: Newcomer, lacks: Lacking) -> None:
    """Do what is lacking. The register comes last: from then on others may write to this vendor. Blocking. Raises what its parts do."""
    name = newcomer.principal.name
    asyncio.run(topic_admin.create(connection, vendors=[newcomer.vendor]))
    asyncio.run(rights.grant(connection, lacks.rights))
    if lacks.quota:
        asyncio.run(set_quota(connection, name, newcomer.quota))
    if lacks.password:
        asyncio.run(passwords.give_passwords(connection, {name: newcomer.password_file}))
    if lacks.in_file and newcomer.register_file:
        register_file.append(newcomer.register_file, newcomer.party)
    if lacks.in_register:
        asyncio.run(publish(with_party(_standing(connection), newcomer.party), connection))


def _standing(connection: KafkaConnection) -> Register:
    """The register on the topic; nobody's, where there is no topic yet."""
    is_there: Mapping[str, object] = asyncio.run(topic_admin.find(connection, names=[PARTIES.name]))
    return visited_register(connection) if is_there else Register(party=())


def _is_registered(register: Register, party: Party) -> bool:
    known = {one.her_id: one for one in register.party}.get(party.her_id)
    if known is None:
        with_party(register, party)  # its contradictions are told before anything is done
        return False
    if known.vendor != party.vendor:
        raise PartyOfAnother(f"--her-id: {party.her_id} is in the register already, and is {known.vendor or 'nobody'}'s.")
    return True
