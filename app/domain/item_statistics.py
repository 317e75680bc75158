"""How the items of a paper did in a sitting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal


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


def by_position(graded: Iterable[Iterable[Mapping[str, str | int]]]) -> dict[int, ItemStatistics]:
    """`graded`: per candidate of one paper the items as a grading run keeps them."""
    found: dict[int, ItemStatistics] = {}
    for items in graded:
        for item in items:
            position = int(item["position"])
            before = found.get(position, ItemStatistics())
            points, maximum = Decimal(item["points"]), Decimal(item["maximum"])
            found[position] = before.with_one(str(item["answer"]), points, maximum)
    return found
