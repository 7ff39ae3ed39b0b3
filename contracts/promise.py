"""A part of a contract: what every model that crosses our border has in common."""

from pydantic import BaseModel, ConfigDict


class Promise(BaseModel):
    """Frozen, and closed to fields nobody promised."""

    # a field's docstring is its description in contracts/published/
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601", use_attribute_docstrings=True)
