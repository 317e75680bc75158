"""What staff do about incidents: report one, acknowledge it, write a note."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.incident_kinds import IncidentKind, IncidentSource, Severity
from app.domain.incidents import Key, Occurrence, Place
from app.domain.states import RoomState
from app.models.attempt import Attempt
from app.models.incident import Incident, IncidentNote
from app.models.sitting import Room, Sitting
from app.services import incident_log, rooms


async def report_attempt(
    session: AsyncSession,
    actor: Actor,
    attempt_id: UUID,
    kind: IncidentKind,
    severity: Severity | None,
    note: str,
    now: datetime,
) -> Incident:
    """An incident of one candidate. `severity` stands in place of the rule's.

    Raises Problem `not_found`, `room_sealed`.
    """
    room_id = (await session.execute(select(Attempt.room_id).where(Attempt.id == attempt_id))).scalar_one_or_none()
    if room_id is None:
        raise Problem("not_found", what=str(attempt_id))
    room = await _open_room(session, actor, room_id)
    return await _report(session, actor, Place(room.sitting_id, room.id, attempt_id), kind, severity, note, now)


async def report_room(
    session: AsyncSession,
    actor: Actor,
    room_id: UUID,
    kind: IncidentKind,
    severity: Severity | None,
    note: str,
    now: datetime,
) -> Incident:
    """An incident of the whole room. Raises Problem `not_found`, `room_sealed`."""
    room = await _open_room(session, actor, room_id)
    return await _report(session, actor, Place(room.sitting_id, room.id), kind, severity, note, now)


async def acknowledge(session: AsyncSession, actor: Actor, incident_id: UUID, now: datetime) -> Incident:
    """Who acknowledges first stands; any repeat finds it done. What repeats afterwards is a new incident.

    Raises Problem `not_found`, `room_sealed`.
    """
    incident = await changeable(session, actor, incident_id)
    if incident.acknowledged_at is None:
        incident.acknowledged_at = now
        incident.acknowledged_by = actor.account()
        session.add(incident)
        incident_log.announce(session, incident)
        incident_log.audited(session, incident, "acknowledge", actor, now)
    return incident


async def add_note(session: AsyncSession, actor: Actor, incident_id: UUID, note: str, now: datetime) -> Incident:
    """Raises Problem `not_found`, `room_sealed`."""
    incident = await changeable(session, actor, incident_id)
    _note(session, actor, incident, note, now)
    return incident


async def visible(session: AsyncSession, actor: Actor, incident_id: UUID) -> Incident:
    """The incident, if the actor may act in its room; the whole sitting's are the chiefs'. Else Problem `not_found`.

    The sitting leads the key: joined, so that each sitting is one look into it.
    """
    query = (
        select(Incident).join(Sitting, col(Sitting.id) == col(Incident.sitting_id)).where(Incident.id == incident_id)
    )
    incident = (await session.execute(query)).scalar_one_or_none()
    if incident is None or (incident.room_id is None and Scope.rooms_chief not in actor.scopes):
        raise Problem("not_found", what=str(incident_id))
    if incident.room_id is not None:
        await rooms.require_access(session, actor, incident.room_id)
    return incident


async def changeable(session: AsyncSession, actor: Actor, incident_id: UUID) -> Incident:
    """The same, held together with its repeats until the transaction ends. Raises Problem `not_found`,
    `room_sealed`."""
    incident = await visible(session, actor, incident_id)
    if incident.room_id is not None:
        await _open_room(session, actor, incident.room_id)
    await incident_log.lock(session, [incident_log.place_of(incident).subject])
    await session.refresh(incident)
    return incident


async def _report(
    session: AsyncSession,
    actor: Actor,
    place: Place,
    kind: IncidentKind,
    severity: Severity | None,
    note: str,
    now: datetime,
) -> Incident:
    occurrence = Occurrence(Key(place, kind, IncidentSource.proctor), severity=severity)
    (incident,) = await incident_log.record(session, [occurrence], actor, now)
    if note:
        _note(session, actor, incident, note, now)
    return incident


def _note(session: AsyncSession, actor: Actor, incident: Incident, text: str, now: datetime) -> None:
    note = IncidentNote(
        sitting_id=incident.sitting_id,
        incident_id=incident.id,
        text=text,
        written_by=actor.account(),
        written_at=now,
    )
    session.add(note)
    incident_log.audited(session, incident, "note", actor, now, note_id=str(note.id))


async def _open_room(session: AsyncSession, actor: Actor, room_id: UUID) -> Room:
    """The room, held against being sealed meanwhile."""
    room = await rooms.require_access(session, actor, room_id)
    await session.refresh(room, with_for_update={"read": True})
    if room.state == RoomState.sealed:
        raise Problem("room_sealed")
    return room
