"""What we publish of our promises, as texts: a JSON Schema for all that is told in JSON, and one AsyncAPI document over table 1.

Pure: from contracts/topics.py, `FAMILIES` and `INPUTS` to texts, the same texts every time. Never reads or writes a file, which
`hub contracts` does.
"""

import json

from contracts.publishing.asyncapi import asyncapi
from contracts.publishing.json_schemas import PROMISES, file_of, schema
from contracts.publishing.yaml import to_yaml


def artefacts() -> dict[str, str]:
    """Every generated file: path below `contracts/published/` → text."""
    return schemas() | {"asyncapi.yaml": to_yaml(asyncapi())}


def schemas() -> dict[str, str]:
    """The JSON Schemas: path below `contracts/published/` → text. A promise without its file here cannot happen."""
    return {f"schemas/{file_of(promise)}": json.dumps(schema(promise), ensure_ascii=False, indent=2) + "\n" for promise in PROMISES}
