"""Shapes that many parts share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from app.domain.reasons import Reason

FIRST_YEAR, LAST_YEAR = 2000, 2199

LEFT_OUT: Any = Field(default_factory=lambda: None)
"""The default of a member that an update may leave out; an explicit null is still refused by the member's type."""


ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
"""Without control characters and without those that turn the direction of writing."""

LINES = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
"""As `ONE_LINE`, in any number of lines."""


class Input(BaseModel):
    """What a request may carry; unknown members are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class Output(BaseModel):
    model_config = ConfigDict(frozen=True)


class FieldErrorRead(BaseModel):
    """One thing that is wrong, in the language of Accept-Language."""

    place: str = Field(description="Where, e.g. `items[3].key`.", examples=["duration_minutes"])
    code: str = Field(examples=["duration_below_minimum"])
    detail: str
    clause: str | None = Field(default=None, description="Clause of the standard.", examples=["1.9.4"])


def _in_utc(time: datetime) -> datetime:
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ValueError(f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return time.astimezone(UTC)


def _clamped(time: datetime) -> datetime:
    if FIRST_YEAR <= time.year <= LAST_YEAR:
        return time.astimezone(UTC)
    return datetime(min(max(time.year, FIRST_YEAR), LAST_YEAR), 1, 1, tzinfo=UTC)


ClientTime = Annotated[AwareDatetime, AfterValidator(_clamped)]
"""What a client's clock shows, however wrong: it is kept, never trusted, and no answer is refused for it."""

Points = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json"), Field(examples=[25])]
"""Exact inside, a JSON number outside."""

Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]

ReasonField = Annotated[
    Reason, Field(description="原因代码 A code of the taxonomy of reasons.", examples=["technical.device"])
]
Note = Annotated[
    str,
    Field(
        max_length=500,
        pattern=LINES,
        description="说明，勿写姓名和证件号 A note for the record, without personal data.",
    ),
]
