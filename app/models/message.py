"""Messages between proctors and candidates, commands told to candidates, and raised hands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.domain.messages import MessageKind
from app.models.base import id_field, in_sitting, json_field, one_of, vocabulary_field


class Message(SQLModel, table=True):
    """One message to or from one candidate; what is said to a room is one row a candidate, with one `batch_id`.

    `code` is the reason of a hand, or the command told; a notice has none. `sent_by` and `confirmed_by` are staff; the
    candidate's own are None.
    """

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        ForeignKeyConstraint(*in_sitting("room", "room_id")),
        one_of("kind", MessageKind),
        Index("ix_message_attempt", "sitting_id", "attempt_id"),
        Index(
            "ix_message_open",
            "sitting_id",
            "room_id",
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    batch_id: UUID
    room_id: UUID
    attempt_id: UUID
    kind: MessageKind = vocabulary_field(MessageKind)
    code: str | None = None
    body: str = ""
    details: dict[str, Any] = json_field()
    sent_by: UUID | None = Field(default=None, foreign_key="staff.id")
    sent_at: datetime
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    withdrawn_at: datetime | None = None
