"""What is announced: rooms in which something that a board shows has changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import announce


@dataclass(frozen=True)
class RoomTopic:
    """`progress`: only that candidates were heard of or saved answers; no state, clock, message or incident."""

    sitting_id: UUID
    room_id: UUID
    progress: bool = False


def room_changed(session: AsyncSession, sitting_id: UUID, room_id: UUID) -> None:
    """Announces the room when the transaction has committed: its boards and its candidates' streams read it again."""
    announce(session, RoomTopic(sitting_id, room_id))
