"""What each command does to one attempt: pure functions from the facts to the new facts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.core.problems import Problem
from app.domain.states import ATTEMPT_MOVES, LEASED, AttemptCommand, AttemptState, RoomState, move
from app.domain.timing import TimingRules, deadline

ZERO = timedelta(0)


class SubmittedBy(StrEnum):
    candidate = "candidate"
    deadline = "deadline"
    proctor = "proctor"


class IdentityCheck(StrEnum):
    """How a proctor made sure who the candidate is."""

    identity_card = "identity_card"
    passport = "passport"
    other_document = "other_document"
    known_by_staff = "known_by_staff"


@dataclass(frozen=True)
class AttemptFacts:
    """The changing part of an attempt.

    `deadline_at` is None before the start and while the clock is stopped; `interrupted_at` is None unless
    interrupted. `deadline_version` rises with every new deadline. `waited` is how long, between the sitting's start and
    the attempt's, the room was not started yet or suspended. `termination_proposals` counts those ever made, so it is
    the number of the newest; `termination_proposed_by` is None unless that one is open.
    """

    state: AttemptState
    lease_epoch: int = 0
    lease_device: str | None = None
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    deadline_version: int = 0
    granted: timedelta = ZERO
    stopped: timedelta = ZERO
    waited: timedelta = ZERO
    interrupted_at: datetime | None = None
    clock_stopped: bool = False
    late_entry_waived: bool = False
    checked_in_at: datetime | None = None
    checked_in_by: UUID | None = None
    identity_check: IdentityCheck | None = None
    termination_proposed_by: UUID | None = None
    termination_proposals: int = 0
    submitted_at: datetime | None = None
    submitted_by: SubmittedBy | None = None


def _moved(facts: AttemptFacts, command: AttemptCommand) -> AttemptFacts:
    return replace(facts, state=move(ATTEMPT_MOVES, command, facts.state))


def refused(facts: AttemptFacts, command: str) -> Problem:
    """For a command that is no move."""
    state = facts.state.value
    return Problem("invalid_transition", command=command, state=state, extra={"command": command, "state": state})


def with_deadline(facts: AttemptFacts, rules: TimingRules) -> AttemptFacts:
    """The facts with the deadline that grants and stops now give; none while the clock is stopped."""
    if facts.started_at is None:
        return facts
    new = None if facts.clock_stopped else deadline(rules, facts.started_at, facts.granted, facts.stopped, facts.waited)
    if new == facts.deadline_at:
        return facts
    return replace(facts, deadline_at=new, deadline_version=facts.deadline_version + 1)


def _late_entry_closes_at(facts: AttemptFacts, rules: TimingRules) -> datetime:
    return rules.late_entry_closes_at + facts.waited


def _require_room(room: RoomState, *states: RoomState) -> None:
    if room not in states:
        raise Problem("room_not_open", state=room.value, extra={"room_state": room.value})


def require_before_deadline(facts: AttemptFacts, rules: TimingRules, now: datetime) -> None:
    """Raises Problem `deadline_passed` (409) when only the system may end the attempt."""
    if is_due(facts, rules, now):
        raise Problem("deadline_passed")


def require_lease(facts: AttemptFacts, epoch: int) -> None:
    """Raises Problem `lease_moved` (409) when the caller's lease is not the attempt's."""
    if epoch != facts.lease_epoch:
        raise Problem("lease_moved")


def check_in(
    facts: AttemptFacts, room: RoomState, now: datetime, proctor: UUID, identity: IdentityCheck
) -> AttemptFacts:
    """The proctor confirms who the candidate is, and by what."""
    after = _moved(facts, AttemptCommand.check_in)
    _require_room(room, RoomState.check_in, RoomState.running)
    return replace(after, checked_in_at=now, checked_in_by=proctor, identity_check=identity)


def mark_absent(facts: AttemptFacts, rules: TimingRules, now: datetime, *, room_closes: bool = False) -> AttemptFacts:
    """At late-entry cut-off; a chief's waiver lasts until the room closes."""
    after = _moved(facts, AttemptCommand.mark_absent)
    if (facts.late_entry_waived and not room_closes) or now < _late_entry_closes_at(facts, rules):
        raise Problem("late_entry_still_open")
    return replace(after, lease_device=None, lease_epoch=facts.lease_epoch + 1)


def reverse_absence(facts: AttemptFacts, room: RoomState) -> AttemptFacts:
    """The candidate may be checked in and start, however late."""
    after = _moved(facts, AttemptCommand.reverse_absence)
    _require_room(room, RoomState.running)
    return replace(after, late_entry_waived=True)


