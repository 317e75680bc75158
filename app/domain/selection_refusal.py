"""Why the pool does not allow the papers asked for, and how many it allows."""

from collections import Counter

from app.core.problems import FieldError, Problem
from app.domain.selection_model import ALL_RULES, FormsModel, Request, Rule


def refuse(request: Request, forms: int) -> Problem:
    """The Problem `forms_unavailable` for a request that has no solution.

    Its errors name the cells and areas with too few items or, if there are enough, the rules of which giving up one
    (or, where one does not help, all together) would make the papers possible.
    """
    errors = _short_cells(request, forms) or _short_own(request, forms) or _blocking_rules(request, forms)
    possible = _possible_forms(request, forms)
    return Problem(
        "forms_unavailable", errors=errors, extra={"possible_forms": possible}, forms=forms, possible=possible
    )


def _short_cells(request: Request, forms: int) -> list[FieldError]:
    held = Counter((item.area, item.type) for item in request.pool)
    return [
        FieldError(
            f"{row.area}/{item_type}",
            "forms_cell_short",
            {
                "area": row.area,
                **item_type.names,
                "needed": forms * count,
                "available": held[row.area, item_type],
                "short": forms * count - held[row.area, item_type],
            },
        )
        for row in request.blueprint.rows
        for item_type, count in row.counts.items()
        if held[row.area, item_type] < forms * count
    ]


def _short_own(request: Request, forms: int) -> list[FieldError]:
    """Areas whose own-level items, counted only as far as the cells take them, do not make up the share."""
    own = Counter((item.area, item.type) for item in request.pool if item.is_own(request.level))
    errors = []
    for row in request.blueprint.rows:
        usable = sum(min(own[row.area, item_type], forms * count) for item_type, count in row.counts.items())
        needed = forms * request.least_own().get(row.area, 0)
        if usable < needed:
            params = {"area": row.area, "needed": needed, "available": usable, "short": needed - usable}
            errors.append(FieldError(row.area, "forms_own_level_short", params))
    return errors


def _blocking_rules(request: Request, forms: int) -> list[FieldError]:
    alone = [rule for rule in Rule if FormsModel(request, forms, ALL_RULES - {rule}).is_feasible()]
    params = {"target": f"{float(request.difficulty):.3g}", "tolerance": f"{float(request.tolerance):.3g}"}
    return [
        FieldError(rule, f"forms_{rule}_blocks", params if rule is Rule.difficulty else {}) for rule in alone or Rule
    ]


def _possible_forms(request: Request, forms: int) -> int:
    """The largest number of forms below `forms` that has a solution."""
    held = Counter((item.area, item.type) for item in request.pool)
    bound = min(
        (
            held[row.area, item_type] // count
            for row in request.blueprint.rows
            for item_type, count in row.counts.items()
            if count
        ),
        default=0,
    )
    return next((n for n in range(min(bound, forms - 1), 0, -1) if FormsModel(request, n).is_feasible()), 0)
