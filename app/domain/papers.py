"""A paper: a fixed, sealed list of items made to a blueprint."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.core.canonical import digest
from app.domain.items import ItemType


class PaperItem(BaseModel):
    """One item as frozen in the paper; `position` counts from 1, options keep the authored order."""

    model_config = ConfigDict(frozen=True)

    position: int
    code: str
    version: int
    type: ItemType
    area: str
    points: Decimal
    stem: str
    options: tuple[str, ...]
    key: str


class PaperContent(BaseModel):
    """All that a paper is. Its hash is the SHA-256 over its canonical JSON."""

    model_config = ConfigDict(frozen=True)

    standard_code: str
    standard_edition: str
    level: int
    items: tuple[PaperItem, ...]

    def canonical(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @cached_property
    def content_hash(self) -> str:
        return digest(self.canonical())

    @cached_property
    def by_position(self) -> Mapping[int, PaperItem]:
        return {item.position: item for item in self.items}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Of the items, in their order."""
        return tuple(item.key for item in self.items)

    @cached_property
    def points(self) -> tuple[Decimal, ...]:
        """Of the items, in their order."""
        return tuple(item.points for item in self.items)

    @cached_property
    def points_by_area(self) -> Mapping[str, Decimal]:
        """What each area's items are worth, areas in the order of the paper."""
        points: dict[str, Decimal] = {}
        for item in self.items:
            points[item.area] = points.get(item.area, Decimal(0)) + item.points
        return points
