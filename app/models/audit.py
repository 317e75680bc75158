"""The audit log, and the remembered answers of repeated commands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.domain.actors import ActorKind
from app.models.base import id_field, json_field, one_of, vocabulary_field


class AuditEvent(SQLModel, table=True):
    """One event, written in the transaction of what it tells; append-only. `sitting_id` is None outside sittings."""

    __tablename__ = "audit_event"
    __table_args__ = (
        one_of("actor_kind", ActorKind),
        Index("ix_audit_event_sitting", "sitting_id", "id"),
        Index("ix_audit_event_subject", "subject_id", "id"),
    )

    id: UUID = id_field()
    sitting_id: UUID | None = None
    at: datetime
    actor_kind: ActorKind = vocabulary_field(ActorKind)
    actor_id: UUID | None = None
    action: str
    subject: str
    subject_id: UUID | None = None
    details: dict[str, Any] = json_field()
    request_id: str | None = None


class IdempotentAnswer(SQLModel, table=True):
    """The first answer to a command with an `Idempotency-Key`, kept for its repeats."""

    __tablename__ = "idempotent_answer"

    actor_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    body: Any = json_field(nullable=True)
    created_at: datetime
