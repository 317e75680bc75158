"""A proctor lets a candidate try again who was locked out after wrong numbers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.actors import Actor
from app.models.attempt import Attempt
from app.models.entry import Entry
from app.services import audit, identification, lockout, rooms


async def unlock(session: AsyncSession, actor: Actor, attempt_id: UUID, now: datetime) -> None:
    """Ends the lockout of the attempt's ticket. Raises Problem `not_found`, also to who may not act in its room."""
    query = (
        select(Attempt.sitting_id, Attempt.room_id, Entry.ticket_number)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .where(Attempt.id == attempt_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise Problem("not_found", what=str(attempt_id))
    sitting_id, room_id, ticket_number = found
    await rooms.require_access(session, actor, room_id)
    await lockout.unlock(session, identification.lockout_name(ticket_number))
    audit.record(session, actor, "attempt.unlock_login", "attempt", attempt_id, at=now, sitting_id=sitting_id)