def log_in(facts: AttemptFacts, device: str) -> AttemptFacts:
    """Takes the lease for `device`: on first login, on a free lease, or again on the same device.

    Raises Problem `not_checked_in` before identity was checked, `lease_held` (409) when another device has
    the lease: a second login never steals it.
    """
    if facts.state is AttemptState.registered:
        raise Problem("not_checked_in")
    if facts.state is AttemptState.checked_in:
        after = _moved(facts, AttemptCommand.log_in)
        return replace(after, lease_device=device, lease_epoch=facts.lease_epoch + 1)
    if facts.state not in LEASED or facts.lease_device == device:
        return facts
    if facts.lease_device is not None:
        raise Problem("lease_held")
    return replace(facts, lease_device=device, lease_epoch=facts.lease_epoch + 1)


def release(facts: AttemptFacts) -> AttemptFacts:
    """Frees the lease: the old device's writes are refused from now on, the next login takes it."""
    if facts.state not in LEASED:
        raise refused(facts, "release")
    return replace(facts, lease_device=None, lease_epoch=facts.lease_epoch + 1)


def start(facts: AttemptFacts, rules: TimingRules, room: RoomState, now: datetime) -> AttemptFacts:
    after = _moved(facts, AttemptCommand.start)
    _require_room(room, RoomState.running)
    if now < rules.starts_at:
        raise Problem("not_started_yet", starts_at=rules.starts_at.isoformat())
    if now >= _late_entry_closes_at(facts, rules) and not facts.late_entry_waived:
        raise Problem("late_entry_closed")
    started = with_deadline(replace(after, started_at=now), rules)
    require_before_deadline(started, rules, now)
    return started


def interrupt(facts: AttemptFacts, rules: TimingRules, now: datetime, *, stops_clock: bool) -> AttemptFacts:
    after = _moved(facts, AttemptCommand.interrupt)
    require_before_deadline(facts, rules, now)
    return with_deadline(replace(after, interrupted_at=now, clock_stopped=stops_clock), rules)


def resume(
    facts: AttemptFacts, rules: TimingRules, room: RoomState, now: datetime, *, release_device: bool
) -> AttemptFacts:
    """Re-admits; a stopped clock goes on with the time that was left. `release_device` frees the lease."""
    after = _moved(facts, AttemptCommand.resume)
    _require_room(room, RoomState.running)
    require_before_deadline(facts, rules, now)
    running = restart_clock(after, rules, now) if facts.clock_stopped else after
    going_on = replace(running, interrupted_at=None)
    return release(going_on) if release_device else going_on


def stop_clock(facts: AttemptFacts, rules: TimingRules, now: datetime) -> AttemptFacts:
    """For who is interrupted with a running clock when the room is suspended."""
    return with_deadline(replace(facts, clock_stopped=True, interrupted_at=now), rules)


def restart_clock(facts: AttemptFacts, rules: TimingRules, now: datetime) -> AttemptFacts:
    """What was stopped since `interrupted_at` is added to the deadline."""
    return with_deadline(replace(settle(facts, now), clock_stopped=False, interrupted_at=now), rules)


def settle(facts: AttemptFacts, now: datetime) -> AttemptFacts:
    """A stopped clock's pause up to now counts as stopped; from now on it is measured anew."""
    if not facts.clock_stopped or facts.interrupted_at is None:
        return facts
    return replace(facts, stopped=facts.stopped + max(ZERO, now - facts.interrupted_at), interrupted_at=now)


def wait_for_room(facts: AttemptFacts, rules: TimingRules, since: datetime, now: datetime) -> AttemptFacts:
    """Who could not start because the room was not started yet or suspended since then loses nothing by it.

    Late entry and the regular end move by what of that lies after the sitting's start.
    """
    return replace(facts, waited=facts.waited + max(ZERO, now - max(since, rules.starts_at)))


def grant(facts: AttemptFacts, rules: TimingRules, extra: timedelta, now: datetime) -> AttemptFacts:
    """More time, effective at once; also before the start. Raises Problem when the attempt is over."""
    if facts.state in (AttemptState.absent, AttemptState.submitted, AttemptState.terminated, AttemptState.voided):
        raise refused(facts, "grant")
    require_before_deadline(facts, rules, now)
    return with_deadline(replace(facts, granted=facts.granted + extra), rules)


