"""The records that proctors have confirmed, word for word: what was sealed can be read whatever changes later."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.sitting import Room, SealedRecord


async def keep(session: AsyncSession, room: Room, digest: str, content: dict[str, Any], now: datetime) -> None:
    """Once for each digest."""
    row = insert(SealedRecord).values(
        sitting_id=room.sitting_id, room_id=room.id, digest=digest, content=content, kept_at=now
    )
    await session.execute(row.on_conflict_do_nothing())


async def content(session: AsyncSession, room: Room, digest: str) -> dict[str, Any] | None:
    """As it lies in the database: whether it still has that digest is for the reader to check."""
    kept = await session.get(SealedRecord, (room.sitting_id, room.id, digest))
    return None if kept is None else kept.content
