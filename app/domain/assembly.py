"""Blueprint and papers in one step, for a process that need not have the solver before it is asked.

The solver's libraries take 110 MiB: who only hands the work on (`app.core.own_process`) must not load them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.composition import Blueprint, Composition
from app.domain.pool import GroupSizes, PoolItem


@dataclass(frozen=True)
class Wanted:
    """`weights` are points per area, `forms` the number of papers without common items."""

    weights: Mapping[str, Decimal]
    composition: Composition
    level: int
    forms: int


@dataclass(frozen=True)
class Selecting:
    """How the items are selected; as the parameters of `select_forms`."""

    seed: int
    own_level_share: float
    target_difficulty: float | None
    tolerance: float
    sizes: GroupSizes


def best_blueprint(wanted: Wanted, pool: Sequence[PoolItem]) -> Blueprint:
    """Raises Problem as `blueprint_for` does."""
    from app.domain.blueprint import blueprint_for

    return blueprint_for(wanted.weights, wanted.composition, pool, wanted.level, wanted.forms)


def best_forms(wanted: Wanted, pool: Sequence[PoolItem], by: Selecting) -> tuple[Blueprint, list[list[PoolItem]]]:
    """The blueprint and the papers to it. Raises Problem as `blueprint_for` and `select_forms` do."""
    from app.domain.selection import select_forms

    blueprint = best_blueprint(wanted, pool)
    forms = select_forms(
        pool,
        blueprint,
        wanted.level,
        wanted.forms,
        by.seed,
        own_level_share=by.own_level_share,
        target_difficulty=by.target_difficulty,
        tolerance=by.tolerance,
        sizes=by.sizes,
    )
    return blueprint, forms
