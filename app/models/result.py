"""Receipts, grading runs and results (成绩)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.domain.states import ResultState
from app.models.base import id_field, in_sitting, json_field, one_of, vocabulary_field

EMPTY = {"server_default": text("'[]'")}


class Receipt(SQLModel, table=True):
    """What was handed in, signed; one per hand-in."""

    __tablename__ = "receipt"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        Index("ix_receipt_attempt", "sitting_id", "attempt_id"),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    attempt_id: UUID
    payload: dict[str, Any] = json_field()
    signature: str
    issued_at: datetime


class GradingRun(SQLModel, table=True):
    """An immutable grading of one attempt; the same inputs give the same run.

    `answers` (in authored letters) and `points` are those of the paper's items, in the paper's order. `items` is what
    the release before wrote instead; the next one drops it (docs/decisions/0019-schema-changes-only-add.md).
    """

    __tablename__ = "grading_run"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        UniqueConstraint(
            "sitting_id",
            "attempt_id",
            "frozen_hash",
            "key_version",
            "rule_version",
            "responses_digest",
            name="uq_grading_run_inputs",
        ),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    attempt_id: UUID
    paper_hash: str
    frozen_hash: str
    key_version: int
    rule_version: int
    multiple_choice: str
    responses_digest: str
    items: list[Any] = json_field(sa_column_kwargs=EMPTY)
    answers: list[str] = json_field(sa_column_kwargs=EMPTY)
    points: list[str] = json_field(sa_column_kwargs=EMPTY)
    areas: list[dict[str, Any]] = json_field()
    total: Decimal
    maximum: Decimal
    pass_mark: Decimal
    passed: bool
    graded_at: datetime


class Result(SQLModel, table=True):
    """The run that counts for an attempt, and how far it has come; without a row it is pending."""

    __tablename__ = "result"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        ForeignKeyConstraint(*in_sitting("grading_run", "run_id")),
        one_of("state", ResultState),
    )

    sitting_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True, index=True)
    run_id: UUID
    state: ResultState = vocabulary_field(ResultState)
    confirmed_by: UUID | None = Field(default=None, foreign_key="staff.id")
    published_at: datetime | None = None
