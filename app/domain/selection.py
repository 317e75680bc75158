"""Selecting the items of papers (forms, 试卷) from the pool to a blueprint: exact, spread, reproducible."""

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction

from app.domain.blueprint import Blueprint
from app.domain.items import ItemType
from app.domain.pool import GroupSizes, PoolItem, group_sizes, open_to
from app.domain.selection_model import FormsModel, Request
from app.domain.selection_refusal import refuse

__all__ = ["GroupSizes", "PoolItem", "select_forms"]

TIE_WEIGHT = 1000


def select_forms(
    pool: Iterable[PoolItem],
    blueprint: Blueprint,
    level: int,
    forms: int,
    seed: int,
    own_level_share: float = 0.7,
    target_difficulty: float | None = None,
    tolerance: float = 0.05,
    sizes: GroupSizes | None = None,
) -> list[list[PoolItem]]:
    """`forms` papers of `level` without common items, each in the order single, multiple, true_false, shuffled within.

    Every form meets exactly:

    - as many items of each area and type as the blueprint says (clause 4.1);
    - only basic, own-level and lower-level items (section 3: 高级别涵盖低级别), of each area bound to levels at least
      `own_level_share` own ones;
    - a mean difficulty (expected proportion of right answers, over items, to four decimals) within `tolerance` of
      `target_difficulty`, by default the pool's mean weighted by the blueprint;
    - no two enemies.

    Among such papers it takes, in this order: those nearest to an even spread (each group of an area its share by
    number of knowledge points, no knowledge point more than its share, lower levels' items only where own ones lack);
    those with the fewest uses; then those that the seed favours. `sizes` are the standard's
    numbers of knowledge points, area -> group -> number; by default they are counted in the pool.

    The same pool in any order, request and seed give the same papers (with the same release of the solver).

    Raises Problem `forms_unavailable` naming what blocks and how many forms are possible (extra member
    `possible_forms`), `search_limit` if undecided, and ValueError if a code stands twice in the pool.
    """
    candidates = [item for item in open_to(pool, level) if blueprint.count(item.area, item.type)]
    if len({item.code for item in candidates}) < len(candidates):
        raise ValueError("a code stands twice in the pool")
    request = Request(
        pool=candidates,
        blueprint=blueprint,
        level=level,
        own_share=_exact(own_level_share),
        difficulty=_pool_difficulty(candidates, blueprint) if target_difficulty is None else _exact(target_difficulty),
        tolerance=_exact(tolerance),
        group_sizes=group_sizes(candidates, level) if sizes is None else sizes,
    )
    source = random.Random(seed)  # noqa: S311 - reproducible by intention
    ties = [[source.randrange(TIE_WEIGHT) for _ in candidates] for _ in range(forms)]
    chosen = FormsModel(request, forms).best(ties)
    if chosen is None:
        raise refuse(request, forms)
    return [_ordered(form, source) for form in chosen]


def _exact(number: float) -> Fraction:
    """The decimal number that was written, so that 0.7 of 10 is 7 and not a little more."""
    return Fraction(str(number))


def _pool_difficulty(pool: Sequence[PoolItem], blueprint: Blueprint) -> Fraction:
    total = Fraction(0)
    for row in blueprint.rows:
        for item_type, count in row.counts.items():
            cell = [_exact(item.difficulty) for item in pool if (item.area, item.type) == (row.area, item_type)]
            if cell:
                total += count * sum(cell, Fraction(0)) / len(cell)
    return total / max(blueprint.total, 1)


def _ordered(form: Sequence[PoolItem], source: random.Random) -> list[PoolItem]:
    sections = [[item for item in form if item.type is item_type] for item_type in ItemType]
    for section in sections:
        source.shuffle(section)
    return [item for section in sections for item in section]
