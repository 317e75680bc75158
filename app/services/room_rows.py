"""The rows that the record of a room is made of: a fixed number of statements, whatever the size of the room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.domain.actors import ActorKind
from app.domain.messages import MessageKind
from app.domain.room_record import ATTEMPT_EVENTS, ROOM_EVENTS
from app.models.attempt import Attempt, Interruption, TimeGrant
from app.models.audit import AuditEvent
from app.models.entry import Candidate, Entry
from app.models.incident import Incident, IncidentEvidence, IncidentNote
from app.models.message import Message
from app.models.sitting import Room, RoomProctor
from app.models.staff import Staff

T = TypeVar("T")


@dataclass(frozen=True)
class RoomRows:
    """`attempts` by seat, everything else by time. `staff` are the proctors and all who are named elsewhere."""

    attempts: Sequence[tuple[Attempt, Entry, Candidate]]
    interruptions: Sequence[Interruption]
    grants: Sequence[TimeGrant]
    hands: Sequence[Message]
    notices: int
    incidents: Sequence[Incident]
    notes: Sequence[IncidentNote]
    evidence: Sequence[IncidentEvidence]
    events: Sequence[AuditEvent]
    proctors: frozenset[UUID]
    staff: dict[UUID, Staff]

    @property
    def acted(self) -> frozenset[UUID]:
        """Who gave a command or made an entry."""
        named: list[UUID | None] = [
            *(attempt.checked_in_by for attempt, _, _ in self.attempts),
            *(pause.corrected_by for pause in self.interruptions),
            *(grant.granted_by for grant in self.grants),
            *(hand.confirmed_by for hand in self.hands),
            *(incident.reported_by for incident in self.incidents),
            *(incident.acknowledged_by for incident in self.incidents),
            *(note.written_by for note in self.notes),
            *(event.actor_id for event in self.events if event.actor_kind is ActorKind.staff),
        ]
        return frozenset(who for who in named if who is not None)


async def read(session: AsyncSession, room: Room) -> RoomRows:
    """All in an order that does not depend on where the database keeps the rows: the record's digest must not."""
    hands = _of_room(Message, room).where(Message.kind == MessageKind.hand)
    notices = select(func.count(func.distinct(col(Message.batch_id)))).where(
        Message.sitting_id == room.sitting_id, Message.room_id == room.id, Message.kind == MessageKind.notice
    )
    proctors = select(RoomProctor.staff_id).where(
        RoomProctor.sitting_id == room.sitting_id, RoomProctor.room_id == room.id
    )
    rows = RoomRows(
        attempts=await _attempts(session, room),
        interruptions=await _all(
            session, _of_attempts(Interruption, room).order_by(col(Interruption.started_at), col(Interruption.id))
        ),
        grants=await _all(
            session, _of_attempts(TimeGrant, room).order_by(col(TimeGrant.granted_at), col(TimeGrant.id))
        ),
        hands=await _all(session, hands.order_by(col(Message.sent_at), col(Message.id))),
        notices=(await session.execute(notices)).scalar_one(),
        incidents=await _all(session, _of_room(Incident, room).order_by(col(Incident.first_at), col(Incident.id))),
        notes=await _all(
            session, _of_incidents(IncidentNote, room).order_by(col(IncidentNote.written_at), col(IncidentNote.id))
        ),
        evidence=await _all(
            session,
            _of_incidents(IncidentEvidence, room).order_by(
                col(IncidentEvidence.added_at), col(IncidentEvidence.digest)
            ),
        ),
        events=await _events(session, room),
        proctors=frozenset(await _all(session, proctors)),
        staff={},
    )
    rows.staff.update(await staff_of(session, rows.acted | rows.proctors))
    return rows


async def staff_of(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Staff]:
    return {account.id: account for account in await _all(session, select(Staff).where(col(Staff.id).in_(ids)))}


async def _all(session: AsyncSession, query: SelectOfScalar[T]) -> Sequence[T]:
    return (await session.execute(query)).scalars().all()


async def _attempts(session: AsyncSession, room: Room) -> Sequence[tuple[Attempt, Entry, Candidate]]:
    query = (
        select(Attempt, Entry, Candidate)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
        .order_by(col(Entry.seat_number))
    )
    return [(attempt, entry, candidate) for attempt, entry, candidate in (await session.execute(query)).all()]


async def _events(session: AsyncSession, room: Room) -> Sequence[AuditEvent]:
    attempts = select(Attempt.id).where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
    of_room = (col(AuditEvent.subject_id) == room.id) & col(AuditEvent.action).in_(ROOM_EVENTS)
    of_attempts = col(AuditEvent.subject_id).in_(attempts) & col(AuditEvent.action).in_(ATTEMPT_EVENTS)
    query = select(AuditEvent).where(AuditEvent.chain == room.sitting_id, of_room | of_attempts)
    return await _all(session, query.order_by(col(AuditEvent.sequence)))


def _of_room(table: type[T], room: Room) -> SelectOfScalar[T]:
    columns: Any = table
    return select(table).where(columns.sitting_id == room.sitting_id, columns.room_id == room.id)


def _of_attempts(table: type[T], room: Room) -> SelectOfScalar[T]:
    columns: Any = table
    same = (col(Attempt.sitting_id) == columns.sitting_id) & (col(Attempt.id) == columns.attempt_id)
    return select(table).join(Attempt, same).where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)


def _of_incidents(table: type[T], room: Room) -> SelectOfScalar[T]:
    columns: Any = table
    same = (col(Incident.sitting_id) == columns.sitting_id) & (col(Incident.id) == columns.incident_id)
    return select(table).join(Incident, same).where(Incident.sitting_id == room.sitting_id, Incident.room_id == room.id)
