"""Which commands a proctor may give now, and the code of why not: the domain's own answers, asked in advance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from app.core.problems import Problem
from app.domain import attempts
from app.domain.attempts import AttemptFacts
from app.domain.commands import (
    CheckIn,
    Collect,
    Command,
    Grant,
    Interrupt,
    Release,
    Reopen,
    Resume,
    ReverseAbsence,
    Situation,
    Terminate,
    WithdrawTermination,
    decide,
)
from app.domain.reasons import Reason
from app.domain.states import ROOM_MOVES, AttemptState, RoomCommand, RoomState, move
from app.domain.timing import TimingMode, TimingRules

SOMEBODY, ANOTHER = UUID(int=0), UUID(int=1)
A_SECOND = timedelta(seconds=1)
NOW = datetime(2000, 1, 1, tzinfo=UTC)
RULES = TimingRules(NOW, attempts.ZERO, TimingMode.common_end, attempts.ZERO, attempts.ZERO, grace=attempts.ZERO)
Actions = tuple[tuple[str, str | None], ...]
"""Action and None when it is possible, else the problem code that it would be refused with."""


def asked(proposal: int | None) -> tuple[Command, ...]:
    """The commands that may be possible where this proposal to terminate is open."""
    return (
        CheckIn(),
        Release(Reason.other),
        Interrupt(Reason.other),
        Resume(),
        Grant(Reason.other, extra=A_SECOND),
        Collect(Reason.other),
        Terminate(Reason.candidate_misconduct, confirms=proposal),
        WithdrawTermination(),
        Reopen(Reason.other, extra=A_SECOND),
        ReverseAbsence(Reason.other),
    )


def attempt_actions(
    facts: AttemptFacts, timing: TimingRules, room: RoomState, now: datetime, *, chief: bool
) -> Actions:
    """`terminate` confirms the proposal where one is open; that two people are needed is seen only when it is given.

    All attempts alike in what the commands ask about get one answer, which is found once.
    """
    handed_in = facts.state is AttemptState.submitted
    ending = attempts.given_back(facts, timing, now, A_SECOND) if handed_in else facts
    due = attempts.is_due(ending, timing, now)
    return _of_all_like_it(facts.state, room, due, attempts.open_proposal(facts) is not None, chief)


@cache
def _of_all_like_it(state: AttemptState, room: RoomState, due: bool, proposed: bool, chief: bool) -> Actions:
    plainest = AttemptFacts(state, deadline_at=NOW - A_SECOND if due else NOW)
    if proposed:
        plainest = replace(plainest, termination_proposed_by=ANOTHER, termination_proposals=1)
    at = Situation(RULES, room, NOW, SOMEBODY, chief)

    def asking(command: Command) -> Callable[[], object]:
        return lambda: decide(command, plainest, at)

    return tuple((command.name, _refusal(asking(command))) for command in asked(attempts.open_proposal(plainest)))


@cache
def room_actions(state: RoomState) -> Actions:
    """Of the commands that the room's state allows."""

    def asking(command: RoomCommand) -> Callable[[], object]:
        return lambda: move(ROOM_MOVES, command, state)

    return tuple((command.value, _refusal(asking(command))) for command in RoomCommand)


def _refusal(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except Problem as problem:
        return problem.code
    return None
