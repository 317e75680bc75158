"""A chief's corrections of interruptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain import interruptions as rules
from app.domain.actors import Actor
from app.domain.interruptions import Pause, Span
from app.domain.reasons import Reason, Reasoned, reason_details, require_fit
from app.models.attempt import Attempt, Interruption
from app.models.audit import AuditEvent
from app.models.sitting import Room
from app.services import attempts, messages, rooms


@dataclass(frozen=True)
class Correction:
    """What an interruption should have been; without `interruption_id` the newest of the attempt.

    Raises Problem `reason_not_fitting` (422).
    """

    interruption_id: UUID | None
    stops_clock: bool
    reason: Reason
    note: str = ""

    def __post_init__(self) -> None:
        require_fit(self.reason, Reasoned.interrupt)


async def correct(
    session: AsyncSession, actor: Actor, attempt_id: UUID, correction: Correction, now: datetime
) -> Attempt:
    """As if the interruption had been given with this reason and effect on the clock; the deadline follows.

    Raises Problem `not_found` when there is no such interruption, and what `app.domain.interruptions.correct` raises.
    """
    attempt = await rooms.lock_attempt(session, actor, attempt_id)
    setting = await attempts.setting_of(session, attempt)
    row = await _interruption(session, attempt, correction.interruption_id)
    pause = Pause(row.started_at, row.ended_at, row.stops_clock, row.with_room)
    suspensions = await _suspensions(session, setting.room)
    attempts.change(
        session,
        attempt,
        setting,
        lambda facts, setting: rules.correct(
            facts, setting.rules, setting.room_state, pause, suspensions, now, stops_clock=correction.stops_clock
        ),
        actor=actor,
        action="correct_interruption",
        now=now,
        details=_told(row, correction),
    )
    row.stops_clock, row.reason = correction.stops_clock, correction.reason
    row.corrected_at, row.corrected_by = now, actor.account()
    session.add(row)
    details = {"reason": correction.reason.value, "stops_clock": correction.stops_clock}
    messages.tell_command(session, [attempt], "correct_interruption", details, actor, now)
    return attempt


def _told(row: Interruption, correction: Correction) -> Mapping[str, Any]:
    told = {
        "interruption": str(row.id),
        "before": {"reason": row.reason, "stops_clock": row.stops_clock},
        "stops_clock": correction.stops_clock,
        **reason_details(correction.reason),
    }
    return told | {"note": correction.note} if correction.note else told


async def _interruption(session: AsyncSession, attempt: Attempt, interruption_id: UUID | None) -> Interruption:
    """Read after the attempt was locked, so that an earlier correction is seen."""
    query = (
        select(Interruption)
        .where(Interruption.sitting_id == attempt.sitting_id, Interruption.attempt_id == attempt.id)
        .order_by(col(Interruption.started_at).desc(), col(Interruption.id).desc())
        .limit(1)
    )
    if interruption_id is not None:
        query = query.where(Interruption.id == interruption_id)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise Problem("not_found", what=str(interruption_id or attempt.id))
    return row


async def _suspensions(session: AsyncSession, room: Room) -> list[Span]:
    """When the room was suspended, from its audit events: a room is suspended and resumed by turns."""
    query = (
        select(AuditEvent.action, AuditEvent.at)
        .where(
            AuditEvent.sitting_id == room.sitting_id,
            AuditEvent.subject_id == room.id,
            col(AuditEvent.action).in_(["room.suspend", "room.resume"]),
        )
        .order_by(col(AuditEvent.at))
    )
    events = (await session.execute(query)).all()
    begun = [at for action, at in events if action == "room.suspend"]
    ended = [at for action, at in events if action == "room.resume"]
    return [Span(start, ended[index] if index < len(ended) else None) for index, start in enumerate(begun)]
