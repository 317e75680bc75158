"""Sealed papers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import id_field, json_field


class Paper(SQLModel, table=True):
    """`content` is the canonical form with keys; `content_hash` is its SHA-256."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("standard_id", "content_hash"),)

    id: UUID = id_field()
    standard_id: UUID = Field(foreign_key="standard_edition.id")
    level: int
    form: str
    seed: int = Field(sa_type=BigInteger)
    composition: list[dict[str, Any]] = json_field()
    blueprint: list[dict[str, Any]] = json_field()
    content: dict[str, Any] = json_field()
    content_hash: str
    bank_version: str = Field(description="SHA-256 over the active items and their uses at assembly.")
    mean_difficulty: float
    sealed_at: datetime
    created_by: UUID | None = Field(default=None, foreign_key="staff.id")


class PaperItemVersion(SQLModel, table=True):
    """Which item version stands where in which paper."""

    __tablename__ = "paper_item_version"

    paper_id: UUID = Field(foreign_key="paper.id", primary_key=True)
    position: int = Field(primary_key=True)
    item_version_id: UUID = Field(foreign_key="item_version.id", index=True)
    area: str
    points: Decimal
