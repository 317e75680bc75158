"""Candidates (考生) and their entries (报考记录) in sittings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import id_field, in_sitting


class Candidate(SQLModel, table=True):
    """A person. The identity number is stored encrypted; `identity_index` finds it."""

    __tablename__ = "candidate"

    id: UUID = id_field()
    name: str
    identity_sealed: bytes
    identity_index: bytes = Field(unique=True)
    created_at: datetime


class Entry(SQLModel, table=True):
    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("sitting_id", "candidate_id"),
        UniqueConstraint("sitting_id", "ticket_number"),
        UniqueConstraint("sitting_id", "room_id", "seat_number"),
        ForeignKeyConstraint(*in_sitting("room", "room_id")),
        CheckConstraint("(room_id IS NULL) = (seat_number IS NULL)", name="seat"),
    )

    sitting_id: UUID = Field(foreign_key="sitting.id", primary_key=True)
    id: UUID = Field(default_factory=id_field().default_factory, primary_key=True, index=True)
    candidate_id: UUID = Field(foreign_key="candidate.id", index=True)
    ticket_number: str = Field(index=True)
    room_id: UUID | None = None
    seat_number: int | None = None
    created_at: datetime
