"""Which commands a proctor may give now, and the code of why not: the domain's own answers, asked in advance."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.core.problems import Problem
from app.domain import attempts as rules
from app.domain.attempts import AttemptFacts, IdentityCheck
from app.domain.states import ROOM_MOVES, RoomCommand, RoomState, move
from app.domain.timing import TimingRules

NOBODY = UUID(int=0)
A_SECOND = timedelta(seconds=1)


def attempt_actions(
    facts: AttemptFacts, timing: TimingRules, room: RoomState, now: datetime, *, chief: bool
) -> dict[str, str | None]:
    """Action -> None when it is possible, else the problem code that it would be refused with."""
    tries: Mapping[str, Callable[[], object]] = {
        "check_in": lambda: rules.check_in(facts, room, now, NOBODY, IdentityCheck.identity_card),
        "release": lambda: rules.release(facts),
        "interrupt": lambda: rules.interrupt(facts, timing, now, stops_clock=False),
        "resume": lambda: rules.resume(facts, timing, room, now, release_device=False),
        "grant": lambda: rules.grant(facts, timing, A_SECOND, now),
        "submit": lambda: rules.collect(facts, now),
        "terminate": lambda: rules.propose_termination(facts, NOBODY),
        "reopen": lambda: rules.reopen(facts, timing, room, now, A_SECOND),
        "reverse_absence": lambda: rules.reverse_absence(facts, room),
    }
    chiefs_only = {"reopen", "reverse_absence"}
    return {
        action: "not_allowed" if action in chiefs_only and not chief else _refusal(attempt)
        for action, attempt in tries.items()
    }


def room_actions(state: RoomState) -> dict[str, str | None]:
    """Command -> None when the room's state allows it, else the problem code."""

    def attempt(command: RoomCommand) -> Callable[[], object]:
        return lambda: move(ROOM_MOVES, command, state)

    return {command.value: _refusal(attempt(command)) for command in RoomCommand}


def _refusal(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except Problem as problem:
        return problem.code
    return None
