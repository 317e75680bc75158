"""The integer model behind a blueprint: one variable for each cell (area, type)."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from ortools.sat.python import cp_model

from app.domain.composition import Composition
from app.domain.items import ItemType
from app.domain.solver import solve

Available = Mapping[str, Mapping[ItemType, int]]

GRID_LIMIT = 10.0


class Grid:
    """The integer model: one variable for each cell (area, type), with points scaled to whole numbers."""

    def __init__(self, weights: Mapping[str, Decimal], composition: Composition, available: Available | None) -> None:
        scale = scale_of([*weights.values(), *(share.points for share in composition.shares)])
        self.weights = {area: int(weight * scale) for area, weight in weights.items()}
        self.points = {share.type: int(share.points * scale) for share in composition.shares}
        self.counts = {share.type: share.count for share in composition.shares}
        self.available = available
        self.scale = scale
        self.model = cp_model.CpModel()
        largest = sum(self.weights.values())
        self.cells = {
            (area, item_type): self.model.new_int_var(0, largest // points, f"{area}/{item_type}")
            for area in self.weights
            for item_type, points in self.points.items()
        }

    def points_of(self, area: str) -> cp_model.LinearExprT:
        return sum(points * self.cells[area, item_type] for item_type, points in self.points.items())

    def count_of(self, item_type: ItemType) -> cp_model.LinearExprT:
        return sum(self.cells[area, item_type] for area in self.weights)

    def fix_points(self) -> None:
        for area, weight in self.weights.items():
            self.model.add(self.points_of(area) == weight)

    def fix_counts(self) -> None:
        for item_type, count in self.counts.items():
            self.model.add(self.count_of(item_type) == count)

    def open_to(self, area: str, item_type: ItemType) -> int | None:
        return None if self.available is None else self.available.get(area, {}).get(item_type, 0)

    def limit(self) -> None:
        for (area, item_type), cell in self.cells.items():
            if (most := self.open_to(area, item_type)) is not None:
                self.model.add(cell <= most)

    def prefer_proportional(self) -> None:
        """Minimise the sum of (cell - ideal)², ideal = count * weight / total, multiplied out by the total."""
        total = sum(self.weights.values())
        cost: list[cp_model.LinearExprT] = []
        for (area, item_type), cell in self.cells.items():
            bound = self.weights[area] // self.points[item_type]
            square = self.model.new_int_var(0, bound * bound, "")
            self.model.add_multiplication_equality(square, [cell, cell])
            cost.append(total * square - 2 * self.counts[item_type] * self.weights[area] * cell)
        self.model.minimize(sum(cost))

    def solve(self) -> Mapping[tuple[str, ItemType], int] | None:
        solver = self.run()
        return None if solver is None else {cell: solver.value(variable) for cell, variable in self.cells.items()}

    def run(self) -> cp_model.CpSolver | None:
        return solve(self.model, GRID_LIMIT)


def scale_of(numbers: Iterable[Decimal]) -> int:
    return math.lcm(*(Fraction(number).denominator for number in numbers))
