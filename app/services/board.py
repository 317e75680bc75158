"""The board of a room: one row a candidate, without any item, answer or key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.actors import Actor
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.response import Response
from app.models.sitting import Room, Sitting
from app.services import rooms


@dataclass(frozen=True)
class Progress:
    answered: int = 0
    last_save_at: datetime | None = None


@dataclass(frozen=True)
class BoardRow:
    attempt: Attempt
    entry: Entry
    candidate: Candidate
    progress: Progress


@dataclass(frozen=True)
class Board:
    sitting: Sitting
    room: Room
    rows: Sequence[BoardRow]


async def of_room(session: AsyncSession, actor: Actor, room_id: UUID) -> Board:
    """By seat. To who may not act in the room it does not exist: Problem `not_found`."""
    room = await rooms.require_access(session, actor, room_id)
    sitting = await session.get_one(Sitting, room.sitting_id)
    query = (
        select(Attempt, Entry, Candidate)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
        .order_by(col(Entry.seat_number))
    )
    progress = await _progress(session, room)
    rows = [
        BoardRow(attempt, entry, candidate, progress.get(attempt.id, Progress()))
        for attempt, entry, candidate in (await session.execute(query)).all()
    ]
    return Board(sitting, room, rows)


async def _progress(session: AsyncSession, room: Room) -> dict[UUID, Progress]:
    answered = func.count().filter(col(Response.answer) != "")
    query = (
        select(Response.attempt_id, answered, func.max(col(Response.saved_at)))
        .join(
            Attempt,
            (col(Attempt.sitting_id) == col(Response.sitting_id)) & (col(Attempt.id) == col(Response.attempt_id)),
        )
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
        .group_by(col(Response.attempt_id))
    )
    return {
        attempt_id: Progress(count, last_save_at)
        for attempt_id, count, last_save_at in (await session.execute(query)).all()
    }
