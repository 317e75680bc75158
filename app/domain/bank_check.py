"""Checking an item bank before it is used: tags, give-aways, near-duplicates, and whether it suffices for papers."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from app.core.problems import FieldError
from app.domain.composition import Composition
from app.domain.item_tags import reference_errors
from app.domain.items import LETTERS, ItemDocument, ItemType
from app.domain.similarity import NEAR_DUPLICATE, near_duplicates
from app.domain.standard import KnowledgePoint

SPARE = Fraction(4, 3)
LONGEST_KEY_LIMIT = 0.35
SKEW_LIMITS = {2: 6.635, 4: 11.345}
"""Pearson's chi-square that equally likely keys exceed in 1 of 100 banks, by the number of possible keys."""


@dataclass(frozen=True)
class CellNeed:
    """Items of one type in one area for one paper, and those the bank holds that a paper of the level may draw."""

    level: int
    area: str
    type: ItemType
    needed: int
    available: int
    own_level: int

    @property
    def needed_with_spare(self) -> int:
        return math.ceil(SPARE * self.needed)

    @property
    def short(self) -> int:
        """How many items lack for the need with a third to spare."""
        return max(0, self.needed_with_spare - self.available)


@dataclass(frozen=True)
class OwnLevelNeed:
    """Items of the level itself (or of section 2) that an area needs, a third to spare included."""

    level: int
    area: str
    needed_with_spare: int
    available: int

    @property
    def short(self) -> int:
        return max(0, self.needed_with_spare - self.available)


@dataclass(frozen=True)
class BankReport:
    """What is in the bank, and as `findings` all that should be mended.

    A finding's `place` is an item's code, a knowledge point's id or `level/area/type`; its text is in the catalogue.
    `longest_key_share` is the share of single-choice items whose key is longer than every other option.
    """

    findings: tuple[FieldError, ...]
    single_keys: Mapping[str, int]
    true_false_keys: Mapping[str, int]
    longest_key_share: float
    items_per_point: Mapping[str, int]
    cells: tuple[CellNeed, ...]
    own_level: tuple[OwnLevelNeed, ...]

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def uncovered_points(self) -> tuple[str, ...]:
        return tuple(point for point, count in self.items_per_point.items() if not count)


def check_bank(
    items: Sequence[ItemDocument],
    points: Mapping[str, KnowledgePoint],
    weights: Mapping[int, Mapping[str, Decimal | int]],
    composition: Composition,
    own_level_share: float = 0.7,
    duplicate_threshold: float = NEAR_DUPLICATE,
) -> BankReport:
    """Check all items of a standard's bank together.

    `points` are the standard's knowledge points by id; `weights` are points per area by level (clause 4.1); a paper
    of a level may draw section 2's, its own and lower levels' items (section 3). Raises Problem `composition_total` or
    `blueprint_infeasible` if the composition does not fit a level's weights.
    """
    single_keys = _key_counts(items, ItemType.single, LETTERS[:4])
    true_false_keys = _key_counts(items, ItemType.true_false, "TF")
    longest = _longest_key_share(items)
    used = Counter(point for item in items for point in item.knowledge_points)
    items_per_point = {point: used[point] for point in points}
    cells = tuple(_cell_needs(items, points, weights, composition))
    own_level = tuple(_own_level_needs(cells, points, Fraction(str(own_level_share))))
    findings = (
        *_wrong_references(items, points),
        *_alike(items, duplicate_threshold),
        *_skewed("single", single_keys),
        *_skewed("true_false", true_false_keys),
        *_telling_length(longest),
        *(FieldError(point, "bank_point_uncovered") for point, count in items_per_point.items() if not count),
        *_shortages(cells, own_level),
    )
    return BankReport(findings, single_keys, true_false_keys, longest, items_per_point, cells, own_level)


def _wrong_references(items: Sequence[ItemDocument], points: Mapping[str, KnowledgePoint]) -> Iterator[FieldError]:
    codes = Counter(item.code for item in items)
    for item in items:
        for error in reference_errors(item, points, codes):
            yield replace(error, place=item.code)
    for code, times in codes.items():
        if times > 1:
            yield FieldError(code, "bank_repeated_code", {"times": times})


