"""Grading: totals equal the sum of parts, shuffling changes nothing, rules do what they say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.grading import GradingRules, MultipleChoiceRule, grade
from app.domain.items import ItemType
from app.domain.layout import Layout, make_layout
from app.domain.papers import PaperContent, PaperItem
from tests.domain.answers import as_seen
from tests.domain.strategies import answers_of, multiple_choice, papers

STRICT = GradingRules(MultipleChoiceRule.all_or_nothing, Decimal(60))
HALF = GradingRules(MultipleChoiceRule.half_for_subset, Decimal(60))
SEEDS = st.integers(0, 2**48 - 1)


def layout_of(paper: PaperContent, seed: int) -> Layout:
    return make_layout(paper, seed, shuffle_items=True, shuffle_options=True)


def seen(paper: PaperContent, layout: Layout, authored: dict[int, str]) -> dict[int, str]:
    """Answers by position in authored letters -> by number in the letters seen."""
    return {
        number: as_seen(authored[placement.position], placement.option_order)
        for number, placement in enumerate(layout.placements, start=1)
        if placement.position in authored
    }


@given(papers(), SEEDS, st.data())
def test_total_is_the_sum_of_items_and_of_areas(paper: PaperContent, seed: int, data: st.DataObject) -> None:
    authored = {item.position: data.draw(answers_of(item)) for item in paper.items}
    layout = layout_of(paper, seed)
    for rules in (STRICT, HALF):
        graded = grade(paper, layout, seen(paper, layout, authored), rules)
        assert graded.total == sum(graded.points)
        assert graded.total == sum(area.points for area in graded.areas.values())
        assert graded.maximum == sum(item.points for item in paper.items)
        assert graded.maximum == sum(area.maximum for area in graded.areas.values())
        assert graded.answers == tuple(authored[item.position] for item in paper.items)
        assert all(0 <= points <= item.points for item, points in zip(paper.items, graded.points, strict=True))
        assert graded.passed == (graded.total >= 60)


@given(papers(), SEEDS, SEEDS, st.data())
def test_the_order_seen_does_not_change_the_score(
    paper: PaperContent, one: int, other: int, data: st.DataObject
) -> None:
    authored = {item.position: data.draw(answers_of(item)) for item in paper.items}
    totals = {
        grade(paper, layout, seen(paper, layout, authored), HALF).total
        for layout in (layout_of(paper, one), layout_of(paper, other))
    }
    assert len(totals) == 1


@given(papers(), SEEDS)
def test_all_keys_give_all_points_and_nothing_gives_none(paper: PaperContent, seed: int) -> None:
    layout = layout_of(paper, seed)
    keys = {item.position: item.key for item in paper.items}
    assert grade(paper, layout, seen(paper, layout, keys), STRICT).total == sum(item.points for item in paper.items)
    assert grade(paper, layout, {}, STRICT).total == 0


@pytest.mark.parametrize(
    ("answer", "strict", "half"),
    [("ACD", "2", "2"), ("AC", "0", "1"), ("A", "0", "1"), ("AB", "0", "0"), ("ABCD", "0", "0"), ("", "0", "0")],
)
def test_multiple_choice_rules(answer: str, strict: str, half: str) -> None:
    paper = PaperContent(standard_code="9", standard_edition="1", level=5, items=(multiple_choice(1),))
    layout = make_layout(paper, 1, shuffle_items=False, shuffle_options=False)
    assert grade(paper, layout, {1: answer}, STRICT).total == Decimal(strict)
    assert grade(paper, layout, {1: answer}, HALF).total == Decimal(half)


@pytest.mark.parametrize(("mark", "passed"), [("59.5", True), ("60", True), ("60.5", False)])
def test_passing_is_at_the_mark_or_above(mark: str, passed: bool) -> None:
    items = tuple(
        PaperItem(
            position=position,
            code=f"T-{position}",
            version=1,
            type=ItemType.true_false,
            area="甲",
            points=Decimal(20),
            stem="题干",
            options=(),
            key="T",
        )
        for position in range(1, 6)
    )
    paper = PaperContent(standard_code="9", standard_edition="1", level=5, items=items)
    layout = make_layout(paper, 1, shuffle_items=False, shuffle_options=False)
    rules = GradingRules(MultipleChoiceRule.all_or_nothing, Decimal(mark))
    assert grade(paper, layout, {1: "T", 2: "T", 3: "T"}, rules).passed is passed
