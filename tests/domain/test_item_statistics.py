"""How the items of a paper did."""

from decimal import Decimal

from app.domain.item_statistics import ItemStatistics, by_position


def graded(position: int, answer: str, points: str) -> dict[str, str | int]:
    return {"number": 1, "position": position, "answer": answer, "points": points, "maximum": "2"}


def test_points_are_summed_over_candidates_wherever_each_saw_the_item() -> None:
    found = by_position([[graded(1, "A", "2"), graded(2, "", "0")], [graded(2, "AC", "1"), graded(1, "B", "0")]])
    assert found == {
        1: ItemStatistics(candidates=2, unanswered=0, full=1, points=Decimal(2), maximum=Decimal(4)),
        2: ItemStatistics(candidates=2, unanswered=1, full=0, points=Decimal(1), maximum=Decimal(4)),
    }
    assert (found[1].facility, found[2].facility) == (0.5, 0.25)


def test_an_item_that_nobody_had_has_no_facility() -> None:
    assert ItemStatistics().facility == 0
