"""The blueprint: exact weights, exact counts, nearest to proportional, or a reason and what would work."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.blueprint import Blueprint, Composition, TypeShare, blueprint_for, solve_blueprint
from app.domain.items import ItemType
from app.domain.pool import PoolItem

SINGLE, MULTIPLE, TRUE_FALSE = ItemType
WEIGHTS = {
    5: {"职业道德": 5, "基础知识": 25, "咨询引导": 20, "业务办理": 40, "综合出件": 10},
    4: {"职业道德": 5, "基础知识": 15, "咨询引导": 15, "业务办理": 35, "现场管理": 30},
    3: {"职业道德": 5, "基础知识": 10, "业务办理": 20, "现场管理": 30, "培训与管理": 35},
}

Cells = Mapping[str, Mapping[ItemType, int]]


def composed(*shares: tuple[ItemType, int, str]) -> Composition:
    return Composition(
        shares=tuple(TypeShare(type=kind, count=count, points=Decimal(points)) for kind, count, points in shares)
    )


def refused(weights: Mapping[str, int | Decimal], composition: Composition, available: Cells | None = None) -> Problem:
    with pytest.raises(Problem) as refusal:
        solve_blueprint(weights, composition, available)
    return refusal.value


def assert_exact(blueprint: Blueprint, weights: Mapping[str, int | Decimal], composition: Composition) -> None:
    for area, weight in weights.items():
        points = sum((blueprint.count(area, share.type) * share.points for share in composition.shares), Decimal(0))
        assert points == weight
    for share in composition.shares:
        assert sum(blueprint.count(area, share.type) for area in weights) == share.count


@pytest.mark.parametrize("level", WEIGHTS)
def test_the_default_composition_meets_the_standards_weights_exactly(level: int) -> None:
    blueprint = solve_blueprint(WEIGHTS[level], Composition())
    assert_exact(blueprint, WEIGHTS[level], Composition())
    assert [row.area for row in blueprint.rows] == list(WEIGHTS[level])
    assert all(row.points == row.weight for row in blueprint.rows)
    assert blueprint.total == 90


@pytest.mark.parametrize("level", WEIGHTS)
def test_no_cell_is_two_items_or_more_from_the_proportional_mix(level: int) -> None:
    blueprint = solve_blueprint(WEIGHTS[level], Composition())
    for area, weight in WEIGHTS[level].items():
        for share in Composition().shares:
            assert abs(blueprint.count(area, share.type) - share.count * weight / 100) < 2


def test_half_points_are_exact() -> None:
    composition = composed((SINGLE, 140, "0.5"), (MULTIPLE, 10, "1.5"), (TRUE_FALSE, 30, "0.5"))
    assert_exact(solve_blueprint(WEIGHTS[5], composition), WEIGHTS[5], composition)


def test_fractional_weights_are_exact() -> None:
    weights = {"甲": Decimal("12.5"), "乙": Decimal("7.5")}
    composition = composed((SINGLE, 30, "0.5"), (MULTIPLE, 5, "1"))
    assert_exact(solve_blueprint(weights, composition), weights, composition)


def test_a_blueprint_survives_being_stored() -> None:
    blueprint = solve_blueprint(WEIGHTS[3], Composition())
    assert Blueprint.model_validate_json(blueprint.model_dump_json()) == blueprint


def test_the_same_request_gives_the_same_blueprint() -> None:
    assert solve_blueprint(WEIGHTS[4], Composition()) == solve_blueprint(WEIGHTS[4], Composition())


def test_points_that_miss_the_total_are_refused() -> None:
    problem = refused(WEIGHTS[5], composed((SINGLE, 60, "1"), (MULTIPLE, 10, "1.5")))
    assert problem.code == "composition_total"
    assert "75" in problem.detail("zh-CN")
    assert "100" in problem.detail("en")


def test_an_odd_weight_cannot_be_made_of_two_point_items() -> None:
    problem = refused({"甲": 5, "乙": 15, "丙": 80}, composed((MULTIPLE, 50, "2")))
    assert problem.code == "blueprint_infeasible"
    assert [error.place for error in problem.errors] == ["甲", "乙"]
    assert {error.code for error in problem.errors} == {"blueprint_area_unreachable"}
    assert_alternatives_work(problem, {"甲": 5, "乙": 15, "丙": 80})


def test_a_bank_without_enough_items_is_told_which_and_how_many_lack() -> None:
    weights = {"甲": 10, "乙": 10}
    available = {"甲": {SINGLE: 7, MULTIPLE: 3}, "乙": {SINGLE: 20, MULTIPLE: 1}}
    problem = refused(weights, composed((SINGLE, 10, "1"), (MULTIPLE, 5, "2")), available)
    assert [(error.place, error.code, error.params["short"]) for error in problem.errors] == [
        ("乙/multiple", "blueprint_cell_short", 1)
    ]
    assert_alternatives_work(problem, weights, available)


def test_a_blueprint_stays_within_what_the_bank_holds() -> None:
    available = {area: {SINGLE: 30, MULTIPLE: 3, TRUE_FALSE: 12} for area in WEIGHTS[5]}
    blueprint = solve_blueprint(WEIGHTS[5], Composition(), available)
    assert_exact(blueprint, WEIGHTS[5], Composition())
    assert blueprint.count("业务办理", MULTIPLE) <= 3


def test_for_more_papers_than_the_bank_holds_the_blueprint_is_that_of_the_most_it_holds() -> None:
    """One paper may have one item of each type in each area; two must share the bank out, three cannot be."""
    held = {("甲", SINGLE): 4, ("甲", TRUE_FALSE): 1, ("乙", SINGLE): 1, ("乙", TRUE_FALSE): 4}
    pool = [
        PoolItem(f"{area}-{kind}-{n}", "", kind, area, "", (), None, 0.7, frozenset(), 0)
        for (area, kind), count in held.items()
        for n in range(count)
    ]
    weights, composition = {"甲": 2, "乙": 2}, composed((SINGLE, 2, "1"), (TRUE_FALSE, 2, "1"))
    counts = [blueprint_for(weights, composition, pool, 5, forms).count("甲", SINGLE) for forms in (1, 2, 3, 10)]
    assert counts == [1, 2, 2, 2]


def test_refusals_are_told_in_both_languages() -> None:
    problem = refused({"甲": 5, "乙": 5}, composed((SINGLE, 10, "1")), {"甲": {SINGLE: 9}})
    chinese, english = problem.render("zh-CN"), problem.render("en")
    assert "乙" in chinese["detail"]
    assert "单项选择题" in chinese["errors"][0]["detail"]
    assert "single-choice" in english["errors"][0]["detail"]


def test_a_type_has_one_share() -> None:
    with pytest.raises(ValueError, match="two shares"):
        composed((SINGLE, 1, "1"), (SINGLE, 2, "1"))


def assert_alternatives_work(problem: Problem, weights: Mapping[str, int], available: Cells | None = None) -> None:
    alternatives = [Composition.model_validate(entry) for entry in problem.extra["alternatives"]]
    assert len(alternatives) == 3
    for composition in alternatives:
        assert_exact(solve_blueprint(weights, composition, available), weights, composition)


# Random tables against an enumeration of every grid.

small_weights = st.lists(st.integers(1, 6), min_size=1, max_size=3).map(
    lambda weights: {f"项目{number}": weight for number, weight in enumerate(weights)}
)
points = st.sampled_from(["0.5", "1", "1.5", "2", "3"])


@st.composite
def small_requests(draw: st.DrawFn) -> tuple[dict[str, int], Composition, Cells | None]:
    """Tables of at most three areas and two types whose composition is worth the total of the weights."""
    weights = draw(small_weights)
    total = Decimal(sum(weights.values()))
    first, second = Decimal(draw(points)), Decimal(draw(points))
    counts = [n for n in range(int(total / first) + 1) if (total - n * first) % second == 0]
    if not counts:
        return weights, composed((SINGLE, int(total * 2), "0.5")), None
    count = draw(st.sampled_from(counts))
    composition = composed((SINGLE, count, str(first)), (MULTIPLE, int((total - count * first) / second), str(second)))
    cell = st.fixed_dictionaries({SINGLE: st.integers(0, 8), MULTIPLE: st.integers(0, 8)})
    available = draw(st.none() | st.fixed_dictionaries(dict.fromkeys(weights, cell)))
    return weights, composition, available


def grids(
    weights: Mapping[str, int], composition: Composition, available: Cells | None
) -> Iterator[dict[tuple[str, ItemType], int]]:
    """Every grid that meets weights, counts and availability, by enumeration."""

    def rows(area: str) -> Iterator[tuple[int, ...]]:
        most = [
            min(share.count, available[area][share.type] if available else share.count) for share in composition.shares
        ]
        for counts in product(*(range(n + 1) for n in most)):
            if sum(n * share.points for n, share in zip(counts, composition.shares, strict=True)) == weights[area]:
                yield counts

    for grid in product(*(rows(area) for area in weights)):
        if [sum(column) for column in zip(*grid, strict=True)] == [share.count for share in composition.shares]:
            yield {
                (area, share.type): count
                for area, counts in zip(weights, grid, strict=True)
                for share, count in zip(composition.shares, counts, strict=True)
            }


def distance(cell: Any, weights: Mapping[str, int], composition: Composition) -> Decimal:
    total = sum(weights.values())
    return sum(
        (
            (cell(area, share.type) - Decimal(share.count * weight) / total) ** 2
            for area, weight in weights.items()
            for share in composition.shares
        ),
        Decimal(0),
    )


@given(small_requests())
@settings(max_examples=150, deadline=None)
def test_exact_and_nearest_or_infeasible_as_enumeration_says(
    request: tuple[dict[str, int], Composition, Cells | None],
) -> None:
    weights, composition, available = request
    possible = list(grids(weights, composition, available))
    if not possible:
        problem = refused(weights, composition, available)
        assert problem.code == "blueprint_infeasible"
        assert problem.errors
        for entry in problem.extra["alternatives"]:
            other = Composition.model_validate(entry)
            assert_exact(solve_blueprint(weights, other, available), weights, other)
        return
    blueprint = solve_blueprint(weights, composition, available)
    assert {cell: blueprint.count(*cell) for cell in possible[0]} in possible
    nearest = min(distance(lambda *cell, grid=grid: grid[cell], weights, composition) for grid in possible)
    assert float(distance(blueprint.count, weights, composition)) == pytest.approx(float(nearest))


@given(st.lists(st.integers(2, 30), min_size=2, max_size=8), st.data())
@settings(max_examples=40, deadline=None)
def test_tables_of_full_size_with_enough_single_points_are_exact(sizes: list[int], data: st.DataObject) -> None:
    """Where one-point items make up half of every weight and more, nothing can stand in the way."""
    weights = {f"项目{number}": size for number, size in enumerate(sizes)}
    multiple = data.draw(st.integers(0, sum(sizes) // 8))
    true_false = data.draw(st.integers(0, sum(sizes) // 4))
    single = sum(sizes) - 2 * multiple - true_false
    composition = composed((SINGLE, single, "1"), (MULTIPLE, multiple, "2"), (TRUE_FALSE, true_false, "1"))
    assert_exact(solve_blueprint(weights, composition), weights, composition)
