"""Sittings (场次), their papers, rooms (考场) and staffing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Identity, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.domain.grading import MultipleChoiceRule
from app.domain.states import RoomState, SittingState
from app.domain.timing import TimingMode
from app.models.base import id_field, in_sitting, json_field, one_of, vocabulary_field


class Sitting(SQLModel, table=True):
    __tablename__ = "sitting"
    __table_args__ = (
        one_of("state", SittingState),
        one_of("timing_mode", TimingMode),
        one_of("multiple_choice", MultipleChoiceRule),
        CheckConstraint("duration_minutes > 0", name="duration"),
        CheckConstraint(
            "late_entry_minutes >= 0 AND earliest_submission_minutes >= 0 AND grace_seconds >= 0", name="spans"
        ),
    )

    id: UUID = id_field()
    number: int = Field(default=None, sa_column=Column(BigInteger, Identity(), unique=True, nullable=False))
    standard_id: UUID = Field(foreign_key="standard_edition.id")
    level: int
    name: str
    state: SittingState = vocabulary_field(SittingState, default=SittingState.draft)
    rehearsal: bool = False
    starts_at: datetime
    duration_minutes: int
    timing_mode: TimingMode = vocabulary_field(TimingMode, default=TimingMode.common_end)
    late_entry_minutes: int
    earliest_submission_minutes: int
    grace_seconds: int
    enforce_seat: bool = False
    shuffle_items: bool = True
    shuffle_options: bool = True
    multiple_choice: MultipleChoiceRule = vocabulary_field(
        MultipleChoiceRule, default=MultipleChoiceRule.all_or_nothing
    )
    next_ordinal: int = 1
    created_at: datetime
    created_by: UUID | None = Field(default=None, foreign_key="staff.id")
    published_at: datetime | None = None
    alarm_rules: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB(none_as_null=True))


class SittingPaper(SQLModel, table=True):
    """The forms of a sitting, from 0."""

    __tablename__ = "sitting_paper"
    __table_args__ = (UniqueConstraint("sitting_id", "paper_id"),)

    sitting_id: UUID = Field(foreign_key="sitting.id", primary_key=True)
    form_index: int = Field(primary_key=True)
    paper_id: UUID = Field(foreign_key="paper.id", index=True)


class Room(SQLModel, table=True):
    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("sitting_id", "name"),
        one_of("state", RoomState),
        CheckConstraint("seats > 0 AND seats_per_row > 0", name="seats"),
    )

    sitting_id: UUID = Field(foreign_key="sitting.id", primary_key=True)
    id: UUID = Field(default_factory=id_field().default_factory, primary_key=True, index=True)
    name: str
    state: RoomState = vocabulary_field(RoomState, default=RoomState.preparing)
    seats: int
    seats_per_row: int
    suspended_at: datetime | None = None


class RoomProctor(SQLModel, table=True):
    """A proctor stands in one room of a sitting at a time."""

    __tablename__ = "room_proctor"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("room", "room_id")),)

    sitting_id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", primary_key=True, index=True)
    room_id: UUID


class RoomSeal(SQLModel, table=True):
    """One proctor's confirmation that a closed room's record is right; two seal the room."""

    __tablename__ = "room_seal"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("room", "room_id")),)

    sitting_id: UUID = Field(primary_key=True)
    room_id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", primary_key=True)
    confirmed_at: datetime
    record_digest: str | None = None
    audit_sequence: int | None = Field(default=None, sa_type=BigInteger)
    audit_hash: bytes | None = None


class SealedRecord(SQLModel, table=True):
    """A room's record as somebody confirmed it, so that it can be produced whatever changes later; only added to."""

    __tablename__ = "sealed_record"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("room", "room_id")),)

    sitting_id: UUID = Field(primary_key=True)
    room_id: UUID = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    content: dict[str, Any] = json_field()
    kept_at: datetime
