"""The rows of interruptions, from begin to end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.reasons import Reason
from app.models.attempt import Attempt, Interruption
from app.models.sitting import Room


def begin(
    attempt: Attempt, reason: Reason, note: str, now: datetime, *, stops_clock: bool, with_room: bool = False
) -> Interruption:
    return Interruption(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        reason=reason.value,
        note=note,
        stops_clock=stops_clock,
        with_room=with_room,
        started_at=now,
    )


async def end(session: AsyncSession, of: Sequence[Attempt], now: datetime) -> None:
    """Ends the open interruptions of attempts that go on now, or that have ended: then at their end."""
    if not of:
        return
    ended_at = func.greatest(Interruption.started_at, func.coalesce(Attempt.submitted_at, now))
    statement = (
        update(Interruption)
        .where(
            col(Interruption.sitting_id) == col(Attempt.sitting_id),
            col(Interruption.attempt_id) == col(Attempt.id),
            col(Attempt.sitting_id).in_({attempt.sitting_id for attempt in of}),
            col(Attempt.id).in_([attempt.id for attempt in of]),
            col(Interruption.ended_at).is_(None),
        )
        .values(ended_at=ended_at)
    )
    await session.execute(statement, execution_options={"synchronize_session": False})


async def open_in(session: AsyncSession, room: Room) -> dict[UUID, Interruption]:
    """The open interruptions of a room, by attempt."""
    query = (
        select(Interruption)
        .join(
            Attempt,
            (col(Attempt.sitting_id) == col(Interruption.sitting_id))
            & (col(Attempt.id) == col(Interruption.attempt_id)),
        )
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id, col(Interruption.ended_at).is_(None))
    )
    return {pause.attempt_id: pause for pause in (await session.execute(query)).scalars()}
