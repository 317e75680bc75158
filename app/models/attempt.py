"""Attempts (作答): what a candidate does with the paper, and what was decided about it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.domain.attempts import IdentityCheck, SubmittedBy
from app.domain.states import AttemptState
from app.models.base import id_field, in_sitting, json_field, one_of, vocabulary_field


class Attempt(SQLModel, table=True):
    """The fields of `app.domain.attempts.AttemptFacts` under the same names, and what was frozen for it."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("sitting_id", "entry_id"),
        ForeignKeyConstraint(*in_sitting("entry", "entry_id")),
        ForeignKeyConstraint(*in_sitting("room", "room_id")),
        one_of("state", AttemptState),
        one_of("submitted_by", SubmittedBy),
        one_of("identity_check", IdentityCheck),
        CheckConstraint("(state = 'submitted') <= (submitted_at IS NOT NULL)", name="submitted_at"),
        CheckConstraint("(state = 'in_progress') <= (deadline_at IS NOT NULL)", name="running_clock"),
        Index("ix_attempt_room", "sitting_id", "room_id"),
        Index("ix_attempt_due", "deadline_at", postgresql_where=text("state IN ('in_progress', 'interrupted')")),
        Index("ix_attempt_ungraded", "submitted_at", postgresql_where=text("grading_needed")),
    )

    sitting_id: UUID = Field(foreign_key="sitting.id", primary_key=True)
    id: UUID = Field(default_factory=id_field().default_factory, primary_key=True, index=True)
    entry_id: UUID
    room_id: UUID
    state: AttemptState = vocabulary_field(AttemptState, default=AttemptState.registered)
    lease_epoch: int = 0
    lease_device: str | None = None
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    deadline_version: int = 0
    granted: timedelta = timedelta(0)
    stopped: timedelta = timedelta(0)
    waited: timedelta = timedelta(0)
    interrupted_at: datetime | None = None
    clock_stopped: bool = False
    late_entry_waived: bool = False
    checked_in_at: datetime | None = None
    checked_in_by: UUID | None = Field(default=None, foreign_key="staff.id")
    identity_check: IdentityCheck | None = vocabulary_field(IdentityCheck, default=None)
    termination_proposed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    termination_proposals: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    submitted_at: datetime | None = None
    submitted_by: SubmittedBy | None = vocabulary_field(SubmittedBy, default=None)
    grading_needed: bool = False
    grace: timedelta
    answer_forms: str = Field(description="One character per item number: which answers it takes.")


class AttemptPaper(SQLModel, table=True):
    """The frozen paper of an attempt: form, seed and the candidate's own order."""

    __tablename__ = "attempt_paper"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),)

    sitting_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True)
    paper_id: UUID = Field(foreign_key="paper.id")
    seed: int = Field(sa_type=BigInteger)
    layout: list[Any] = json_field()
    frozen_hash: str = Field(description="SHA-256 over the paper's hash and the layout.")


class TimeGrant(SQLModel, table=True):
    """Extra time; append-only."""

    __tablename__ = "time_grant"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),)

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    attempt_id: UUID
    extra: timedelta
    reason: str
    granted_by: UUID = Field(foreign_key="staff.id")
    granted_at: datetime


class Interruption(SQLModel, table=True):
    """From interrupt to resume; `reason` decides whether the clock stops."""

    __tablename__ = "interruption"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        Index(
            "uq_interruption_open", "sitting_id", "attempt_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    attempt_id: UUID
    reason: str
    note: str = ""
    stops_clock: bool
    with_room: bool = Field(description="Interrupted because the whole room was suspended.")
    started_at: datetime
    ended_at: datetime | None = None
    corrected_at: datetime | None = None
    corrected_by: UUID | None = Field(default=None, foreign_key="staff.id")
