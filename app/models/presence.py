"""Presence: when each candidate's client was last heard of, and how far the candidate has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from app.models.base import in_sitting


class Presence(SQLModel, table=True):
    """Written for all at once (`app.services.live.presence`), never by a request.

    `skew_ms` is the client's clock minus the server's; `deadline_version` the newest that the client has seen.
    """

    __tablename__ = "presence"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        {"postgresql_with": {"fillfactor": 50}},
    )

    sitting_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True)
    seen_at: datetime
    saved_at: datetime | None = None
    answered: int = 0
    skew_ms: int | None = None
    deadline_version: int = 0
