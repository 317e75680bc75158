"""How the items of a paper did in a sitting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.domain.papers import PaperContent


class ItemGrades(NamedTuple):
    """Of one candidate, as a grading run keeps them: an answer and points for each item, in the paper's order."""

    answers: Sequence[str]
    points: Sequence[str]


@dataclass(frozen=True)
class ItemStatistics:
    """Over all who were graded; `points` and `maximum` are sums, `unanswered` and `full` count candidates."""

    candidates: int = 0
    unanswered: int = 0
    full: int = 0
    points: Decimal = Decimal(0)
    maximum: Decimal = Decimal(0)

    @property
    def facility(self) -> float:
        """Mean proportion of the points (得分率), 0 to 1; 0 while nobody was graded."""
        return float(self.points / self.maximum) if self.maximum else 0.0

    def with_one(self, answer: str, points: Decimal, maximum: Decimal) -> "ItemStatistics":
        return ItemStatistics(
            self.candidates + 1,
            self.unanswered + (answer == ""),
            self.full + (points == maximum),
            self.points + points,
            self.maximum + maximum,
        )


def of_paper(paper: PaperContent, graded: Iterable[ItemGrades]) -> list[ItemStatistics]:
    """Of each item, in the paper's order; `graded` are those of each candidate."""
    found = [ItemStatistics()] * len(paper.items)
    for answers, points in graded:
        found = [
            so_far.with_one(answer, Decimal(gained), item.points)
            for so_far, item, answer, gained in zip(found, paper.items, answers, points, strict=True)
        ]
    return found
