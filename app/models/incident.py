"""Incidents (异常/违纪) in the rooms, their notes and evidence."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.domain.incident_kinds import IncidentKind, IncidentSource, Severity
from app.models.base import id_field, in_sitting, json_field, one_of, vocabulary_field


class Incident(SQLModel, table=True):
    """One incident, with its repeats: `count` times from `first_at` to `last_at`.

    Without `room_id` it is the whole sitting's, without `attempt_id` the whole room's.
    """

    __tablename__ = "incident"
    __table_args__ = (
        ForeignKeyConstraint(["sitting_id"], ["sitting.id"]),
        ForeignKeyConstraint(*in_sitting("room", "room_id")),
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        one_of("kind", IncidentKind),
        one_of("source", IncidentSource),
        one_of("severity", Severity),
        CheckConstraint("count > 0 AND last_at >= first_at", name="repeats"),
        Index("ix_incident_room", "sitting_id", "room_id", "last_at"),
        Index("ix_incident_attempt", "sitting_id", "attempt_id"),
        Index("ix_incident_open", "sitting_id", "room_id", postgresql_where=text("acknowledged_at IS NULL")),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    room_id: UUID | None = None
    attempt_id: UUID | None = None
    kind: IncidentKind = vocabulary_field(IncidentKind)
    source: IncidentSource = vocabulary_field(IncidentSource)
    severity: Severity = vocabulary_field(Severity)
    count: int = 1
    first_at: datetime
    last_at: datetime
    details: dict[str, Any] = json_field()
    reported_by: UUID | None = Field(default=None, foreign_key="staff.id")
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = Field(default=None, foreign_key="staff.id")


class IncidentNote(SQLModel, table=True):
    """What staff wrote about an incident; append-only."""

    __tablename__ = "incident_note"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("incident", "incident_id")),
        Index("ix_incident_note_incident", "sitting_id", "incident_id"),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    incident_id: UUID
    text: str
    written_by: UUID = Field(foreign_key="staff.id")
    written_at: datetime


class IncidentEvidence(SQLModel, table=True):
    """A picture kept with an incident, by its digest; append-only."""

    __tablename__ = "incident_evidence"
    __table_args__ = (ForeignKeyConstraint(*in_sitting("incident", "incident_id")),)

    sitting_id: UUID = Field(primary_key=True)
    incident_id: UUID = Field(primary_key=True)
    digest: str = Field(primary_key=True, foreign_key="evidence.digest")
    added_by: UUID = Field(foreign_key="staff.id")
    added_at: datetime


class Evidence(SQLModel, table=True):
    """Content once for each digest (SHA-256, hexadecimal)."""

    __tablename__ = "evidence"

    digest: str = Field(primary_key=True)
    media_type: str
    size: int
    content: bytes
