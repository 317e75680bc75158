"""How the items of a paper did."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.grading import GradingRules, MultipleChoiceRule, grade
from app.domain.item_statistics import ItemGrades, ItemStatistics, of_paper
from app.domain.layout import make_layout
from app.domain.papers import PaperContent
from tests.domain.answers import as_seen
from tests.domain.strategies import answers_of, multiple_choice, papers

RULES = GradingRules(MultipleChoiceRule.half_for_subset, Decimal(60))
PAPER = PaperContent(standard_code="9", standard_edition="1", level=5, items=(multiple_choice(1), multiple_choice(2)))


def test_points_are_summed_over_candidates() -> None:
    one = ItemGrades(["ACD", ""], ["2", "0"])
    other = ItemGrades(["B", "AC"], ["0", "1"])
    assert of_paper(PAPER, [one, other]) == [
        ItemStatistics(candidates=2, unanswered=0, full=1, points=Decimal(2), maximum=Decimal(4)),
        ItemStatistics(candidates=2, unanswered=1, full=0, points=Decimal(1), maximum=Decimal(4)),
    ]
    assert [item.facility for item in of_paper(PAPER, [one, other])] == [0.5, 0.25]


@given(papers(), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.data())
def test_it_does_not_matter_where_each_candidate_saw_the_item(
    paper: PaperContent, one: int, other: int, data: st.DataObject
) -> None:
    authored = {item.position: data.draw(answers_of(item)) for item in paper.items}

    def statistics(seed: int) -> list[ItemStatistics]:
        layout = make_layout(paper, seed, shuffle_items=True, shuffle_options=True)
        seen = {
            number: as_seen(authored[placement.position], placement.option_order)
            for number, placement in enumerate(layout.placements, start=1)
        }
        graded = grade(paper, layout, seen, RULES)
        return of_paper(paper, [ItemGrades(graded.answers, [str(points) for points in graded.points])])

    assert statistics(one) == statistics(other)


def test_an_item_that_nobody_had_has_no_facility() -> None:
    (nobody, _) = of_paper(PAPER, [])
    assert nobody == ItemStatistics()
    assert nobody.facility == 0