def _ended(facts: AttemptFacts, command: AttemptCommand, at: datetime, by: SubmittedBy) -> AttemptFacts:
    """A clock that is stopped has been stopped up to the end."""
    return replace(
        _moved(settle(facts, at), command), submitted_at=at, submitted_by=by, clock_stopped=False, interrupted_at=None
    )


def submit(facts: AttemptFacts, rules: TimingRules, now: datetime) -> AttemptFacts:
    """By the candidate. Raises Problem `too_early` before the earliest hand-in, `deadline_passed` after grace."""
    after = _ended(facts, AttemptCommand.submit, now, SubmittedBy.candidate)
    if now < rules.submission_opens_at:
        raise Problem("too_early", opens_at=rules.submission_opens_at.isoformat())
    require_before_deadline(facts, rules, now)
    if facts.deadline_at is not None and now > facts.deadline_at:
        return replace(after, submitted_at=facts.deadline_at)
    return after


def is_due(facts: AttemptFacts, rules: TimingRules, now: datetime) -> bool:
    """Whether deadline and grace have passed, so that only the system may end it."""
    return facts.deadline_at is not None and now > facts.deadline_at + rules.grace


def expire(facts: AttemptFacts, rules: TimingRules, now: datetime) -> AttemptFacts:
    """By the clock; the recorded end is the deadline, not the time of the sweep."""
    if facts.deadline_at is None or not is_due(facts, rules, now):
        raise Problem("deadline_not_passed")
    return _ended(facts, AttemptCommand.expire, facts.deadline_at, SubmittedBy.deadline)


def collect(facts: AttemptFacts, now: datetime) -> AttemptFacts:
    """By a proctor."""
    at = now if facts.deadline_at is None else min(now, facts.deadline_at)
    return _ended(facts, AttemptCommand.collect, at, SubmittedBy.proctor)


def open_proposal(facts: AttemptFacts) -> int | None:
    """The number of the proposal to terminate that waits for its confirmation."""
    return None if facts.termination_proposed_by is None else facts.termination_proposals


def propose_termination(facts: AttemptFacts, proctor: UUID) -> AttemptFacts:
    """Raises Problem `termination_already_proposed` with the number of the open proposal."""
    _moved(facts, AttemptCommand.terminate)
    if (proposal := open_proposal(facts)) is not None:
        raise Problem("termination_already_proposed", extra={"proposal": proposal})
    return replace(facts, termination_proposed_by=proctor, termination_proposals=facts.termination_proposals + 1)


def withdraw_termination(facts: AttemptFacts) -> AttemptFacts:
    """While it is still a proposal. Raises Problem `termination_not_proposed`."""
    if facts.state not in ATTEMPT_MOVES[AttemptCommand.terminate].sources:
        raise refused(facts, "withdraw_termination")
    if open_proposal(facts) is None:
        raise Problem("termination_not_proposed")
    return replace(facts, termination_proposed_by=None)


def confirm_termination(facts: AttemptFacts, proposal: int, chief: UUID, now: datetime) -> AttemptFacts:
    """Two different people: Problem `second_person_needed` when the proposer confirms; `termination_not_proposed` when
    the proposal of that number is not the open one."""
    after = _moved(facts, AttemptCommand.terminate)
    if proposal != open_proposal(facts):
        raise Problem("termination_not_proposed")
    if facts.termination_proposed_by == chief:
        raise Problem("second_person_needed")
    at = now if facts.deadline_at is None else min(now, facts.deadline_at)
    return replace(after, submitted_at=at, clock_stopped=False, interrupted_at=None)


def reopen(facts: AttemptFacts, rules: TimingRules, room: RoomState, now: datetime, extra: timedelta) -> AttemptFacts:
    """A chief reopens a handed-in paper with a time grant; the lease is freed.

    The time since hand-in counts as stopped, so that what was left then is left now.
    """
    after = _moved(facts, AttemptCommand.reopen)
    _require_room(room, RoomState.running)
    reopened = given_back(after, rules, now, extra)
    require_before_deadline(reopened, rules, now)
    return release(reopened)


def given_back(facts: AttemptFacts, rules: TimingRules, now: datetime, extra: timedelta) -> AttemptFacts:
    """A handed-in paper's facts with the time that it has when it is reopened now."""
    away = ZERO if facts.submitted_at is None else max(ZERO, now - facts.submitted_at)
    again = replace(
        facts,
        granted=facts.granted + extra,
        stopped=facts.stopped + away,
        submitted_at=None,
        submitted_by=None,
        termination_proposed_by=None,
    )
    return with_deadline(again, rules)


def void(facts: AttemptFacts) -> AttemptFacts:
    return _moved(facts, AttemptCommand.void)
