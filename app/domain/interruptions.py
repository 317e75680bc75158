"""Interruptions that are corrected afterwards: which of their time is given back, which taken."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.core.problems import Problem
from app.domain.attempts import ZERO, AttemptFacts, refused, require_before_deadline, settle, with_deadline
from app.domain.states import UNFINISHED, RoomState
from app.domain.timing import TimingRules, deadline


@dataclass(frozen=True)
class Span:
    """From `start` to `end`; None while it goes on."""

    start: datetime
    end: datetime | None

    def length(self, now: datetime) -> timedelta:
        return max(ZERO, (self.end or now) - self.start)

    def overlap(self, other: "Span", now: datetime) -> timedelta:
        return max(ZERO, min(self.end or now, other.end or now) - max(self.start, other.start))


@dataclass(frozen=True)
class Pause(Span):
    """One interruption of an attempt. `with_room`: because the room was suspended, which always stops the clock."""

    stops_clock: bool
    with_room: bool = False


def length_outside(span: Span, suspensions: Iterable[Span], now: datetime) -> timedelta:
    """How long a span lasted outside the room's suspensions, which do not overlap each other."""
    return span.length(now) - sum((span.overlap(suspension, now) for suspension in suspensions), ZERO)


def correct(
    facts: AttemptFacts,
    rules: TimingRules,
    room: RoomState,
    pause: Pause,
    suspensions: Iterable[Span],
    now: datetime,
    *,
    stops_clock: bool,
) -> AttemptFacts:
    """As if the interruption had stopped the clock, or not, from its beginning.

    While the room is suspended the clock stands whatever an interruption says, so that time is never moved. Raises
    Problem `invalid_transition` when the attempt is over, `deadline_passed`, `interruption_with_room` for the part of
    a suspension, `deadline_would_pass` when the corrected deadline would not lie in the future (409 each).
    """
    if facts.state not in UNFINISHED or facts.started_at is None:
        raise refused(facts, "correct_interruption")
    if pause.with_room:
        raise Problem("interruption_with_room")
    require_before_deadline(facts, rules, now)
    if stops_clock == pause.stops_clock:
        return facts
    moved = length_outside(pause, suspensions, now)
    settled = settle(facts, now)
    stopped = settled.stopped + (moved if stops_clock else -moved)
    if deadline(rules, facts.started_at, facts.granted, stopped, facts.waited) <= now:
        raise Problem("deadline_would_pass")
    corrected = replace(settled, stopped=stopped)
    if pause.end is None and room is not RoomState.suspended:
        corrected = replace(corrected, clock_stopped=stops_clock, interrupted_at=now)
    return with_deadline(corrected, rules)
