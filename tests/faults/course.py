"""The course of the faults through one exam, and what each of them cost."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.faults.exam import Exam
from tests.faults.faults import Fault, Impossible
from tests.faults.verdict import lost_saves


@dataclass(frozen=True)
class Strike:
    """`began` and `repaired` are monotonic; `impossible` says why nothing was done."""

    fault: Fault
    began: float
    repaired: float
    impossible: str | None = None


@dataclass(frozen=True)
class Figure:
    """Of one fault, however often it struck; `acknowledged` and `lost` are of the time up to the next fault, `away`
    are the longest seconds in which nobody's save was acknowledged."""

    fault: Fault
    times: int
    acknowledged: int
    lost: int
    away: float


async def strike(exam: Exam, *together: Fault) -> list[Strike]:
    """Several faults at once; returns when all is repaired and saves are acknowledged again."""
    return await asyncio.gather(*(_strike(exam, fault) for fault in together))


async def figures(exam: Exam, strikes: Sequence[Strike]) -> list[Figure]:
    """In the order in which the faults first struck; of those that did."""
    acknowledged = exam.acknowledged
    lost = sorted(writer.acknowledged[given] for writer, given in await lost_saves(exam))
    found: dict[str, Figure] = {}
    for strike in strikes:
        if strike.impossible:
            continue
        until = min((later.began for later in strikes if later.began > strike.repaired), default=float("inf"))
        before = found.get(strike.fault.name, Figure(strike.fault, 0, 0, 0, 0.0))
        found[strike.fault.name] = Figure(
            strike.fault,
            before.times + 1,
            before.acknowledged + _within(acknowledged, strike.began, until),
            before.lost + _within(lost, strike.began, until),
            max(before.away, longest_gap(acknowledged, strike.began, strike.repaired)),
        )
    return list(found.values())


def longest_gap(moments: Sequence[float], since: float, until: float) -> float:
    """Between neighbours of the ordered moments, from the last before `since` to the first after `until`; the bounds
    stand in for what is missing."""
    first, last = bisect_left(moments, since), bisect_right(moments, until)
    before = moments[first - 1] if first else since
    after = moments[last] if last < len(moments) else until
    return max(later - earlier for earlier, later in pairwise([before, *moments[first:last], after]))


def _within(moments: Sequence[float], since: float, until: float) -> int:
    return bisect_left(moments, until) - bisect_left(moments, since)


async def _strike(exam: Exam, fault: Fault) -> Strike:
    """Returns when saves are acknowledged again, if anybody still writes. Raises TimeoutError when none are."""
    began = time.monotonic()
    try:
        await fault.strike(exam)
    except Impossible as error:
        return Strike(fault, began, time.monotonic(), str(error))
    repaired = time.monotonic()
    if not exam.bell.is_set():
        await exam.until_saving()
    return Strike(fault, began, repaired)
