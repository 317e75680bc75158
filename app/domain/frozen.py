"""The base of the domain's documents."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable document part that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
