"""Whether a sitting may become ready: every rule of the standard and of the design, all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.problems import FieldError
from app.domain.standard import Standard


@dataclass(frozen=True)
class RoomStaffing:
    name: str
    candidates: int
    proctors: int


@dataclass(frozen=True)
class SittingPlan:
    """What is planned; `unseated` are the ticket numbers without a room and a seat."""

    level: int
    duration: timedelta
    paper_ids: Sequence[UUID]
    entries: int
    unseated: Sequence[str]
    rooms: Sequence[RoomStaffing]


def duration_error(standard: Standard, level: int, duration: timedelta) -> FieldError | None:
    """Theory lasts at least the standard's minimum for the level (1.9.4)."""
    minimum = standard.minimum_minutes(level)
    if duration >= timedelta(minutes=minimum):
        return None
    return FieldError(
        "duration_minutes",
        "duration_below_minimum",
        {"minimum": minimum},
        standard.exam_rules.theory.minimum_minutes.clause,
    )


def staffing_error(standard: Standard, room: RoomStaffing) -> FieldError | None:
    """Proctors for the candidates of a room (1.9.3)."""
    needed = standard.proctors_needed(room.candidates)
    if room.proctors >= needed:
        return None
    params = {"room": room.name, "needed": needed, "assigned": room.proctors, "candidates": room.candidates}
    clause = standard.exam_rules.theory.candidates_per_proctor.clause
    return FieldError(f"rooms[{room.name}].proctors", "too_few_proctors", params, clause)


def readiness_errors(standard: Standard, plan: SittingPlan) -> list[FieldError]:
    """Everything that stands against it, empty when the sitting may become ready."""
    errors = [duration_error(standard, plan.level, plan.duration)]
    if not plan.paper_ids:
        errors.append(FieldError("paper_ids", "no_paper"))
    if plan.entries == 0:
        errors.append(FieldError("entries", "no_entries"))
    errors += [FieldError(f"entries[{ticket}]", "entry_without_seat", {"ticket": ticket}) for ticket in plan.unseated]
    errors += [staffing_error(standard, room) for room in plan.rooms if room.candidates]
    return [error for error in errors if error is not None]
