"""Rooms: who may act in them, and the commands for a whole room."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain import attempts as rules
from app.domain.actors import Actor
from app.domain.readiness import RoomStaffing, staffing_error
from app.domain.reasons import Reason
from app.domain.states import (
    NEVER_STARTED,
    ROOM_MOVES,
    UNFINISHED,
    AttemptState,
    RoomCommand,
    RoomState,
    SittingState,
    move,
)
from app.models.attempt import Attempt, Interruption, TimeGrant
from app.models.sitting import Room, RoomProctor, RoomSeal, Sitting
from app.services import attempts, audit, standards
from app.services.attempts import Setting
from app.services.live.topics import room_changed

SEALS_NEEDED = 2


async def require_access(session: AsyncSession, actor: Actor, room_id: UUID) -> Room:
    """The room, if the actor is assigned to it or is a chief. To anybody else it does not exist: `not_found`."""
    query = select(Room).where(Room.id == room_id)
    if Scope.rooms_chief not in actor.scopes:
        query = query.join(
            RoomProctor,
            (col(RoomProctor.sitting_id) == col(Room.sitting_id)) & (col(RoomProctor.room_id) == col(Room.id)),
        ).where(RoomProctor.staff_id == actor.id)
    room = (await session.execute(query)).scalar_one_or_none()
    if room is None:
        raise Problem("not_found", what=str(room_id))
    return room


async def accessible(session: AsyncSession, actor: Actor) -> list[tuple[Sitting, Room]]:
    """The rooms of sittings that are ready or live in which the actor may act, the next to start first."""
    query = (
        select(Sitting, Room)
        .join(Room, col(Room.sitting_id) == col(Sitting.id))
        .where(col(Sitting.state).in_([SittingState.ready, SittingState.live]))
        .order_by(col(Sitting.starts_at), col(Room.name), col(Room.id))
    )
    if Scope.rooms_chief not in actor.scopes:
        query = query.join(
            RoomProctor,
            (col(RoomProctor.sitting_id) == col(Room.sitting_id)) & (col(RoomProctor.room_id) == col(Room.id)),
        ).where(RoomProctor.staff_id == actor.id)
    return [(sitting, room) for sitting, room in (await session.execute(query)).all()]


async def open_check_in(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Raises Problem `staffing_too_low` with the clause when there are too few proctors (1.9.3)."""
    room, sitting = await _lock(session, actor, room_id)
    _require_live(sitting)
    await _require_staff(session, sitting, room)
    return _write(session, actor, room, RoomCommand.check_in, now)


async def start(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Raises Problem `staffing_too_low` with the clause when there are too few proctors (1.9.3)."""
    room, sitting = await _lock(session, actor, room_id)
    _require_live(sitting)
    await _require_staff(session, sitting, room)
    return _write(session, actor, room, RoomCommand.start, now)


async def suspend(session: AsyncSession, actor: Actor, room_id: UUID, reason: Reason, note: str, now: datetime) -> Room:
    """Interrupts everyone who is writing; the clock stops for the whole room, whatever the reason."""
    room, sitting = await _lock(session, actor, room_id)
    _write(session, actor, room, RoomCommand.suspend, now, reason=reason.value)
    room.suspended_at = now
    setting = Setting(sitting, room)
    for attempt in await attempts.lock_room_attempts(session, room):
        facts = attempts.facts_of(attempt)
        if rules.is_due(facts, setting.rules, now):
            continue
        if facts.state is AttemptState.in_progress:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.interrupt(facts, setting.rules, now, stops_clock=True),
                actor=actor,
                action="interrupt",
                now=now,
                details={"reason": reason.value, "with_room": True},
            )
            session.add(interruption(attempt, reason, note, now, stops_clock=True, with_room=True))
        elif facts.state is AttemptState.interrupted and not facts.clock_stopped:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.stop_clock(facts, setting.rules, now),
                actor=actor,
                action="stop_clock",
                now=now,
            )
    return room


async def resume(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Everyone whom the suspension interrupted goes on with the time that was left."""
    room, sitting = await _lock(session, actor, room_id)
    suspended_at = room.suspended_at or now
    _write(session, actor, room, RoomCommand.resume, now)
    room.suspended_at = None
    setting = Setting(sitting, room)
    locked = await attempts.lock_room_attempts(session, room)
    open_ones = await _open_interruptions(session, room)
    for attempt in locked:
        facts = attempts.facts_of(attempt)
        pause = open_ones.get(attempt.id)
        if facts.state in NEVER_STARTED or facts.state is AttemptState.absent:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.wait_for_room(facts, setting.rules, suspended_at, now),
                actor=actor,
                action="wait_for_room",
                now=now,
            )
        elif facts.state is AttemptState.interrupted and pause is not None and pause.with_room:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.resume(facts, setting.rules, RoomState.running, now, release_device=False),
                actor=actor,
                action="resume",
                now=now,
            )
            pause.ended_at = now
        elif facts.clock_stopped and pause is not None and not pause.stops_clock:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.restart_clock(facts, setting.rules, now),
                actor=actor,
                action="restart_clock",
                now=now,
            )
    return room


