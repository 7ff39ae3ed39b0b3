"""One party more in the register's file: appended, so that a person's order and comments stay. Never changes a party that is there."""

import json
import os
from pathlib import Path

from contracts.party import Party
from hub.parties import Register, parse_register, read_register


def stands_in(file: Path, party: Party) -> bool:
    """Whether a party of this HER-id is there. Raises RegisterUnreadable."""
    return any(one.her_id == party.her_id for one in read_register(file).party)


def append(file: Path, party: Party) -> Register:
    """Write it at the end, the whole file at once or not at all. Raises RegisterUnreadable when that would be no register."""
    held = file.read_text("utf-8")
    text = f"{held.rstrip()}\n\n{as_toml(party)}"
    register = parse_register(text, str(file))
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text, "utf-8")
    beside.chmod(file.stat().st_mode & 0o777)
    os.replace(beside, file)  # noqa: PTH105  says what matters: one step
    return register


def as_toml(party: Party) -> str:
    """A party with the fields that a newcomer has."""
    fields = {"her_id": party.her_id, "level_1": party.level_1, "name": party.name, "vendor": party.vendor or ""}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    active = "".join(f'    {{ process = "{one.process}", version = "{one.version}" }},\n' for one in party.processes)
    return "\n".join(("[[party]]", *lines, f"processes = [\n{active}]" if active else "processes = []")) + "\n"
