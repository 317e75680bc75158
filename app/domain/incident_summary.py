"""What a board shows of incidents that nobody has acknowledged yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.incident_kinds import IncidentKind, Severity, gravest


@dataclass(frozen=True)
class IncidentSummary:
    """How many are `open`; `severity` is the gravest of them, `newest` the kind of the last, at `last_at`."""

    open: int = 0
    severity: Severity | None = None
    newest: IncidentKind | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class RoomIncidents:
    """`room` is of all that is open in the room: its candidates' and its own."""

    by_attempt: Mapping[UUID, IncidentSummary] = field(default_factory=dict)
    room: IncidentSummary = field(default_factory=IncidentSummary)


def together(parts: Iterable[IncidentSummary]) -> IncidentSummary:
    """One summary of several."""
    dated = [(part.last_at, part) for part in parts if part.last_at is not None]
    if not dated:
        return IncidentSummary()
    last_at, newest = max(dated, key=lambda pair: pair[0])
    return IncidentSummary(
        sum(part.open for _, part in dated),
        gravest(part.severity for _, part in dated if part.severity is not None),
        newest.newest,
        last_at,
    )
