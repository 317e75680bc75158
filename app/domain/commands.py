"""A proctor's commands on one attempt: what each carries, what it makes of the attempt, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain import attempts
from app.domain.attempts import AttemptFacts, IdentityCheck
from app.domain.reasons import REASONS, Reason, Reasoned, reason_details, require_fit
from app.domain.states import ATTEMPT_MOVES, AttemptCommand, RoomState, move
from app.domain.timing import TimingRules


@dataclass(frozen=True)
class Situation:
    """Where, when and by whom a command is given."""

    rules: TimingRules
    room: RoomState
    now: datetime
    actor: UUID
    chief: bool


@dataclass(frozen=True)
class CheckIn:
    name: ClassVar[str] = "check_in"
    identity: IdentityCheck = IdentityCheck.identity_card


@dataclass(frozen=True)
class Resume:
    name: ClassVar[str] = "resume"
    release_device: bool = False


@dataclass(frozen=True)
class WithdrawTermination:
    name: ClassVar[str] = "withdraw_termination"


@dataclass(frozen=True)
class _Reasoned:
    """Takes something from the candidate or gives time.

    Raises Problem `reason_not_fitting` (422) when the reason is none for the command.
    """

    name: ClassVar[str]
    reason: Reason
    note: str = ""

    def __post_init__(self) -> None:
        require_fit(self.reason, Reasoned(self.name))

    def record(self) -> dict[str, Any]:
        """What the audit event says of why."""
        return reason_details(self.reason) | ({"note": self.note} if self.note else {})


@dataclass(frozen=True)
class Release(_Reasoned):
    name = "release"


@dataclass(frozen=True)
class Interrupt(_Reasoned):
    name = "interrupt"

    @property
    def stops_clock(self) -> bool:
        return REASONS[self.reason].stops_clock


@dataclass(frozen=True)
class Collect(_Reasoned):
    """Hands the paper in for the candidate."""

    name = "submit"


@dataclass(frozen=True, kw_only=True)
class Terminate(_Reasoned):
    """Proposes; with the number of somebody else's proposal a chief's confirms it."""

    name = "terminate"
    confirms: int | None = None


@dataclass(frozen=True)
class ReverseAbsence(_Reasoned):
    name = "reverse_absence"


@dataclass(frozen=True, kw_only=True)
class Grant(_Reasoned):
    name = "grant"
    extra: timedelta


@dataclass(frozen=True, kw_only=True)
class Reopen(_Reasoned):
    """Back from handed in, with a time grant."""

    name = "reopen"
    extra: timedelta


Command = (
    CheckIn | Release | Interrupt | Resume | Grant | Collect | Terminate | WithdrawTermination | Reopen | ReverseAbsence
)


def require_allowed(command: Command, *, chief: bool) -> None:
    """Raises Problem `not_allowed` (403) for a command that only a chief may give."""
    if isinstance(command, Reopen | ReverseAbsence) and not chief:
        raise Problem("not_allowed", scopes=Scope.rooms_chief.value)


def decide(command: Command, facts: AttemptFacts, at: Situation) -> AttemptFacts:
    """The attempt after the command; raises the Problem of why it is refused."""
    require_allowed(command, chief=at.chief)
    match command:
        case CheckIn(identity):
            return attempts.check_in(facts, at.room, at.now, at.actor, identity)
        case Release():
            return attempts.release(facts)
        case Interrupt():
            return attempts.interrupt(facts, at.rules, at.now, stops_clock=command.stops_clock)
        case Resume(release_device):
            return attempts.resume(facts, at.rules, at.room, at.now, release_device=release_device)
        case Grant():
            return attempts.grant(facts, at.rules, command.extra, at.now)
        case Collect():
            return attempts.collect(facts, at.now)
        case Terminate():
            return _terminate(facts, command.confirms, at)
        case WithdrawTermination():
            return attempts.withdraw_termination(facts)
        case Reopen():
            return attempts.reopen(facts, at.rules, at.room, at.now, command.extra)
        case ReverseAbsence():
            return attempts.reverse_absence(facts, at.room)


def _terminate(facts: AttemptFacts, confirms: int | None, at: Situation) -> AttemptFacts:
    if confirms is None:
        return attempts.propose_termination(facts, at.actor)
    move(ATTEMPT_MOVES, AttemptCommand.terminate, facts.state)
    if not at.chief:
        raise Problem("not_allowed", scopes=Scope.rooms_chief.value)
    return attempts.confirm_termination(facts, confirms, at.actor, at.now)


def audited(command: Command, before: AttemptFacts) -> tuple[str, Mapping[str, Any]]:
    """The verb of the audit event, and its details."""
    match command:
        case CheckIn(identity):
            return command.name, {"identity_check": identity.value}
        case Resume(release_device):
            return command.name, {"release_device": release_device}
        case WithdrawTermination():
            return command.name, {}
        case Interrupt():
            return command.name, command.record() | {"stops_clock": command.stops_clock}
        case Grant() | Reopen():
            return command.name, command.record() | {"seconds": int(command.extra.total_seconds())}
        case Collect():
            return "collect", command.record()
        case Terminate(confirms=None):
            return "propose_termination", command.record() | {"proposal": before.termination_proposals + 1}
        case Terminate():
            return command.name, command.record() | {"proposal": command.confirms}
        case Release() | ReverseAbsence():
            return command.name, command.record()


def told(command: Command) -> Mapping[str, Any] | None:
    """What the candidate is told with the command's name; None when the candidate is told nothing."""
    match command:
        case Resume(release_device):
            return {"release_device": release_device}
        case Interrupt():
            return {"reason": command.reason.value, "stops_clock": command.stops_clock}
        case Grant() | Reopen():
            return {"reason": command.reason.value, "seconds": int(command.extra.total_seconds())}
        case Release() | Collect():
            return {"reason": command.reason.value}
        case Terminate() if command.confirms is not None:
            return {"reason": command.reason.value}
        case _:
            return None
