"""The people of a rehearsal: nobody in particular, drawn from a seed."""

import math
import random
from dataclasses import dataclass
from enum import StrEnum

from app.domain.made_up import made_up_identities


class Turn(StrEnum):
    """What becomes of a candidate during the exam; `steady`: nothing."""

    steady = "steady"
    absent = "absent"
    silent = "silent"
    offline = "offline"
    swap = "swap"
    granted = "granted"
    interrupted = "interrupted"
    early = "early"
    hand = "hand"
    reported = "reported"
    terminated = "terminated"


SHARES = {
    Turn.silent: 0.12,
    Turn.absent: 0.05,
    Turn.offline: 0.10,
    Turn.swap: 0.05,
    Turn.granted: 0.03,
    Turn.interrupted: 0.04,
    Turn.early: 0.06,
    Turn.hand: 0.05,
    Turn.reported: 0.03,
    Turn.terminated: 0.02,
}
"""Of all candidates; each turn comes at least once where there are people enough."""


@dataclass(frozen=True)
class Person:
    """`ability` is the chance (0 to 1) to know the answer to a single-choice item."""

    name: str
    id_number: str
    turn: Turn
    ability: float


def make_people(count: int, source: random.Random) -> list[Person]:
    """The same number always has the same name and identity number, whatever the seed; turns and abilities differ."""
    turns = [turn for turn, share in SHARES.items() for _ in range(math.ceil(share * count))][:count]
    turns += [Turn.steady] * (count - len(turns))
    source.shuffle(turns)
    return [
        Person(name, id_number, turn, min(0.98, max(0.2, source.gauss(0.72, 0.15))))
        for turn, (name, id_number) in zip(turns, made_up_identities(), strict=False)
    ]
