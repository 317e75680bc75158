"""Responses (答案): the newest per item, and the append-only history of all that was accepted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, SmallInteger
from sqlmodel import Field, SQLModel

from app.models.base import id_field, in_sitting


class Response(SQLModel, table=True):
    """The answer with the highest sequence; in the letters that the candidate saw, "" when taken back."""

    __tablename__ = "response"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        {"postgresql_with": {"fillfactor": 70}},
    )

    sitting_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    answer: str
    sequence: int = Field(sa_type=BigInteger)
    client_time: datetime
    saved_at: datetime


class ResponseHistory(SQLModel, table=True):
    """In parts by time (`app.core.partitions`), of which old ones can be taken away."""

    __tablename__ = "response_history"
    __table_args__ = ({"postgresql_partition_by": "RANGE (sitting_id)"},)

    sitting_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    answer: str
    epoch: int
    client_time: datetime
    saved_at: datetime


class ClientEvent(SQLModel, table=True):
    """What a candidate's client reported: focus lost, network lost, ...; heartbeats are not stored."""

    __tablename__ = "client_event"
    __table_args__ = (
        ForeignKeyConstraint(*in_sitting("attempt", "attempt_id")),
        Index("ix_client_event_attempt", "sitting_id", "attempt_id"),
    )

    sitting_id: UUID = Field(primary_key=True)
    id: UUID = id_field()
    attempt_id: UUID
    kind: str
    detail: str = ""
    client_time: datetime
    received_at: datetime
