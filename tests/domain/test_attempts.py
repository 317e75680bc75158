"""One attempt under any commands: the tables hold, and the deadline is what a simple model says."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.core.problems import Problem
from app.domain import attempts
from app.domain.attempts import AttemptFacts
from app.domain.states import ATTEMPT_MOVES, AttemptCommand, AttemptState, RoomState, move
from app.domain.timing import TimingMode, TimingRules, seconds_left

START = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
PROCTOR, CHIEF = UUID(int=1), UUID(int=2)


def rules_of(mode: TimingMode = TimingMode.common_end) -> TimingRules:
    return TimingRules(
        starts_at=START,
        duration=timedelta(minutes=90),
        mode=mode,
        late_entry=timedelta(minutes=30),
        earliest_submission=timedelta(minutes=30),
        grace=timedelta(seconds=10),
    )


RULES = rules_of()


@pytest.mark.parametrize(("command", "state"), list(product(AttemptCommand, AttemptState)))
def test_a_move_that_the_table_does_not_list_is_refused(command: AttemptCommand, state: AttemptState) -> None:
    allowed = ATTEMPT_MOVES[command]
    if state in allowed.sources:
        assert move(ATTEMPT_MOVES, command, state) is allowed.target
    else:
        with pytest.raises(Problem) as refusal:
            move(ATTEMPT_MOVES, command, state)
        assert refusal.value.code == "invalid_transition"
        assert refusal.value.status == 409


def ready(device: str = "pc-1") -> AttemptFacts:
    checked_in = attempts.check_in(
        AttemptFacts(AttemptState.registered), RoomState.check_in, START, PROCTOR, attempts.IdentityCheck.passport
    )
    return attempts.log_in(checked_in, device)


def started(at: datetime = START, rules: TimingRules = RULES) -> AttemptFacts:
    return attempts.start(ready(), rules, RoomState.running, at)


@pytest.mark.parametrize(
    ("mode", "late", "minutes"),
    [
        (TimingMode.common_end, 0, 90),
        (TimingMode.common_end, 29, 90),
        (TimingMode.individual, 0, 90),
        (TimingMode.individual, 29, 119),
    ],
)
def test_who_comes_late_loses_time_only_with_a_common_end(mode: TimingMode, late: int, minutes: int) -> None:
    facts = started(START + timedelta(minutes=late), rules_of(mode))
    assert facts.deadline_at == START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "code"), [(-1, "not_started_yet"), (0, None), (29, None), (30, "late_entry_closed")]
)
def test_starting_is_open_from_the_start_to_late_entry(minutes: int, code: str | None) -> None:
    at = START + timedelta(minutes=minutes)
    if code is None:
        assert started(at).started_at == at
    else:
        with pytest.raises(Problem, match=code):
            started(at)


def test_a_second_device_never_steals_the_lease() -> None:
    with pytest.raises(Problem, match="lease_held"):
        attempts.log_in(ready("pc-1"), "pc-2")
    assert attempts.log_in(ready("pc-1"), "pc-1") == ready("pc-1")


def test_a_released_lease_is_taken_with_a_higher_epoch() -> None:
    first = started()
    freed = attempts.release(first)
    second = attempts.log_in(freed, "pc-2")
    assert first.lease_epoch < freed.lease_epoch < second.lease_epoch
    assert second.state is AttemptState.in_progress
    with pytest.raises(Problem, match="lease_moved"):
        attempts.require_lease(second, first.lease_epoch)


@pytest.mark.parametrize(("seconds", "by_candidate"), [(0, True), (10, True), (11, False)])
def test_grace_admits_a_hand_in_that_is_recorded_at_the_deadline(seconds: int, by_candidate: bool) -> None:
    facts = started()
    assert facts.deadline_at is not None
    now = facts.deadline_at + timedelta(seconds=seconds)
    if by_candidate:
        assert attempts.submit(facts, RULES, now).submitted_at == facts.deadline_at
        with pytest.raises(Problem, match="deadline_not_passed"):
            attempts.expire(facts, RULES, now)
    else:
        with pytest.raises(Problem, match="deadline_passed"):
            attempts.submit(facts, RULES, now)
        assert attempts.expire(facts, RULES, now).submitted_at == facts.deadline_at


def test_handing_in_opens_after_the_earliest_time() -> None:
    with pytest.raises(Problem, match="too_early"):
        attempts.submit(started(), RULES, START + timedelta(minutes=29))


def test_two_different_people_terminate() -> None:
    facts = started()
    with pytest.raises(Problem, match="termination_not_proposed"):
        attempts.confirm_termination(facts, 0, CHIEF, START)
    proposed = attempts.propose_termination(facts, PROCTOR)
    with pytest.raises(Problem, match="second_person_needed"):
        attempts.confirm_termination(proposed, 1, PROCTOR, START)
    assert attempts.confirm_termination(proposed, 1, CHIEF, START).state is AttemptState.terminated


def test_only_the_proposal_that_was_seen_is_confirmed() -> None:
    """Two who propose do not terminate, and one proposal is not confirmed as another."""
    proposed = attempts.propose_termination(started(), PROCTOR)
    with pytest.raises(Problem, match="termination_already_proposed") as refusal:
        attempts.propose_termination(proposed, CHIEF)
    assert refusal.value.extra == {"proposal": 1}
    another = attempts.propose_termination(attempts.withdraw_termination(proposed), PROCTOR)
    with pytest.raises(Problem, match="termination_not_proposed"):
        attempts.confirm_termination(another, 1, CHIEF, START)
    assert attempts.confirm_termination(another, 2, CHIEF, START).state is AttemptState.terminated


def test_reopening_leaves_what_was_left_and_the_grant() -> None:
    handed_in = attempts.submit(started(), RULES, START + timedelta(minutes=60))
    now = START + timedelta(minutes=75)
    again = attempts.reopen(handed_in, RULES, RoomState.running, now, timedelta(minutes=5))
    assert again.deadline_at == now + timedelta(minutes=30 + 5)
    assert again.lease_device is None


@pytest.mark.parametrize(("mode", "minutes"), [(TimingMode.common_end, 130), (TimingMode.individual, 40 + 90)])
def test_who_waited_for_a_suspended_room_loses_nothing(mode: TimingMode, minutes: int) -> None:
    """Suspended from before the start to 40 minutes after it: late entry is still open, and all 90 minutes are left."""
    now = START + timedelta(minutes=40)
    waited = attempts.wait_for_room(ready(), rules_of(mode), START - timedelta(minutes=5), now)
    facts = attempts.start(waited, rules_of(mode), RoomState.running, now)
    assert facts.deadline_at == START + timedelta(minutes=minutes)


@pytest.mark.parametrize(("milliseconds", "seconds"), [(0, 0), (1, 1), (1000, 1), (1001, 2), (-1, 0)])
def test_seconds_left_never_takes_a_second(milliseconds: int, seconds: int) -> None:
    assert seconds_left(START + timedelta(milliseconds=milliseconds), START) == seconds


class Clockwork(RuleBasedStateMachine):
    """Late start, interruptions and grants in any order, against a count of the seconds in which the clock ran.

    `left` is what a person with a stopwatch would say is left.
    """

    mode: TimingMode

    @initialize(mode=st.sampled_from(TimingMode), late=st.integers(0, 29 * 60))
    def begin(self, mode: TimingMode, late: int) -> None:
        self.timing = rules_of(mode)
        self.now = START + timedelta(seconds=late)
        self.began = self.now
        self.facts = started(self.now, self.timing)
        self.left = self.timing.duration - (timedelta(0) if mode is TimingMode.individual else timedelta(seconds=late))

    def running(self) -> bool:
        return not self.facts.clock_stopped

    def over(self) -> bool:
        return self.running() and self.left < -self.timing.grace

    @rule(seconds=st.integers(0, 1200))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if self.running():
            self.left -= timedelta(seconds=seconds)

    @precondition(lambda self: not self.over())
    @rule(seconds=st.integers(1, 1800))
    def grant(self, seconds: int) -> None:
        self.facts = attempts.grant(self.facts, self.timing, timedelta(seconds=seconds), self.now)
        self.left += timedelta(seconds=seconds)

    @precondition(lambda self: not self.over() and self.facts.state is AttemptState.in_progress)
    @rule(stops=st.booleans())
    def interrupt(self, stops: bool) -> None:
        self.facts = attempts.interrupt(self.facts, self.timing, self.now, stops_clock=stops)

    @precondition(lambda self: not self.over() and self.facts.state is AttemptState.interrupted)
    @rule(swap=st.booleans())
    def resume(self, swap: bool) -> None:
        self.facts = attempts.resume(self.facts, self.timing, RoomState.running, self.now, release_device=swap)

    @precondition(lambda self: self.facts.state is AttemptState.interrupted and not self.facts.clock_stopped)
    @rule(seconds=st.integers(0, 1200))
    def room_is_suspended_and_resumed(self, seconds: int) -> None:
        if self.over():
            return
        self.facts = attempts.stop_clock(self.facts, self.timing, self.now)
        self.now += timedelta(seconds=seconds)
        self.facts = attempts.restart_clock(self.facts, self.timing, self.now)

    @invariant()
    def deadline_is_what_the_stopwatch_says(self) -> None:
        if not hasattr(self, "facts"):
            return
        if self.facts.clock_stopped:
            assert self.facts.deadline_at is None
        else:
            assert self.facts.deadline_at == self.now + self.left
            assert attempts.is_due(self.facts, self.timing, self.now) == self.over()

    @invariant()
    def start_is_never_rewritten(self) -> None:
        if hasattr(self, "facts"):
            assert self.facts.started_at == self.began


TestClockwork = Clockwork.TestCase
TestClockwork.settings = settings(max_examples=300, stateful_step_count=20, deadline=None)


def test_what_was_stopped_when_a_paper_was_collected_is_given_back_by_reopening() -> None:
    """Interrupted with 30 minutes left, collected 40 minutes later, reopened a minute after: 30 minutes are left."""
    stopped = attempts.interrupt(started(), RULES, START + timedelta(minutes=60), stops_clock=True)
    collected = attempts.collect(stopped, START + timedelta(minutes=100))
    now = START + timedelta(minutes=101)
    again = attempts.reopen(collected, RULES, RoomState.running, now, timedelta(minutes=1))
    assert again.deadline_at == now + timedelta(minutes=31)


def test_a_waived_late_entry_ends_when_the_room_closes() -> None:
    absent = attempts.mark_absent(AttemptFacts(AttemptState.registered), RULES, START + timedelta(minutes=30))
    let_in = attempts.reverse_absence(absent, RoomState.running)
    later = START + timedelta(hours=2)
    with pytest.raises(Problem, match="late_entry_still_open"):
        attempts.mark_absent(let_in, RULES, later)
    assert attempts.mark_absent(let_in, RULES, later, room_closes=True).state is AttemptState.absent
