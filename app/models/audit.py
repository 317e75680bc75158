"""The audit log, its heads and signed checkpoints, and the remembered answers of repeated commands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, LargeBinary, Uuid
from sqlmodel import Field, SQLModel

from app.core.ids import new_id
from app.domain.actors import ActorKind
from app.domain.audit_chain import OUTSIDE
from app.models.base import id_field, json_field, one_of, vocabulary_field


class AuditEvent(SQLModel, table=True):
    """One link of a chain, written in the transaction of what it tells; append-only (app/domain/audit_chain.py).

    `chain` is the sitting, or the nil UUID outside sittings, where `sitting_id` is None.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        one_of("actor_kind", ActorKind),
        CheckConstraint(f"chain = coalesce(sitting_id, '{OUTSIDE}'::uuid)", name="chain"),
        Index("ix_audit_event_subject", "subject_id", "id"),
        Index("ix_audit_event_actor", "actor_id", "id"),
    )

    chain: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    id: UUID = Field(default_factory=new_id, index=True)
    sitting_id: UUID | None = None
    at: datetime
    actor_kind: ActorKind = vocabulary_field(ActorKind)
    actor_id: UUID | None = None
    action: str
    subject: str
    subject_id: UUID | None = None
    details: dict[str, Any] = json_field()
    request_id: str | None = None
    previous_hash: bytes
    hash: bytes


class AuditBatch(SQLModel, table=True):
    """The events of one transaction until it commits: then a trigger appends them to their chains and takes the batch
    away (alembic/versions/0003_audit_chain.py). `digests` are per chain those of its events, one after the other."""

    __tablename__ = "audit_batch"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    id: UUID = id_field()
    events: list[dict[str, Any]] = json_field()
    chains: list[UUID] = Field(sa_type=ARRAY(Uuid))
    digests: list[bytes] = Field(sa_type=ARRAY(LargeBinary))


class AuditHead(SQLModel, table=True):
    """Where each chain goes on; locked while a transaction commits, so that links are made one after the other."""

    __tablename__ = "audit_head"
    __table_args__ = ({"postgresql_with": {"fillfactor": 50}},)

    chain: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    hash: bytes


class AuditCheckpoint(SQLModel, table=True):
    """A head that the service signed; append-only."""

    __tablename__ = "audit_checkpoint"

    chain: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes
    at: datetime
    signature: str


class IdempotentAnswer(SQLModel, table=True):
    """The first answer to a command with an `Idempotency-Key`, kept for its repeats."""

    __tablename__ = "idempotent_answer"

    actor_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    body: Any = json_field(nullable=True)
    created_at: datetime
