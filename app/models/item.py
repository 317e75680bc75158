"""Items and their versions: an edit makes a new version, papers keep theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.domain.item_states import ItemState
from app.domain.items import ItemType
from app.models.base import id_field, one_of, vocabulary_field


class Item(SQLModel, table=True):
    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("standard_id", "code"),)

    id: UUID = id_field()
    standard_id: UUID = Field(foreign_key="standard_edition.id")
    code: str
    created_at: datetime


class ItemVersion(SQLModel, table=True):
    """`level` is None for items of the basic requirements (section 2 of a standard), common to all levels."""

    __tablename__ = "item_version"
    __table_args__ = (
        UniqueConstraint("item_id", "version"),
        CheckConstraint("difficulty > 0 AND difficulty < 1", name="difficulty"),
        one_of("type", ItemType),
        one_of("state", ItemState),
        Index("uq_item_version_one_active", "item_id", unique=True, postgresql_where=text("state = 'active'")),
        Index(
            "uq_item_version_one_pending",
            "item_id",
            unique=True,
            postgresql_where=text("state IN ('draft', 'reviewed')"),
        ),
    )

    id: UUID = id_field()
    item_id: UUID = Field(foreign_key="item.id")
    version: int
    state: ItemState = vocabulary_field(ItemState)
    type: ItemType = vocabulary_field(ItemType)
    level: int | None = None
    knowledge_points: list[str] = Field(sa_type=ARRAY(Text))
    stem: str
    options: list[str] = Field(sa_type=ARRAY(Text))
    key: str
    difficulty: float
    rationale: str
    reference: str
    enemies: list[str] = Field(sa_type=ARRAY(Text))
    content_hash: str
    created_at: datetime
    created_by: UUID | None = Field(default=None, foreign_key="staff.id")
    reviewed_by: UUID | None = Field(default=None, foreign_key="staff.id")
