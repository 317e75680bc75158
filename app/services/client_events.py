"""Events that a candidate's client reports and that are no incidents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.domain.client_events import Event, within_limit
from app.models.attempt import Attempt
from app.models.response import ClientEvent


async def keep(session: AsyncSession, attempt: Attempt, events: Sequence[Event], now: datetime) -> None:
    """Stores them up to the limit of the attempt; without any it asks and writes nothing."""
    if not events:
        return
    query = select(func.count()).where(
        col(ClientEvent.sitting_id) == attempt.sitting_id, col(ClientEvent.attempt_id) == attempt.id
    )
    kept = (await session.execute(query)).scalar_one()
    session.add_all(
        ClientEvent(
            sitting_id=attempt.sitting_id,
            id=new_id(),
            attempt_id=attempt.id,
            kind=event.kind,
            detail=event.detail,
            client_time=event.client_time,
            received_at=now,
        )
        for event in within_limit(events, kept, now)
    )
