"""What a candidate will answer when: drawn from a seed, by ability."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from app.domain.items import ItemType
from app.rehearsal.keys import Question

EASE = {ItemType.single: 0.0, ItemType.multiple: -0.2, ItemType.true_false: 0.1}
"""What a type adds to the chance to know the answer."""

SECOND_THOUGHTS = 0.1
LEFT_OPEN = 0.01


@dataclass(frozen=True)
class Step:
    """At `at` (server time) this answer is given."""

    at: datetime
    number: int
    answer: str


def write_script(
    questions: Sequence[Question], ability: float, begins: datetime, ends: datetime, source: random.Random
) -> list[Step]:
    """Every item once, at random intervals that fill the time; some are thought over and answered again later."""
    paces = list(accumulate(source.expovariate(1) for _ in questions))
    steps = []
    for question, pace in zip(questions, paces, strict=True):
        at = begins + (ends - begins) * (pace / paces[-1])
        final = _answer(question, ability, source)
        if source.random() < SECOND_THOUGHTS:
            steps.append(Step(at, question.number, _guess(question, source)))
            at += (ends - at) * source.random()
        steps.append(Step(at, question.number, final))
    return sorted(steps, key=lambda step: step.at)


def _answer(question: Question, ability: float, source: random.Random) -> str:
    if source.random() < LEFT_OPEN:
        return ""
    known = source.random() < ability + EASE[question.type]
    return question.right if known else _guess(question, source)


def _guess(question: Question, source: random.Random) -> str:
    if question.type is ItemType.multiple:
        count = source.randint(2, len(question.letters))
        return "".join(sorted(source.sample(question.letters, count)))
    return source.choice(question.letters)
