"""Rooms: who may act in them, and the commands for a whole room."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain import attempts as rules
from app.domain.actors import Actor
from app.domain.readiness import RoomStaffing, staffing_error
from app.domain.reasons import Reason, Reasoned, reason_details, require_fit
from app.domain.states import (
    LEASED,
    NEVER_STARTED,
    ROOM_MOVES,
    UNFINISHED,
    AttemptState,
    RoomCommand,
    RoomState,
    SittingState,
    move,
)
from app.models.attempt import Attempt
from app.models.sitting import Room, RoomProctor, Sitting
from app.services import attempts, audit, interruptions, messages, standards
from app.services.attempts import Setting
from app.services.live.topics import room_changed


async def require_access(session: AsyncSession, actor: Actor, room_id: UUID) -> Room:
    """The room, if the actor is assigned to it or is a chief. To anybody else it does not exist: `not_found`."""
    return await _accessible(session, actor, select(Room).where(Room.id == room_id), room_id)


async def lock_attempt(session: AsyncSession, actor: Actor, attempt_id: UUID) -> Attempt:
    """The attempt, locked, if the actor may act in its room. To anybody else it does not exist: `not_found`.

    Who may not act there locks nothing.
    """
    seated = (col(Attempt.sitting_id) == col(Room.sitting_id)) & (col(Attempt.room_id) == col(Room.id))
    query = select(Room).join(Attempt, seated).where(Attempt.id == attempt_id)
    room = await _accessible(session, actor, query, attempt_id)
    locked = await attempts.lock_room_attempts(session, room, [attempt_id])
    if not locked:
        raise Problem("not_found", what=str(attempt_id))
    return locked[0]


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
    room, sitting = await lock(session, actor, room_id)
    _require_live(sitting)
    await _require_staff(session, sitting, room)
    return write(session, actor, room, RoomCommand.check_in, now)


async def start(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime, *, keep_end: bool = False) -> Room:
    """Who waits for a room that starts late loses nothing by it: late entry and the end move by the lateness.

    `keep_end` leaves them where they are, in a rehearsal only: else Problem `only_in_rehearsal`. Raises Problem
    `staffing_too_low` with the clause when there are too few proctors (1.9.3).
    """
    room, sitting = await lock(session, actor, room_id)
    _require_live(sitting)
    if keep_end and not sitting.rehearsal:
        raise Problem("only_in_rehearsal")
    await _require_staff(session, sitting, room)
    late = max(timedelta(0), now - sitting.starts_at)
    told = {"late_seconds": int(late.total_seconds()), "end_kept": keep_end} if late else {}
    write(session, actor, room, RoomCommand.start, now, **told)
    if late and not keep_end:
        setting = Setting(sitting, room)
        for attempt in await attempts.lock_room_attempts(session, room):
            _wait(session, actor, attempt, setting, sitting.starts_at, now)
    return room


async def suspend(session: AsyncSession, actor: Actor, room_id: UUID, reason: Reason, note: str, now: datetime) -> Room:
    """Interrupts everyone who is writing; the clock stops for the whole room, whatever the reason."""
    require_fit(reason, Reasoned.suspend)
    room, sitting = await lock(session, actor, room_id)
    why = reason_details(reason) | ({"note": note} if note else {})
    write(session, actor, room, RoomCommand.suspend, now, **why)
    room.suspended_at = now
    setting = Setting(sitting, room)
    affected = []
    for attempt in await attempts.lock_room_attempts(session, room):
        facts = attempts.facts_of(attempt)
        if facts.state not in LEASED or rules.is_due(facts, setting.rules, now):
            continue
        affected.append(attempt)
        if facts.state is AttemptState.in_progress:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.interrupt(facts, setting.rules, now, stops_clock=True),
                actor=actor,
                action="interrupt",
                now=now,
                details=reason_details(reason) | {"with_room": True},
            )
            session.add(interruptions.begin(attempt, reason, note, now, stops_clock=True, with_room=True))
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
    messages.tell_command(session, affected, "suspend", {"reason": reason.value, "with_room": True}, actor, now)
    return room


async def resume(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Everyone whom the suspension interrupted goes on with the time that was left."""
    room, sitting = await lock(session, actor, room_id)
    suspended_at = room.suspended_at or now
    write(session, actor, room, RoomCommand.resume, now)
    room.suspended_at = None
    setting = Setting(sitting, room)
    locked = await attempts.lock_room_attempts(session, room)
    open_ones = await interruptions.open_in(session, room)
    readmitted, waiting = [], []
    for attempt in locked:
        facts = attempts.facts_of(attempt)
        pause = open_ones.get(attempt.id)
        if facts.state in NEVER_STARTED or facts.state is AttemptState.absent:
            _wait(session, actor, attempt, setting, suspended_at, now)
            if facts.state is AttemptState.ready:
                waiting.append(attempt)
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
            readmitted.append(attempt)
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
    await interruptions.end(session, readmitted, now)
    messages.tell_command(session, [*readmitted, *waiting], "resume", {"with_room": True}, actor, now)
    return room


async def close(session: AsyncSession, actor: Actor, room_id: UUID, now: datetime) -> Room:
    """Raises Problem `attempts_unfinished` while someone is writing or may still start.

    Whose absence was reversed and who never came is absent when the room closes.
    """
    room, sitting = await lock(session, actor, room_id)
    move(ROOM_MOVES, RoomCommand.close, RoomState(room.state))
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
    if unfinished:
        raise Problem("attempts_unfinished", count=len(unfinished))
    return write(session, actor, room, RoomCommand.close, now)


async def _accessible(session: AsyncSession, actor: Actor, query: SelectOfScalar[Room], sought: UUID) -> Room:
    """The room of the query, if the actor may act in it; else Problem `not_found` of what was sought."""
    if Scope.rooms_chief not in actor.scopes:
        query = query.join(
            RoomProctor,
            (col(RoomProctor.sitting_id) == col(Room.sitting_id)) & (col(RoomProctor.room_id) == col(Room.id)),
        ).where(RoomProctor.staff_id == actor.id)
    room = (await session.execute(query)).scalar_one_or_none()
    if room is None:
        raise Problem("not_found", what=str(sought))
    return room


def write(
    session: AsyncSession, actor: Actor, room: Room, command: RoomCommand, now: datetime, **details: str | int
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


def _wait(
    session: AsyncSession, actor: Actor, attempt: Attempt, setting: Setting, since: datetime, now: datetime
) -> None:
    attempts.change(
        session,
        attempt,
        setting,
        lambda facts, setting: rules.wait_for_room(facts, setting.rules, since, now),
        actor=actor,
        action="wait_for_room",
        now=now,
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


async def lock(session: AsyncSession, actor: Actor, room_id: UUID) -> tuple[Room, Sitting]:
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