async def grant(
    session: AsyncSession, actor: Actor, room_id: UUID, extra: timedelta, reason: Reason, now: datetime
) -> list[tuple[UUID, str | None]]:
    """Time for everyone in the room; per attempt None, or the code of why it was refused."""
    room, sitting = await _lock(session, actor, room_id)
    setting = Setting(sitting, room)
    outcomes: list[tuple[UUID, str | None]] = []
    for attempt in await attempts.lock_room_attempts(session, room):
        try:
            grant_to(session, actor, attempt, setting, extra, reason, now)
        except Problem as problem:
            outcomes.append((attempt.id, problem.code))
        else:
            outcomes.append((attempt.id, None))
    return outcomes


def grant_to(
    session: AsyncSession,
    actor: Actor,
    attempt: Attempt,
    setting: Setting,
    extra: timedelta,
    reason: Reason,
    now: datetime,
) -> None:
    """Adds a time grant to a locked attempt."""
    attempts.change(
        session,
        attempt,
        setting,
        lambda facts, setting: rules.grant(facts, setting.rules, extra, now),
        actor=actor,
        action="grant",
        now=now,
        details={"seconds": int(extra.total_seconds()), "reason": reason.value},
    )
    session.add(time_grant(attempt, extra, reason, actor, now))


def time_grant(attempt: Attempt, extra: timedelta, reason: Reason, actor: Actor, now: datetime) -> TimeGrant:
    return TimeGrant(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        extra=extra,
        reason=reason.value,
        granted_by=actor.account(),
        granted_at=now,
    )


async def close(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Raises Problem `attempts_unfinished` while someone is writing or may still start.

    Whose absence was reversed and who never came is absent when the room closes.
    """
    room, sitting = await _lock(session, actor, room_id)
    locked = await attempts.lock_room_attempts(session, room)
    for attempt in locked:
        if attempt.late_entry_waived and attempt.state in NEVER_STARTED:
            attempts.change(
                session,
                attempt,
                Setting(sitting, room),
                lambda facts, setting: rules.mark_absent(facts, setting.rules, now, room_closes=True),
                actor=actor,
                action="mark_absent",
                now=now,
            )
    unfinished = [attempt for attempt in locked if attempt.state in UNFINISHED | NEVER_STARTED]
    if room.state == RoomState.running and unfinished:
        raise Problem("attempts_unfinished", count=len(unfinished))
    return _write(session, actor, room, RoomCommand.close, now)


async def seal(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """One proctor's confirmation; the second one's seals the room. The same person's repeat changes nothing."""
    room, _ = await _lock(session, actor, room_id)
    move(ROOM_MOVES, RoomCommand.seal, RoomState(room.state))
    query = select(RoomSeal).where(RoomSeal.sitting_id == room.sitting_id, RoomSeal.room_id == room.id)
    confirmed = {row.staff_id for row in (await session.execute(query)).scalars()}
    if actor.account() in confirmed:
        return room
    session.add(RoomSeal(sitting_id=room.sitting_id, room_id=room.id, staff_id=actor.account(), confirmed_at=now))
    if len(confirmed) + 1 < SEALS_NEEDED:
        audit.record(session, actor, "room.confirm", "room", room.id, at=now, sitting_id=room.sitting_id)
        return room
    return _write(session, actor, room, RoomCommand.seal, now)


def _write(
    session: AsyncSession, actor: Actor, room: Room, command: RoomCommand, now: datetime, **details: str
) -> Room:
    before = RoomState(room.state)
    room.state = move(ROOM_MOVES, command, before)
    session.add(room)
    room_changed(session, room.sitting_id, room.id)
    audit.record(
        session,
        actor,
        f"room.{command}",
        "room",
        room.id,
        at=now,
        sitting_id=room.sitting_id,
        details={"from": before.value, "to": room.state.value} | details,
    )
    return room


def interruption(
    attempt: Attempt, reason: Reason, note: str, now: datetime, *, stops_clock: bool, with_room: bool
) -> Interruption:
    return Interruption(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        reason=reason.value,
        note=note,
        stops_clock=stops_clock,
        with_room=with_room,
        started_at=now,
    )


def _require_live(sitting: Sitting) -> None:
    if sitting.state != SittingState.live:
        raise Problem("sitting_not_live", state=sitting.state)


async def _require_staff(session: AsyncSession, sitting: Sitting, room: Room) -> None:
    standard = await standards.by_id(session, sitting.standard_id)
    candidates = select(func.count()).where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
    proctors = select(func.count()).where(RoomProctor.sitting_id == room.sitting_id, RoomProctor.room_id == room.id)
    staffing = RoomStaffing(
        room.name,
        (await session.execute(candidates)).scalar_one(),
        (await session.execute(proctors)).scalar_one(),
    )
    error = staffing_error(standard, staffing)
    if error is not None:
        raise Problem("staffing_too_low", clause=error.clause, errors=[error])


async def _lock(session: AsyncSession, actor: Actor, room_id: UUID) -> tuple[Room, Sitting]:
    room = await require_access(session, actor, room_id)
    query = (
        select(Room)
        .where(Room.sitting_id == room.sitting_id, Room.id == room.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    locked = (await session.execute(query)).scalar_one()
    sitting = await session.get_one(Sitting, room.sitting_id)
    return locked, sitting


async def _open_interruptions(session: AsyncSession, room: Room) -> dict[UUID, Interruption]:
    query = (
        select(Interruption)
        .join(
            Attempt,
            (col(Attempt.sitting_id) == col(Interruption.sitting_id))
            & (col(Attempt.id) == col(Interruption.attempt_id)),
        )
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id, col(Interruption.ended_at).is_(None))
    )
    return {pause.attempt_id: pause for pause in (await session.execute(query)).scalars()}
