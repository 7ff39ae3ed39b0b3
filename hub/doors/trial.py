"""The local secure broker, furnished so that everybody of table 5 can try it: topics, rights, quotas, a register, and a file for each.

What is there stays; a file is written anew, with another password, only when it is gone or names another address. Never for production.
"""

import secrets
from pathlib import Path

from contracts.kafka_connection import KafkaConnection
from contracts.rights import ADMINISTRATOR, principals, vendor_principal
from hub import topic_admin
from hub.doors import passwords, rights
from hub.doors.quotas import Quota, quota_of, set_quota
from hub.local.secure_kafka import SecureKafka
from hub.parties import Register
from hub.register_topic import held_on, publish
from hub.secret_files import write_secret


async def furnish(kafka: SecureKafka, register: Register, quota: Quota, *, group_prefix: str) -> dict[str, Path]:
    """Where the file of each name lies: how it reaches the broker, with its password."""
    connection, folder = kafka.connection, kafka.folder / "credentials"
    table = principals(register.vendors, group_prefix=group_prefix)
    await topic_admin.create(connection, vendors=register.vendors)
    await rights.grant(connection, (await rights.compare(connection, table)).missing)
    await _limit(connection, register, quota)
    if not await held_on(connection):
        await publish(register, connection)
    files = {name: passwords.file_for(name, folder) for name in (ADMINISTRATOR, *(principal.name for principal in table))}
    await _write(connection, {name: file for name, file in files.items() if _is_unfit(file, kafka.bootstrap)})
    return files


def _is_unfit(file: Path, bootstrap: str) -> bool:
    return not file.exists() or bootstrap not in file.read_text("utf-8")


async def _write(connection: KafkaConnection, files: dict[str, Path]) -> None:
    for file in files.values():
        file.unlink(missing_ok=True)
    await passwords.give_passwords(connection, {name: file for name, file in files.items() if name != ADMINISTRATOR})
    if ADMINISTRATOR in files:
        write_secret(files[ADMINISTRATOR], passwords.words_for(connection))
    for file in (file for name, file in files.items() if name in passwords.OURS):
        # a cluster that is named needs a key of one's own; on a trial everybody who runs `hub` has the same
        with file.open("a", encoding="utf-8") as held:
            held.write(f"HUB_PSEUDONYM_KEY={_key(file.parent / 'pseudonym.key')}\n")


def _key(file: Path) -> str:
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(32))
    return file.read_text("utf-8")


async def _limit(connection: KafkaConnection, register: Register, quota: Quota) -> None:
    for vendor in register.vendors:
        name = vendor_principal(vendor).name
        if not await quota_of(connection, name):
            await set_quota(connection, name, quota)
