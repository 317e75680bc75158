"""Lists of items, narrowed by what their versions say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, and_, case, cast, false, func, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.item_states import HEAD_RANK, ItemState
from app.domain.items import ItemType
from app.domain.standard import Standard
from app.models.item import Item, ItemVersion
from app.services import standards
from app.services.items import BankItem


@dataclass(frozen=True)
class ItemFilter:
    """What a list of items is narrowed to; `text` is sought in code, stem and options.

    All is asked of the version that stands for the item, or of the active one when `state` is active.
    """

    standard_code: str | None = None
    state: ItemState | None = None
    type: ItemType | None = None
    level: int | None = None
    area: str | None = None
    knowledge_point: str | None = None
    text: str | None = None


async def list_(session: AsyncSession, wanted: ItemFilter, *, after: UUID | None, limit: int) -> list[BankItem]:
    """In the order of making; up to `limit + 1`, so that the caller sees whether there are more."""
    editions = await standards.of_code(session, wanted.standard_code)
    query = (
        select(Item, ItemVersion)
        .join(ItemVersion, col(ItemVersion.item_id) == col(Item.id))
        .where(col(ItemVersion.id).in_(_shown_versions(wanted.state)), *_conditions(wanted, editions))
        .order_by(col(Item.id))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(col(Item.id) > after)
    rows = (await session.execute(query)).all()
    return [BankItem(item, editions[item.standard_id], (version,)) for item, version in rows]


def _shown_versions(state: ItemState | None) -> Any:
    """Of each item the version that stands for it by `HEAD_RANK`, or the active one when only active are asked for."""
    rank = case(HEAD_RANK, value=col(ItemVersion.state))
    query = (
        select(ItemVersion.id)
        .ext(distinct_on(col(ItemVersion.item_id)))
        .order_by(col(ItemVersion.item_id), rank, col(ItemVersion.version).desc())
    )
    return query.where(ItemVersion.state == state) if state is ItemState.active else query


def _conditions(wanted: ItemFilter, editions: Mapping[UUID, Standard]) -> Iterator[ColumnElement[bool]]:
    yield col(Item.standard_id).in_(editions)
    if wanted.state is not None:
        yield col(ItemVersion.state) == wanted.state
    if wanted.type is not None:
        yield col(ItemVersion.type) == wanted.type
    if wanted.level is not None:
        yield col(ItemVersion.level) == wanted.level
    if wanted.area is not None:
        yield or_(false(), *(_in_area(*edition, wanted.area) for edition in editions.items()))
    if wanted.knowledge_point is not None:
        yield _touches([wanted.knowledge_point])
    if wanted.text:
        columns = (col(Item.code), col(ItemVersion.stem), func.array_to_string(col(ItemVersion.options), "\n"))
        yield or_(*(column.icontains(wanted.text, autoescape=True) for column in columns))


def _in_area(edition_id: UUID, standard: Standard, area: str) -> ColumnElement[bool]:
    points = [point.id for point in standard.knowledge_points() if point.area == area]
    return and_(col(Item.standard_id) == edition_id, _touches(points))


def _touches(points: list[str]) -> ColumnElement[bool]:
    return col(ItemVersion.knowledge_points).bool_op("&&")(cast(points, ARRAY(Text)))
