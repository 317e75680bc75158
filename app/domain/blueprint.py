"""The blueprint (双向细目表): how many items of each type each area gets, so that its points equal its weight."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal

from app.core.problems import Problem
from app.domain.blueprint_grid import Available, Grid
from app.domain.blueprint_refusal import infeasible, plain
from app.domain.composition import Blueprint, BlueprintRow, Composition, TypeShare
from app.domain.items import ItemType
from app.domain.pool import PoolItem, cells_open_to

__all__ = ["Available", "Blueprint", "BlueprintRow", "Composition", "TypeShare", "blueprint_for", "solve_blueprint"]


def solve_blueprint(
    weights: Mapping[str, Decimal | int], composition: Composition, available: Available | None = None
) -> Blueprint:
    """The blueprint nearest to the proportional mix (least squares over the cells) that meets all of:

    - every area's points equal its weight exactly (the standard's weight table, clause 4.1);
    - every type has as many items as the composition says;
    - no cell has more items than `available` (area -> type -> items; what is not named has none).

    `weights` are points per area. The same arguments give the same blueprint.

    Raises Problem `composition_total` if the composition is not worth the sum of the weights, and
    `blueprint_infeasible` otherwise: `errors` name what blocks, and the extra member `alternatives` holds the
    at most three nearest compositions, nearest first, that do work with the same points and availability.
    """
    exact = {area: Decimal(weight) for area, weight in weights.items()}
    total = sum(exact.values(), Decimal(0))
    if composition.total_points != total:
        raise Problem("composition_total", points=plain(composition.total_points), total=plain(total))
    grid = Grid(exact, composition, available)
    grid.fix_points()
    grid.fix_counts()
    grid.limit()
    grid.prefer_proportional()
    cells = grid.solve()
    if cells is None:
        raise infeasible(exact, composition, available)
    return Blueprint(
        composition=composition, rows=tuple(_row(area, weight, composition, cells) for area, weight in exact.items())
    )


def blueprint_for(
    weights: Mapping[str, Decimal | int], composition: Composition, pool: Iterable[PoolItem], level: int, forms: int
) -> Blueprint:
    """The blueprint for which the pool holds `forms` papers of `level` without common items, or as many as it can.

    Raises Problem as `solve_blueprint` does when there is none even for one paper.
    """
    held = list(pool)
    for number in range(forms, 1, -1):
        with suppress(Problem):
            return solve_blueprint(weights, composition, cells_open_to(held, level, number))
    return solve_blueprint(weights, composition, cells_open_to(held, level))


def _row(
    area: str, weight: Decimal, composition: Composition, cells: Mapping[tuple[str, ItemType], int]
) -> BlueprintRow:
    counts = {share.type: cells[area, share.type] for share in composition.shares}
    points = sum((counts[share.type] * share.points for share in composition.shares), Decimal(0))
    return BlueprintRow(area=area, weight=weight, counts=counts, points=points)
