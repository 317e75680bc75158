"""What the save statement and the mapping of answers are held against."""

from collections.abc import Sequence

from app.domain.answers import LETTERS


def fits(form: str, answer: str) -> bool:
    """Whether `answer` is one that an item of this form takes; "" (unanswered) always is."""
    if answer == "":
        return True
    if form == "t":
        return answer in ("T", "F")
    if form.isdigit():
        return len(answer) == 1 and answer in LETTERS[: int(form)]
    return list(answer) == sorted(set(answer)) and set(answer) <= set(LETTERS[: LETTERS.index(form) + 1])


def as_seen(answer: str, option_order: Sequence[int]) -> str:
    """The inverse of `as_authored`."""
    if not option_order:
        return answer
    return "".join(sorted(LETTERS[option_order.index(LETTERS.index(letter))] for letter in answer))
