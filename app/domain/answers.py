"""Answers: their forms, their mapping between what was seen and what was authored, and their digest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from app.domain.items import ItemType

LETTERS = "ABCDEFGH"


class Outcome(StrEnum):
    """What became of one answer sent. `stale`: a newer answer to the item is stored already."""

    saved = "saved"
    stale = "stale"
    rejected = "rejected"


def answer_form(type_: ItemType, options: int) -> str:
    """One character that tells which answers an item takes; the save statement checks answers by it.

    `t` true/false; `1`-`8` single choice with so many options; `A`-`H` multiple choice up to that letter.
    """
    match type_:
        case ItemType.true_false:
            return "t"
        case ItemType.single:
            return str(options)
        case ItemType.multiple:
            return LETTERS[options - 1]


def as_authored(answer: str, option_order: Sequence[int]) -> str:
    """The letters of the authored options for the letters seen.

    `option_order[i]` is the authored index of the option seen at place i; empty for true/false.
    """
    if not option_order or not answer:
        return answer
    if len(answer) == 1:
        return LETTERS[option_order[LETTERS.index(answer)]]
    return "".join(sorted(LETTERS[option_order[LETTERS.index(letter)]] for letter in answer))


def responses_digest(answers: Mapping[int, str]) -> str:
    """SHA-256 (hexadecimal) over the lines `number:answer\\n` of the answered items in the order of their numbers.

    Answers are in the letters that the candidate saw. Candidate, server and auditor compute the same.
    """
    lines = (f"{number}:{answers[number]}\n" for number in sorted(answers) if answers[number])
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class StoredAnswers:
    """What an attempt has: the newest answers by item number, as the candidate saw them, and their sequences."""

    answers: Mapping[int, str] = field(default_factory=dict)
    sequences: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def last_sequence(self) -> int:
        """0 without any."""
        return max(self.sequences.values(), default=0)

    @cached_property
    def digest(self) -> str:
        return responses_digest(self.answers)
