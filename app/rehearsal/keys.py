"""The keys of a rehearsal's papers, as one candidate sees the items. Only a rehearsal's client may know them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.items import ItemType
from app.schemas.exam import CandidatePaperRead, OptionRead
from app.schemas.papers import PaperItemRead

Wording = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Question:
    """An item as a candidate sees it; `letters` are those to choose from, `right` is the answer worth `points`."""

    number: int
    type: ItemType
    points: Decimal
    letters: str
    right: str


class KeySheet:
    """Finds an item by its wording, since numbers and letters are the candidate's own."""

    def __init__(self, items: Iterable[PaperItemRead]) -> None:
        self._keys: dict[Wording, frozenset[str]] = {}
        for item in items:
            key = item.key or ""
            chosen = (option.text for option in item.options if option.letter in key)
            self._keys[_wording(item.stem, item.options)] = frozenset(chosen if item.options else key)

    def questions(self, paper: CandidatePaperRead) -> list[Question]:
        """In the candidate's order. Raises KeyError for an item that is not on the papers."""
        questions = []
        for item in paper.items:
            chosen = self._keys[_wording(item.stem, item.options)]
            choices = item.options or [OptionRead(letter=letter, text=letter) for letter in "TF"]
            questions.append(
                Question(
                    number=item.number,
                    type=item.type,
                    points=item.points,
                    letters="".join(choice.letter for choice in choices),
                    right="".join(choice.letter for choice in choices if choice.text in chosen),
                )
            )
        return questions


def points_of(questions: Iterable[Question], answers: dict[int, str]) -> Decimal:
    """The score by the rule `all_or_nothing`."""
    return sum((one.points for one in questions if answers.get(one.number) == one.right), Decimal(0))


def _wording(stem: str, options: Iterable[OptionRead]) -> Wording:
    return stem, frozenset(option.text for option in options)
