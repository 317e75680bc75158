"""Answers that items take, whatever is asked."""

from collections.abc import Sequence

KINDS = {"t": ("T", "F")} | dict.fromkeys("2345678", ("A", "B")) | dict.fromkeys("BCDEFGH", ("AB", "B"))
"""Two answers for each form of `app.domain.answers.answer_form`."""


def pairs_for(papers: Sequence[str]) -> list[tuple[str, str]]:
    """Two answers for each number, which the item there takes in every one of the papers (their answer forms).

    Raises ValueError when papers have items of different kinds at one number, or none there.
    """
    pairs = [{KINDS[form] for form in forms} for forms in zip(*papers, strict=True)]
    if any(len(kinds) != 1 for kinds in pairs):
        raise ValueError("the papers differ in the kinds of their items")
    return [kinds.pop() for kinds in pairs]
