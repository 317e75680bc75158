"""Incidents (异常/违纪) as staff see them: summaries for boards, lists, one with its notes and evidence."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.domain.incident_kinds import GRAVITY, IncidentKind, Severity
from app.domain.incident_summary import IncidentSummary, RoomIncidents, together
from app.models.incident import Evidence, Incident, IncidentEvidence, IncidentNote
from app.models.sitting import Room
from app.models.staff import Staff


@dataclass(frozen=True)
class Filters:
    """None lets everything through. `room_id` is given for one room's."""

    open: bool | None = None
    kind: IncidentKind | None = None
    severity: Severity | None = None
    attempt_id: UUID | None = None


@dataclass(frozen=True)
class Position:
    """Where an incident stands in a list: open ones first, then by gravity, then the newest."""

    rank: int
    last_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.rank} {self.last_at.isoformat()} {self.id}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises ValueError."""
        rank, last_at, id_ = text.split(" ")
        return cls(int(rank), datetime.fromisoformat(last_at), UUID(id_))


@dataclass(frozen=True)
class Seen:
    """An incident with all that staff added to it; `usernames` of all of them by account."""

    incident: Incident
    notes: Sequence[IncidentNote]
    evidence: Sequence[tuple[IncidentEvidence, str, int]]
    usernames: dict[UUID, str]


async def summary(session: AsyncSession, rooms: Sequence[UUID]) -> dict[UUID, RoomIncidents]:
    """The open incidents by room, rooms without any left out; one statement."""
    query = (
        _open_parts(col(Room.id), col(Incident.attempt_id))
        .join(Room, (col(Room.sitting_id) == col(Incident.sitting_id)) & (col(Room.id) == col(Incident.room_id)))
        .where(col(Room.id).in_(rooms))
    )
    parts: dict[UUID, dict[UUID | None, list[IncidentSummary]]] = defaultdict(lambda: defaultdict(list))
    for room_id, attempt_id, *part in (await session.execute(query)).all():
        parts[room_id][attempt_id].append(_part(part))
    return {room_id: _of_room(by_attempt) for room_id, by_attempt in parts.items()}


async def summary_of_sittings(session: AsyncSession, sittings: Sequence[UUID]) -> dict[UUID, IncidentSummary]:
    """What is open of the sittings as a whole, without their rooms'; sittings without any left out; one statement."""
    query = _open_parts(col(Incident.sitting_id)).where(
        col(Incident.sitting_id).in_(sittings), col(Incident.room_id).is_(None)
    )
    parts: dict[UUID, list[IncidentSummary]] = defaultdict(list)
    for sitting_id, *part in (await session.execute(query)).all():
        parts[sitting_id].append(_part(part))
    return {sitting_id: together(summaries) for sitting_id, summaries in parts.items()}


async def list_(
    session: AsyncSession,
    sitting_id: UUID,
    room_id: UUID | None,
    filters: Filters,
    after: Position | None,
    limit: int,
) -> list[Incident]:
    """Of a room, or of the sitting and all its rooms; up to `limit + 1`, so that the caller sees whether there are
    more."""
    rank = _rank()
    query = (
        select(Incident)
        .where(col(Incident.sitting_id) == sitting_id)
        .order_by(rank, col(Incident.last_at).desc(), col(Incident.id).desc())
        .limit(limit + 1)
    )
    if room_id is not None:
        query = query.where(col(Incident.room_id) == room_id)
    if filters.open is not None:
        acknowledged = col(Incident.acknowledged_at)
        query = query.where(acknowledged.is_(None) if filters.open else acknowledged.is_not(None))
    if filters.kind is not None:
        query = query.where(col(Incident.kind) == filters.kind)
    if filters.severity is not None:
        query = query.where(col(Incident.severity) == filters.severity)
    if filters.attempt_id is not None:
        query = query.where(col(Incident.attempt_id) == filters.attempt_id)
    if after is not None:
        later = tuple_(col(Incident.last_at), col(Incident.id)) < tuple_(after.last_at, after.id)
        query = query.where((rank > after.rank) | ((rank == after.rank) & later))
    return list((await session.execute(query)).scalars())


def position(incident: Incident) -> Position:
    closed = incident.acknowledged_at is not None
    rank = len(GRAVITY) * closed + _ranks()[incident.severity]
    return Position(rank, incident.last_at, incident.id)


async def seen(session: AsyncSession, incidents: Sequence[Incident]) -> list[Seen]:
    """With notes, evidence and usernames; three statements for all of them."""
    ids = [incident.id for incident in incidents]
    sitting_ids = {incident.sitting_id for incident in incidents}
    noted = (
        select(IncidentNote)
        .where(col(IncidentNote.sitting_id).in_(sitting_ids), col(IncidentNote.incident_id).in_(ids))
        .order_by(col(IncidentNote.written_at), col(IncidentNote.id))
    )
    kept = (
        select(IncidentEvidence, col(Evidence.media_type), col(Evidence.size))
        .join(Evidence, col(Evidence.digest) == col(IncidentEvidence.digest))
        .where(col(IncidentEvidence.sitting_id).in_(sitting_ids), col(IncidentEvidence.incident_id).in_(ids))
        .order_by(col(IncidentEvidence.added_at), col(IncidentEvidence.digest))
    )
    notes: dict[UUID, list[IncidentNote]] = defaultdict(list)
    for note in (await session.execute(noted)).scalars():
        notes[note.incident_id].append(note)
    evidence: dict[UUID, list[tuple[IncidentEvidence, str, int]]] = defaultdict(list)
    for added, media_type, size in (await session.execute(kept)).all():
        evidence[added.incident_id].append((added, media_type, size))
    people = {person for one in incidents for person in (one.reported_by, one.acknowledged_by) if person}
    people |= {note.written_by for of_one in notes.values() for note in of_one}
    people |= {added.added_by for of_one in evidence.values() for added, *_ in of_one}
    named = select(col(Staff.id), col(Staff.username)).where(col(Staff.id).in_(people))
    usernames = {account.id: account.username for account in (await session.execute(named)).all()}
    return [Seen(incident, notes[incident.id], evidence[incident.id], usernames) for incident in incidents]


def _open_parts(*groups: Any) -> Any:
    """Count, severity, newest kind and its time of the open incidents, by these groups and by severity."""
    newest = func.array_agg(aggregate_order_by(col(Incident.kind), col(Incident.last_at).desc()))[1]
    return (
        select(*groups, func.count(), col(Incident.severity), newest, func.max(col(Incident.last_at)))
        .select_from(Incident)
        .where(col(Incident.acknowledged_at).is_(None))
        .group_by(*groups, col(Incident.severity))
    )


def _part(row: Sequence[Any]) -> IncidentSummary:
    count, severity, newest, last_at = row
    return IncidentSummary(count, Severity(severity), IncidentKind(newest), last_at)


def _of_room(parts: dict[UUID | None, list[IncidentSummary]]) -> RoomIncidents:
    sums = {attempt_id: together(summaries) for attempt_id, summaries in parts.items()}
    by_attempt = {attempt_id: total for attempt_id, total in sums.items() if attempt_id is not None}
    return RoomIncidents(by_attempt, together(sums.values()))


def _ranks() -> dict[Severity, int]:
    return {severity: rank for rank, severity in enumerate(reversed(GRAVITY))}


def _rank() -> ColumnElement[int]:
    by_severity = case(_ranks(), value=col(Incident.severity))
    return by_severity + case((col(Incident.acknowledged_at).is_(None), 0), else_=len(GRAVITY))
