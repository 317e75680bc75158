"""The pool: the items from which papers are selected."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.items import ItemType

GroupSizes = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class PoolItem:
    """An item as selection sees it.

    `version_id` is opaque. `level` is None for basic requirements (section 2), common to all levels. `difficulty` is
    the expected proportion of right answers, 0 to 1. `enemies` are codes; either side's naming the other suffices.
    `uses` is how many papers hold the item already.
    """

    code: str
    version_id: str
    type: ItemType
    area: str
    group: str
    points_ids: tuple[str, ...]
    level: int | None
    difficulty: float
    enemies: frozenset[str]
    uses: int

    def is_own(self, level: int) -> bool:
        """Whether the item belongs to `level` itself; basic requirements belong to every level."""
        return self.level is None or self.level == level


def open_to(pool: Iterable[PoolItem], level: int) -> list[PoolItem]:
    """What a paper of `level` may draw, by code: basic, own and lower levels' items (section 3: 高级别涵盖低级别).

    Level 5 is the lowest, 1 the highest.
    """
    return sorted((item for item in pool if item.level is None or item.level >= level), key=lambda item: item.code)


def cells_open_to(pool: Iterable[PoolItem], level: int, forms: int = 1) -> dict[str, Counter[ItemType]]:
    """How many items of each area and type each of `forms` papers of `level` without common items may have."""
    cells: defaultdict[str, Counter[ItemType]] = defaultdict(Counter)
    for item in open_to(pool, level):
        cells[item.area][item.type] += 1
    return {area: Counter({kind: n // forms for kind, n in types.items()}) for area, types in cells.items()}


def group_sizes(pool: Iterable[PoolItem], level: int) -> dict[str, dict[str, int]]:
    """Area -> group -> number of knowledge points, as far as the own items of `level` touch them."""
    points: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in pool:
        if item.is_own(level):
            points[item.area][item.group].update(item.points_ids)
    return {area: {group: len(ids) for group, ids in groups.items()} for area, groups in points.items()}
