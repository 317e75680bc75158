"""Corrected interruptions: what was stopped is always the sum of the intervals that stop, counted once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.core.problems import Problem
from app.domain import attempts
from app.domain.attempts import AttemptFacts
from app.domain.interruptions import Pause, Span, correct, length_outside
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode
from tests.domain.test_attempts import START, rules_of, started

MINUTE = timedelta(minutes=1)


@dataclass
class Stretch:
    """From minute to minute of the exam; `end` is None while it goes on."""

    start: int
    end: int | None
    stops: bool = True
    with_room: bool = False

    def minutes(self, now: int) -> set[int]:
        return set(range(self.start, now if self.end is None else self.end))


class Corrected(RuleBasedStateMachine):
    """Interruptions, suspensions of the room and corrections in any order, against the minutes that must not count."""

    @initialize(mode=st.sampled_from(TimingMode), minute=st.integers(0, 29))
    def begin(self, mode: TimingMode, minute: int) -> None:
        self.timing = rules_of(mode)
        self.now = self.began = minute
        self.facts = started(self.instant(minute), self.timing)
        assert self.facts.deadline_at is not None
        self.regular = self.facts.deadline_at
        self.pauses: list[Stretch] = []
        self.suspensions: list[Stretch] = []

    @staticmethod
    def instant(minute: int) -> datetime:
        return START + minute * MINUTE

    def suspended(self) -> bool:
        return bool(self.suspensions) and self.suspensions[-1].end is None

    def interrupted(self) -> bool:
        return self.facts.state is AttemptState.interrupted

    def over(self) -> bool:
        return attempts.is_due(self.facts, self.timing, self.instant(self.now))

    def stopped(self) -> int:
        stopping = [pause for pause in self.pauses if pause.stops] + self.suspensions
        return len(set().union(*(stretch.minutes(self.now) for stretch in stopping)))

    @rule(minutes=st.integers(1, 15))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes

    @precondition(lambda self: not self.over() and not self.interrupted())
    @rule(stops=st.booleans())
    def interrupt(self, stops: bool) -> None:
        self.facts = attempts.interrupt(self.facts, self.timing, self.instant(self.now), stops_clock=stops)
        self.pauses.append(Stretch(self.now, None, stops))

    @precondition(lambda self: not self.over() and self.interrupted() and not self.suspended())
    @rule()
    def resume(self) -> None:
        now = self.instant(self.now)
        self.facts = attempts.resume(self.facts, self.timing, RoomState.running, now, release_device=False)
        self.pauses[-1].end = self.now

    @precondition(lambda self: not self.over() and not self.suspended())
    @rule()
    def suspend_the_room(self) -> None:
        now = self.instant(self.now)
        if not self.interrupted():
            self.facts = attempts.interrupt(self.facts, self.timing, now, stops_clock=True)
            self.pauses.append(Stretch(self.now, None, with_room=True))
        elif not self.facts.clock_stopped:
            self.facts = attempts.stop_clock(self.facts, self.timing, now)
        self.suspensions.append(Stretch(self.now, None))

    @precondition(lambda self: self.suspended())
    @rule()
    def resume_the_room(self) -> None:
        now = self.instant(self.now)
        self.suspensions[-1].end = self.now
        if self.pauses[-1].with_room:
            self.resume()
        elif not self.pauses[-1].stops:
            self.facts = attempts.restart_clock(self.facts, self.timing, now)

    @precondition(lambda self: self.pauses and not self.over())
    @rule(data=st.data(), stops=st.booleans())
    def correct(self, data: st.DataObject, stops: bool) -> None:
        pause = data.draw(st.sampled_from(self.pauses))
        before, was = self.facts, pause.stops
        pause.stops = stops or pause.with_room
        left = self.regular + self.stopped() * MINUTE - self.instant(self.now)
        refused = None
        try:
            self.facts = correct(
                self.facts,
                self.timing,
                RoomState.suspended if self.suspended() else RoomState.running,
                Pause(self.instant(pause.start), self.end_of(pause), was, pause.with_room),
                [Span(self.instant(one.start), self.end_of(one)) for one in self.suspensions],
                self.instant(self.now),
                stops_clock=stops,
            )
        except Problem as problem:
            refused, pause.stops = problem.code, was
        if pause.with_room:
            assert refused == "interruption_with_room"
        else:
            assert refused == ("deadline_would_pass" if left <= timedelta(0) and stops != was else None)
        assert self.facts.deadline_version - before.deadline_version in (0, 1)

    def end_of(self, stretch: Stretch) -> datetime | None:
        return None if stretch.end is None else self.instant(stretch.end)

    @invariant()
    def what_was_stopped_is_the_sum_of_what_stops(self) -> None:
        if not hasattr(self, "facts"):
            return
        counted = attempts.settle(self.facts, self.instant(self.now)).stopped
        assert counted == self.stopped() * MINUTE
        stands = self.suspended() or (self.interrupted() and self.pauses[-1].stops)
        assert self.facts.clock_stopped == stands
        assert self.facts.deadline_at == (None if stands else self.regular + counted)


TestCorrected = Corrected.TestCase
TestCorrected.settings = settings(max_examples=400, stateful_step_count=25, deadline=None)


def interrupted(*, stops_clock: bool) -> AttemptFacts:
    return attempts.interrupt(started(), rules_of(), START + 10 * MINUTE, stops_clock=stops_clock)


def test_what_is_over_is_not_corrected() -> None:
    collected = attempts.collect(interrupted(stops_clock=True), START + 20 * MINUTE)
    pause = Pause(START + 10 * MINUTE, START + 20 * MINUTE, True)
    with pytest.raises(Problem, match="invalid_transition"):
        correct(collected, rules_of(), RoomState.running, pause, [], START + 30 * MINUTE, stops_clock=False)


def test_only_the_reason_may_be_corrected() -> None:
    facts = interrupted(stops_clock=True)
    pause = Pause(START + 10 * MINUTE, None, True)
    assert correct(facts, rules_of(), RoomState.running, pause, [], START + 99 * MINUTE, stops_clock=True) == facts


@pytest.mark.parametrize(
    ("span", "minutes"),
    [((0, 10), 10), ((0, None), 60 - 20), ((15, 45), 5 + 5), ((20, 30), 0), ((25, None), 5 + 15)],
)
def test_the_suspensions_in_a_span_are_no_part_of_it(span: tuple[int, int | None], minutes: int) -> None:
    """At minute 60; suspended from 20 to 30 and from 35 to 45."""
    start, end = span
    suspensions = [Span(START + a * MINUTE, START + b * MINUTE) for a, b in ((20, 30), (35, 45))]
    of = Span(START + start * MINUTE, None if end is None else START + end * MINUTE)
    assert length_outside(of, suspensions, START + 60 * MINUTE) == minutes * MINUTE
