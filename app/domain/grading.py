"""Grading: frozen paper + layout + responses + rules -> points per item, per area and in all."""

from collections.abc import Mapping, Sequence
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


ZERO = Decimal(0)


class MultipleChoiceRule(StrEnum):
    """`half_for_subset`: half the points for a non-empty true subset of the key (no wrong letter)."""

    all_or_nothing = "all_or_nothing"
    half_for_subset = "half_for_subset"


@dataclass(frozen=True)
class GradingRules:
    """`pass_mark`: points needed to pass (clause 1.9.2: 60 or more)."""

    multiple_choice: MultipleChoiceRule
    pass_mark: Decimal


class AreaGrade(NamedTuple):
    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class Grade:
    """`answers` (in authored letters, "" where there is none) and `points` are those of the paper's items, in the
    paper's order."""

    answers: tuple[str, ...]
    points: tuple[Decimal, ...]
    areas: Mapping[str, AreaGrade]
    total: Decimal
    maximum: Decimal
    passed: bool


def grade(paper: PaperContent, layout: Layout, responses: Mapping[int, str], rules: GradingRules) -> Grade:
    """`responses` maps numbers to answers in the letters that the candidate saw; a missing one is unanswered."""
    authored = {
        position: as_authored(responses.get(number, ""), option_order)
        for number, (position, option_order) in enumerate(layout.placements, start=1)
    }
    answers = tuple(authored[item.position] for item in paper.items)
    points = [
        maximum if answer == key else ZERO
        for answer, key, maximum in zip(answers, paper.keys, paper.points, strict=True)
    ]
    if rules.multiple_choice is MultipleChoiceRule.half_for_subset:
        points = [
            so_far or _half(item, answer) for so_far, item, answer in zip(points, paper.items, answers, strict=True)
        ]
    areas = _by_area(paper, points)
    total = sum((area.points for area in areas.values()), ZERO)
    return Grade(
        answers=answers,
        points=tuple(points),
        areas=areas,
        total=total,
        maximum=sum((area.maximum for area in areas.values()), ZERO),
        passed=total >= rules.pass_mark,
    )


def _half(item: PaperItem, answer: str) -> Decimal:
    """The points of an answer that is not the key, when a part of a multiple choice's key counts half."""
    is_part = item.type is ItemType.multiple and answer != "" and set(answer) < set(item.key)
    return item.points / 2 if is_part else ZERO


def _by_area(paper: PaperContent, points: Sequence[Decimal]) -> dict[str, AreaGrade]:
    gained = dict.fromkeys(paper.points_by_area, ZERO)
    for item, some in zip(paper.items, points, strict=True):
        gained[item.area] += some
    return {area: AreaGrade(gained[area], maximum) for area, maximum in paper.points_by_area.items()}
