"""Grading: frozen paper + layout + responses + rules -> points per item, per area and in all."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from app.domain.answers import as_authored
from app.domain.items import ItemType
from app.domain.layout import Layout
from app.domain.papers import PaperContent, PaperItem

RULE_VERSION = 1
"""Rises with every change of what `grade` computes; a grading run names it."""


class MultipleChoiceRule(StrEnum):
    """`half_for_subset`: half the points for a non-empty true subset of the key (no wrong letter)."""

    all_or_nothing = "all_or_nothing"
    half_for_subset = "half_for_subset"


@dataclass(frozen=True)
class GradingRules:
    """`pass_mark`: points needed to pass (clause 1.9.2: 60 or more)."""

    multiple_choice: MultipleChoiceRule
    pass_mark: Decimal


class ItemGrade(NamedTuple):
    number: int
    position: int
    area: str
    answer: str
    points: Decimal
    maximum: Decimal


class AreaGrade(NamedTuple):
    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class Grade:
    """`items` in the order the candidate saw them, `answer` in authored letters."""

    items: tuple[ItemGrade, ...]
    areas: Mapping[str, AreaGrade]
    total: Decimal
    maximum: Decimal
    passed: bool


def grade(paper: PaperContent, layout: Layout, responses: Mapping[int, str], rules: GradingRules) -> Grade:
    """`responses` maps numbers to answers in the letters that the candidate saw; a missing one is unanswered."""
    items = paper.by_position()
    graded: list[ItemGrade] = []
    for number, placement in enumerate(layout.placements, start=1):
        item = items[placement.position]
        answer = as_authored(responses.get(number, ""), placement.option_order)
        points = _points(item, answer, rules.multiple_choice)
        graded.append(ItemGrade(number, item.position, item.area, answer, points, item.points))
    total = sum((item.points for item in graded), Decimal(0))
    return Grade(
        items=tuple(graded),
        areas=_by_area(paper, graded),
        total=total,
        maximum=sum((item.maximum for item in graded), Decimal(0)),
        passed=total >= rules.pass_mark,
    )


def _points(item: PaperItem, answer: str, rule: MultipleChoiceRule) -> Decimal:
    if answer == item.key:
        return item.points
    partial = item.type is ItemType.multiple and rule is MultipleChoiceRule.half_for_subset
    if partial and answer and set(answer) < set(item.key):
        return item.points / 2
    return Decimal(0)


def _by_area(paper: PaperContent, graded: list[ItemGrade]) -> dict[str, AreaGrade]:
    zero = AreaGrade(Decimal(0), Decimal(0))
    areas = dict.fromkeys((item.area for item in paper.items), zero)
    for item in graded:
        so_far = areas[item.area]
        areas[item.area] = AreaGrade(so_far.points + item.points, so_far.maximum + item.maximum)
    return areas
