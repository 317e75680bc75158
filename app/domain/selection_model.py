"""The integer model behind the selection of papers: one binary variable for each form and item."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from ortools.sat.python import cp_model

from app.core.problems import Problem
from app.domain.blueprint import Blueprint
from app.domain.pool import GroupSizes, PoolItem
from app.domain.solver import solve

SELECTION_LIMIT = 10.0
TIE_LIMIT = 2.0
DIFFICULTY_UNITS = 10_000


class Rule(StrEnum):
    """What a form must meet beyond the counts of the blueprint."""

    own_level = "own_level"
    enemies = "enemies"
    difficulty = "difficulty"


ALL_RULES = frozenset(Rule)

Form = Sequence[cp_model.IntVar]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Request:
    """What is asked: `pool` holds only items open to `level`, sorted by code, each code once.

    `difficulty` and `tolerance` are proportions (0 to 1); `own_share` is the least share of own-level items in each
    area that has items of levels.
    """

    pool: Sequence[PoolItem]
    blueprint: Blueprint
    level: int
    own_share: Fraction
    difficulty: Fraction
    tolerance: Fraction
    group_sizes: GroupSizes

    def least_own(self) -> dict[str, int]:
        """Areas bound to levels, each with the least number of own-level items in a form."""
        bound = {item.area for item in self.pool if item.level is not None}
        return {row.area: math.ceil(self.own_share * row.total) for row in self.blueprint.rows if row.area in bound}


class FormsModel:
    """`forms` papers without common items; `rules` lets a refusal find out which rule blocks."""

    def __init__(self, request: Request, forms: int, rules: frozenset[Rule] = ALL_RULES) -> None:
        self.request = request
        self.model = cp_model.CpModel()
        self.chosen = [[self.model.new_bool_var("") for _ in request.pool] for _ in range(forms)]
        for copies in zip(*self.chosen, strict=True):
            self.model.add_at_most_one(copies)
        for form in self.chosen:
            self._fill_cells(form)
            if Rule.own_level in rules:
                self._keep_own_level(form)
            if Rule.enemies in rules:
                self._part_enemies(form)
            if Rule.difficulty in rules:
                self._hold_difficulty(form)

    def is_feasible(self) -> bool:
        """Raises Problem `search_limit` if undecided."""
        return solve(self.model, SELECTION_LIMIT) is not None

    def best(self, tie_weights: Sequence[Sequence[int]]) -> list[list[PoolItem]] | None:
        """The forms that deviate least from an even spread, of these the least used, of these those of the least
        sum of `tie_weights` (a row for each form, a weight for each item). None if none exist.

        Raises Problem `search_limit` if undecided.
        """
        deviation = cp_model.LinearExpr.sum([term for form in self.chosen for term in self._deviations(form)])
        uses = self._weighted([[item.uses for item in self.request.pool]] * len(self.chosen))
        above_all_uses = 1 + sum(item.uses for item in self.request.pool)
        self.model.minimize(above_all_uses * deviation + uses)
        solver = solve(self.model, SELECTION_LIMIT)
        if solver is None:
            return None
        self.model.add(deviation <= solver.value(deviation))
        self.model.add(uses <= solver.value(uses))
        for form in self.chosen:
            for variable in form:
                self.model.add_hint(variable, solver.value(variable))
        self.model.minimize(self._weighted(tie_weights))
        with suppress(Problem):
            solver = solve(self.model, TIE_LIMIT) or solver
        return [
            [item for item, variable in zip(self.request.pool, form, strict=True) if solver.value(variable)]
            for form in self.chosen
        ]

    def _weighted(self, weights: Sequence[Sequence[int]]) -> cp_model.LinearExpr:
        variables = [variable for form in self.chosen for variable in form]
        return cp_model.LinearExpr.weighted_sum(variables, [weight for row in weights for weight in row])

    def _fill_cells(self, form: Form) -> None:
        members = self._members(form, lambda item: [(item.area, item.type)])
        for row in self.request.blueprint.rows:
            for item_type, count in row.counts.items():
                self.model.add(sum(members[row.area, item_type]) == count)

    def _keep_own_level(self, form: Form) -> None:
        own = self._members(form, lambda item: [item.area] if item.is_own(self.request.level) else [])
        for area, least in self.request.least_own().items():
            self.model.add(sum(own[area]) >= least)

    def _part_enemies(self, form: Form) -> None:
        place = {item.code: index for index, item in enumerate(self.request.pool)}
        pairs = {
            frozenset((index, place[enemy]))
            for index, item in enumerate(self.request.pool)
            for enemy in item.enemies
            if enemy in place
        }
        for pair in sorted(map(sorted, pairs)):
            self.model.add_at_most_one(form[index] for index in pair)

    def _hold_difficulty(self, form: Form) -> None:
        request, unit = self.request, DIFFICULTY_UNITS * self.request.blueprint.total
        total = cp_model.LinearExpr.weighted_sum(
            form, [round(item.difficulty * DIFFICULTY_UNITS) for item in request.pool]
        )
        low = math.ceil((request.difficulty - request.tolerance) * unit)
        high = math.floor((request.difficulty + request.tolerance) * unit)
        self.model.add_linear_constraint(total, low, high)

    def _deviations(self, form: Form) -> list[cp_model.IntVar]:
        """Whole numbers to be 0: items beyond what even spread gives (rounded to either side) to a group or a
        knowledge point, and items of lower levels where own ones exist.
        """
        level = self.request.level
        own_groups = self._members(form, lambda item: [(item.area, item.group)] if item.is_own(level) else [])
        points = self._members(form, lambda item: [(item.area, point) for point in item.points_ids])
        lower = self._members(form, lambda item: [] if item.is_own(level) else [item.area])
        deviations = [self._excess(sum(variables), 0) for variables in lower.values()]
        for row in self.request.blueprint.rows:
            sizes = self.request.group_sizes.get(row.area, {})
            if not (size := sum(sizes.values())):
                continue
            for group, share in sizes.items():
                quota = Fraction(row.total * share, size)
                chosen = sum(own_groups[row.area, group])
                deviations.append(self._excess(chosen, math.ceil(quota), math.floor(quota)))
            fair = math.ceil(Fraction(row.total, size))
            deviations += [
                self._excess(sum(variables), fair) for (area, _), variables in points.items() if area == row.area
            ]
        return deviations

    def _excess(self, chosen: cp_model.LinearExprT, most: int, least: int = 0) -> cp_model.IntVar:
        excess = self.model.new_int_var(0, self.request.blueprint.total, "")
        self.model.add(excess >= chosen - most)
        self.model.add(excess >= least - chosen)
        return excess

    def _members(
        self, form: Form, keys: Callable[[PoolItem], Iterable[Key]]
    ) -> defaultdict[Key, list[cp_model.IntVar]]:
        members: defaultdict[Key, list[cp_model.IntVar]] = defaultdict(list)
        for item, variable in zip(self.request.pool, form, strict=True):
            for key in keys(item):
                members[key].append(variable)
        return members
