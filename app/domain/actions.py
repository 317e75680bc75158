"""Which commands a proctor may give now, and the code of why not: the domain's own answers, asked in advance."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from app.core.problems import Problem
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
from app.domain.states import ROOM_MOVES, RoomCommand, RoomState, move
from app.domain.timing import TimingRules

SOMEBODY = UUID(int=0)
A_SECOND = timedelta(seconds=1)
ASKED: tuple[Command, ...] = (
    CheckIn(),
    Release(Reason.other),
    Interrupt(Reason.other),
    Resume(),
    Grant(Reason.other, extra=A_SECOND),
    Collect(Reason.other),
    Terminate(Reason.candidate_misconduct),
    WithdrawTermination(),
    Reopen(Reason.other, extra=A_SECOND),
    ReverseAbsence(Reason.other),
)


def attempt_actions(
    facts: AttemptFacts, timing: TimingRules, room: RoomState, now: datetime, *, chief: bool
) -> dict[str, str | None]:
    """Action -> None when it is possible, else the problem code that it would be refused with.

    `terminate` confirms where a termination is proposed; that two people are needed is seen only when it is given.
    """
    at = Situation(timing, room, now, SOMEBODY, chief)

    def asking(command: Command) -> Callable[[], object]:
        return lambda: decide(command, facts, at)

    return {command.name: _refusal(asking(command)) for command in ASKED}


def room_actions(state: RoomState) -> dict[str, str | None]:
    """Command -> None when the room's state allows it, else the problem code."""

    def asking(command: RoomCommand) -> Callable[[], object]:
        return lambda: move(ROOM_MOVES, command, state)

    return {command.value: _refusal(asking(command)) for command in RoomCommand}


def _refusal(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except Problem as problem:
        return problem.code
    return None
