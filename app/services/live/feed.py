"""A feed: rows that many readers follow, each from the version that it has seen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from app.schemas.board import VOLATILE

Head = TypeVar("Head", bound=BaseModel)
Row = TypeVar("Row", bound=BaseModel)

BACKLOG = 64
"""Versions that a reader may have missed to be given the changes; who missed more is given everything."""


@dataclass
class _Kept(Generic[Row]):
    row: Row
    content: object
    version: int


@dataclass(frozen=True)
class Part(Generic[Head, Row]):
    """What a reader is given: everything (`whole`), or the rows changed since the version it had."""

    mark: str
    whole: bool
    head: Head
    rows: list[Row]
    name_of_rows: str

    @cached_property
    def json(self) -> str:
        """The head with `version` (the mark) and the rows; written once for all readers that are given this part."""
        rows = ",".join(row.model_dump_json() for row in self.rows)
        return f'{self.head.model_dump_json()[:-1]},"version":"{self.mark}","{self.name_of_rows}":[{rows}]}}'


@dataclass
class Feed(Generic[Head, Row]):
    """The newest head and rows, and the version in which each last changed.

    It holds no queue: a slow reader is given each row once, as it is when the reader comes for it.
    """

    name_of_rows: str
    name: str = field(default_factory=lambda: uuid4().hex[:12])
    version: int = 0
    _head: Head | None = None
    _head_content: object = None
    _rows: dict[UUID, _Kept[Row]] = field(default_factory=dict)
    _parts: dict[int | None, Part[Head, Row]] = field(default_factory=dict)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def update(self, head: Head, rows: Mapping[UUID, Row]) -> None:
        """Takes what is true now, in the order of `rows`; readers wake when anything but the time has changed."""
        version = self.version + 1
        content = _content(head)
        kept = {}
        for id_, row in rows.items():
            before, row_content = self._rows.get(id_), _content(row)
            unchanged = before is not None and before.content == row_content
            kept[id_] = _Kept(row, row_content, before.version if before is not None and unchanged else version)
        changed = content != self._head_content or any(one.version == version for one in kept.values())
        self._head, self._head_content, self._rows = head, content, kept
        self._parts.clear()
        if changed:
            self.version = version
            self.wake()

    def wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    @property
    def ready(self) -> bool:
        return self._head is not None

    async def moved(self) -> None:
        """Returns when the feed has moved on, or is woken."""
        await self._moved.wait()

    def mark(self) -> str:
        return f"{self.name}-{self.version}"

    def version_of(self, mark: str | None) -> int | None:
        """The version that a mark of this feed names; None for others', older feeds' and foreign words."""
        name, _, version = (mark or "").rpartition("-")
        if name != self.name or not version.isdecimal() or int(version) > self.version:
            return None
        return int(version)

    def since(self, version: int | None) -> Part[Head, Row]:
        """The same part for all readers of one version. Raises RuntimeError before the first update."""
        if self._head is None:
            raise RuntimeError("the feed has not been filled")
        if version not in self._parts:
            whole = version is None or self.version - version > BACKLOG
            rows = [kept.row for kept in self._rows.values() if version is None or whole or kept.version > version]
            self._parts[version] = Part(self.mark(), whole, self._head, rows, self.name_of_rows)
        return self._parts[version]


def _content(part: BaseModel) -> list[object]:
    return [value for name, value in vars(part).items() if name not in VOLATILE]
