"""States and the tables of allowed moves (design, section 3). A move the tables do not list is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.core.problems import Problem


class SittingState(StrEnum):
    draft = "draft"
    ready = "ready"
    live = "live"
    closed = "closed"
    published = "published"
    cancelled = "cancelled"


class RoomState(StrEnum):
    preparing = "preparing"
    check_in = "check_in"
    running = "running"
    suspended = "suspended"
    closed = "closed"
    sealed = "sealed"


class AttemptState(StrEnum):
    registered = "registered"
    checked_in = "checked_in"
    ready = "ready"
    in_progress = "in_progress"
    interrupted = "interrupted"
    absent = "absent"
    submitted = "submitted"
    terminated = "terminated"
    voided = "voided"


class ResultState(StrEnum):
    graded = "graded"
    confirmed = "confirmed"
    published = "published"


State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class Move(Generic[State]):
    sources: frozenset[State]
    target: State


def _move(target: State, *sources: State) -> Move[State]:
    return Move(frozenset(sources), target)


class SittingCommand(StrEnum):
    ready = "ready"
    go_live = "go_live"
    close = "close"
    publish = "publish"
    cancel = "cancel"


SITTING_MOVES: Mapping[SittingCommand, Move[SittingState]] = {
    SittingCommand.ready: _move(SittingState.ready, SittingState.draft),
    SittingCommand.go_live: _move(SittingState.live, SittingState.ready),
    SittingCommand.close: _move(SittingState.closed, SittingState.live),
    SittingCommand.publish: _move(SittingState.published, SittingState.closed),
    SittingCommand.cancel: _move(SittingState.cancelled, SittingState.draft, SittingState.ready),
}


class RoomCommand(StrEnum):
    check_in = "check_in"
    start = "start"
    suspend = "suspend"
    resume = "resume"
    close = "close"
    seal = "seal"


ROOM_MOVES: Mapping[RoomCommand, Move[RoomState]] = {
    RoomCommand.check_in: _move(RoomState.check_in, RoomState.preparing),
    RoomCommand.start: _move(RoomState.running, RoomState.check_in),
    RoomCommand.suspend: _move(RoomState.suspended, RoomState.running),
    RoomCommand.resume: _move(RoomState.running, RoomState.suspended),
    RoomCommand.close: _move(RoomState.closed, RoomState.running),
    RoomCommand.seal: _move(RoomState.sealed, RoomState.closed),
}


class AttemptCommand(StrEnum):
    check_in = "check_in"
    mark_absent = "mark_absent"
    reverse_absence = "reverse_absence"
    log_in = "log_in"
    start = "start"
    interrupt = "interrupt"
    resume = "resume"
    submit = "submit"
    expire = "expire"
    collect = "collect"
    terminate = "terminate"
    reopen = "reopen"
    void = "void"


ATTEMPT_MOVES: Mapping[AttemptCommand, Move[AttemptState]] = {
    AttemptCommand.check_in: _move(AttemptState.checked_in, AttemptState.registered),
    AttemptCommand.mark_absent: _move(
        AttemptState.absent, AttemptState.registered, AttemptState.checked_in, AttemptState.ready
    ),
    AttemptCommand.reverse_absence: _move(AttemptState.registered, AttemptState.absent),
    AttemptCommand.log_in: _move(AttemptState.ready, AttemptState.checked_in),
    AttemptCommand.start: _move(AttemptState.in_progress, AttemptState.ready),
    AttemptCommand.interrupt: _move(AttemptState.interrupted, AttemptState.in_progress),
    AttemptCommand.resume: _move(AttemptState.in_progress, AttemptState.interrupted),
    AttemptCommand.submit: _move(AttemptState.submitted, AttemptState.in_progress),
    AttemptCommand.expire: _move(AttemptState.submitted, AttemptState.in_progress, AttemptState.interrupted),
    AttemptCommand.collect: _move(AttemptState.submitted, AttemptState.in_progress, AttemptState.interrupted),
    AttemptCommand.terminate: _move(AttemptState.terminated, AttemptState.in_progress, AttemptState.interrupted),
    AttemptCommand.reopen: _move(AttemptState.in_progress, AttemptState.submitted),
    AttemptCommand.void: _move(AttemptState.voided, AttemptState.submitted, AttemptState.terminated),
}

UNFINISHED = frozenset({AttemptState.in_progress, AttemptState.interrupted})
NEVER_STARTED = ATTEMPT_MOVES[AttemptCommand.mark_absent].sources
LEASED = frozenset({AttemptState.ready, AttemptState.in_progress, AttemptState.interrupted})

Command = TypeVar("Command", bound=StrEnum)


def move(table: Mapping[Command, Move[State]], command: Command, state: State) -> State:
    """The state after `command`.

    Raises Problem `invalid_transition` (409) when the table does not allow the command in `state`.
    """
    allowed = table[command]
    if state not in allowed.sources:
        raise Problem(
            "invalid_transition",
            command=command.value,
            state=state.value,
            extra={"command": command.value, "state": state.value},
        )
    return allowed.target