def _alike(items: Sequence[ItemDocument], threshold: float) -> Iterator[FieldError]:
    for pair in near_duplicates(items, threshold):
        yield FieldError(
            pair.first, "bank_near_duplicate", {"other": pair.second, "similarity": f"{pair.similarity:.0f}"}
        )


def _key_counts(items: Sequence[ItemDocument], item_type: ItemType, keys: str) -> dict[str, int]:
    held = Counter(item.key for item in items if item.type is item_type)
    return {key: held[key] for key in keys}


def _skewed(place: str, keys: Mapping[str, int]) -> Iterator[FieldError]:
    expected = sum(keys.values()) / len(keys)
    if expected and sum((count - expected) ** 2 for count in keys.values()) / expected > SKEW_LIMITS[len(keys)]:
        yield FieldError(place, "bank_keys_skewed", {"keys": ", ".join(f"{key} {n}" for key, n in keys.items())})


def _longest_key_share(items: Sequence[ItemDocument]) -> float:
    single = [item for item in items if item.type is ItemType.single]
    longest = [item for item in single if _key_is_longest(item)]
    return len(longest) / len(single) if single else 0.0


def _key_is_longest(item: ItemDocument) -> bool:
    key = LETTERS.index(item.key)
    return all(len(item.options[key]) > len(option) for index, option in enumerate(item.options) if index != key)


def _telling_length(share: float) -> Iterator[FieldError]:
    if share > LONGEST_KEY_LIMIT:
        yield FieldError("single", "bank_key_longest", {"share": f"{share:.0%}", "limit": f"{LONGEST_KEY_LIMIT:.0%}"})


def _cell_needs(
    items: Sequence[ItemDocument],
    points: Mapping[str, KnowledgePoint],
    weights: Mapping[int, Mapping[str, Decimal | int]],
    composition: Composition,
) -> Iterator[CellNeed]:
    from app.domain.blueprint import solve_blueprint

    held = Counter(
        (points[item.knowledge_points[0]].area, item.type, item.level)
        for item in items
        if item.knowledge_points[0] in points
    )
    for level, areas in weights.items():
        for row in solve_blueprint(areas, composition).rows:
            for item_type, needed in row.counts.items():
                by_level = {at: n for (area, kind, at), n in held.items() if (area, kind) == (row.area, item_type)}
                available = sum(n for at, n in by_level.items() if at is None or at >= level)
                own = sum(n for at, n in by_level.items() if at is None or at == level)
                yield CellNeed(level, row.area, item_type, needed, available, own)


def _own_level_needs(
    cells: Sequence[CellNeed], points: Mapping[str, KnowledgePoint], share: Fraction
) -> Iterator[OwnLevelNeed]:
    bound = {tag.area for tag in points.values() if tag.level is not None}
    for level, area in dict.fromkeys((cell.level, cell.area) for cell in cells if cell.area in bound):
        row = [cell for cell in cells if (cell.level, cell.area) == (level, area)]
        needed = math.ceil(SPARE * math.ceil(share * sum(cell.needed for cell in row)))
        usable = sum(min(cell.own_level, cell.needed_with_spare) for cell in row)
        yield OwnLevelNeed(level, area, needed, usable)


def _shortages(cells: Sequence[CellNeed], own_level: Sequence[OwnLevelNeed]) -> Iterator[FieldError]:
    for cell in cells:
        if cell.short:
            params = {
                "level": cell.level,
                "area": cell.area,
                **cell.type.names,
                "needed": cell.needed_with_spare,
                "available": cell.available,
                "short": cell.short,
            }
            yield FieldError(f"{cell.level}/{cell.area}/{cell.type}", "bank_cell_short", params)
    for need in own_level:
        if need.short:
            params = {
                "level": need.level,
                "area": need.area,
                "needed": need.needed_with_spare,
                "available": need.available,
                "short": need.short,
            }
            yield FieldError(f"{need.level}/{need.area}", "bank_own_level_short", params)
