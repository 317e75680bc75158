"""A candidate's own order of items and options, made from a seed when the sitting is frozen."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from app.domain.answers import answer_form
from app.domain.papers import PaperContent


class Placement(NamedTuple):
    """The item at one number: its position in the paper (from 1) and the authored index of each option seen."""

    position: int
    option_order: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """`placements[n - 1]` is the item the candidate sees as number n."""

    placements: tuple[Placement, ...]

    def to_json(self) -> list[list[Any]]:
        return [[placement.position, list(placement.option_order)] for placement in self.placements]

    @classmethod
    def from_json(cls, data: Sequence[Sequence[Any]]) -> "Layout":
        return cls(tuple(Placement(position, tuple(order)) for position, order in data))


def make_layout(paper: PaperContent, seed: int, *, shuffle_items: bool, shuffle_options: bool) -> Layout:
    """Items are shuffled within their type, so that the paper's sections stay in order; true/false has no options."""
    source = random.Random(seed)  # noqa: S311 -- reproducible by intention
    placements: list[Placement] = []
    for _, section in groupby(paper.items, key=lambda item: item.type):
        items = list(section)
        if shuffle_items:
            source.shuffle(items)
        for item in items:
            order = list(range(len(item.options)))
            if shuffle_options:
                source.shuffle(order)
            placements.append(Placement(item.position, tuple(order)))
    return Layout(tuple(placements))


def answer_forms(paper: PaperContent, layout: Layout) -> str:
    """One form character per number, see `answer_form`."""
    items = paper.by_position
    return "".join(
        answer_form(items[placement.position].type, len(items[placement.position].options))
        for placement in layout.placements
    )
