"""Loaded editions of national occupational standards; immutable."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import id_field, json_field


class StandardEdition(SQLModel, table=True):
    __tablename__ = "standard_edition"
    __table_args__ = (UniqueConstraint("code", "edition"),)

    id: UUID = id_field()
    code: str
    edition: str
    title: str
    document: dict[str, Any] = json_field()
    content_hash: str = Field(description="SHA-256 over the canonical document.")
    loaded_at: datetime
