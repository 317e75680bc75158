"""States of an item's versions, and the table of allowed moves. A move the table does not list is refused."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from app.domain.states import Move


class ItemState(StrEnum):
    draft = "draft"
    reviewed = "reviewed"
    active = "active"
    retired = "retired"


class ItemCommand(StrEnum):
    review = "review"
    activate = "activate"
    retire = "retire"


ITEM_MOVES: Mapping[ItemCommand, Move[ItemState]] = {
    ItemCommand.review: Move(frozenset({ItemState.draft}), ItemState.reviewed),
    ItemCommand.activate: Move(frozenset({ItemState.reviewed}), ItemState.active),
    ItemCommand.retire: Move(frozenset({ItemState.draft, ItemState.reviewed, ItemState.active}), ItemState.retired),
}

PENDING = frozenset({ItemState.draft, ItemState.reviewed})

HEAD_RANK: Mapping[ItemState, int] = {
    ItemState.draft: 0,
    ItemState.reviewed: 0,
    ItemState.active: 1,
    ItemState.retired: 2,
}
"""Which of an item's versions stands for it: the pending one, else the active one, else the newest retired one."""


class Version(Protocol):
    """A version of an item as far as its standing goes."""

    @property
    def version(self) -> int: ...
    @property
    def state(self) -> ItemState: ...


V = TypeVar("V", bound=Version)


def head(versions: Sequence[V]) -> V:
    """The version that stands for the item, by `HEAD_RANK`. Raises ValueError if there is none."""
    return min(versions, key=lambda version: (HEAD_RANK[version.state], -version.version))
