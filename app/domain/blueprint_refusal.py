"""Why there is no blueprint, and which compositions near the asked one have one."""

from collections.abc import Mapping
from decimal import Decimal

from app.core.problems import FieldError, Problem
from app.domain.blueprint_grid import Available, Grid
from app.domain.composition import Composition

ALTERNATIVES = 3


def infeasible(weights: Mapping[str, Decimal], composition: Composition, available: Available | None) -> Problem:
    errors = _unreachable_areas(weights, composition) or _short_cells(weights, composition, available)
    alternatives = _alternatives(weights, composition, available)
    return Problem(
        "blueprint_infeasible",
        errors=errors,
        extra={"alternatives": [alternative.model_dump(mode="json") for alternative in alternatives]},
        areas="、".join(dict.fromkeys(error.params["area"] for error in errors)),
    )


def _unreachable_areas(weights: Mapping[str, Decimal], composition: Composition) -> list[FieldError]:
    """The areas that miss their weight when the points miss the weights by as little as possible in all."""
    grid = Grid(weights, composition, None)
    grid.fix_counts()
    misses = {area: grid.model.new_int_var(0, sum(grid.weights.values()), "") for area in grid.weights}
    for area, miss in misses.items():
        grid.model.add_abs_equality(miss, grid.points_of(area) - grid.weights[area])
    grid.model.minimize(sum(misses.values()))
    solver = grid.run()
    assert solver is not None  # noqa: S101 - any filling of the grid with the given counts is a solution
    return [
        FieldError(
            area,
            "blueprint_area_unreachable",
            {
                "area": area,
                "weight": plain(weights[area]),
                "nearest": plain(Decimal(solver.value(grid.points_of(area))) / grid.scale),
            },
        )
        for area, miss in misses.items()
        if solver.value(miss)
    ]


def _short_cells(
    weights: Mapping[str, Decimal], composition: Composition, available: Available | None
) -> list[FieldError]:
    """The cells that lack items when as few items as possible are lacking in all."""
    grid = Grid(weights, composition, available)
    grid.fix_points()
    grid.fix_counts()
    lacks = {cell: grid.model.new_int_var(0, grid.counts[cell[1]], "") for cell in grid.cells}
    for (area, item_type), lack in lacks.items():
        grid.model.add(grid.cells[area, item_type] <= (grid.open_to(area, item_type) or 0) + lack)
    grid.model.minimize(sum(lacks.values()))
    solver = grid.run()
    assert solver is not None  # noqa: S101 - the areas are reachable, so without limits there is a solution
    return [
        FieldError(
            f"{area}/{item_type}",
            "blueprint_cell_short",
            {
                "area": area,
                **item_type.names,
                "available": grid.open_to(area, item_type),
                "short": solver.value(lack),
            },
        )
        for (area, item_type), lack in lacks.items()
        if solver.value(lack)
    ]


def _alternatives(
    weights: Mapping[str, Decimal], composition: Composition, available: Available | None
) -> list[Composition]:
    """The nearest other compositions with the same points an item that have a blueprint.

    Types that the composition leaves out may come in with the default's points.
    """
    missing = [share for share in Composition().shares if share.type not in {own.type for own in composition.shares}]
    unused = tuple(share.model_copy(update={"count": 0}) for share in missing)
    grid = Grid(weights, Composition(shares=composition.shares + unused), available)
    grid.fix_points()
    grid.limit()
    counts, changes = {}, []
    for item_type, count in grid.counts.items():
        counts[item_type] = grid.model.new_int_var(0, sum(grid.weights.values()) // grid.points[item_type], "")
        grid.model.add(counts[item_type] == grid.count_of(item_type))
        change = grid.model.new_int_var(0, sum(grid.weights.values()), "")
        grid.model.add_abs_equality(change, counts[item_type] - count)
        changes.append(change)
    grid.model.minimize(sum(changes))
    found: list[Composition] = []
    while len(found) < ALTERNATIVES and (solver := grid.run()) is not None:
        values = {item_type: solver.value(variable) for item_type, variable in counts.items()}
        grid.model.add_forbidden_assignments(list(counts.values()), [list(values.values())])
        found.append(
            Composition(
                shares=tuple(
                    share.model_copy(update={"count": values[share.type]})
                    for share in composition.shares + unused
                    if values[share.type]
                )
            )
        )
    return found


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
