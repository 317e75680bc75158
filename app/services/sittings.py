"""Sittings: planning, and the commands of their lifecycle except `ready`, which freezes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import FieldError, Problem
from app.domain.actors import Actor
from app.domain.alarm_rules import own_rules, rule_errors
from app.domain.readiness import duration_error
from app.domain.states import SITTING_MOVES, RoomState, SittingCommand, SittingState, move
from app.domain.timing import TimingMode
from app.models.entry import Entry
from app.models.paper import Paper
from app.models.sitting import Room, RoomProctor, Sitting, SittingPaper
from app.models.staff import Staff
from app.services import alarm_rules, audit, standards


async def create(session: AsyncSession, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Sitting:
    """`fields` as in SittingCreate. Raises Problem `sitting_refused` naming the clause, `unknown_level`, ..."""
    values = dict(fields)
    paper_ids = values.pop("paper_ids")
    edition, _ = await standards.get(session, values.pop("standard_code"), values.pop("edition"))
    sitting = Sitting(**values, standard_id=edition.id, created_at=now, created_by=actor.id)
    await _require_plan(session, sitting, now)
    session.add(sitting)
    await session.flush()
    await _set_papers(session, sitting, paper_ids)
    audit.record(session, actor, "sitting.create", "sitting", sitting.id, at=now, sitting_id=sitting.id)
    return sitting


async def update(
    session: AsyncSession, sitting_id: UUID, changes: Mapping[str, Any], actor: Actor, now: datetime
) -> Sitting:
    """Only in draft. Raises Problem `sitting_frozen`, `sitting_refused`."""
    sitting = await lock_draft(session, sitting_id)
    values = dict(changes)
    paper_ids = values.pop("paper_ids", None)
    for name, value in values.items():
        setattr(sitting, name, value)
    await _require_plan(session, sitting, now)
    session.add(sitting)
    if paper_ids is not None:
        await _set_papers(session, sitting, paper_ids)
    audit.record(
        session,
        actor,
        "sitting.update",
        "sitting",
        sitting.id,
        at=now,
        sitting_id=sitting.id,
        details={"fields": sorted(changes)},
    )
    return sitting


async def get(session: AsyncSession, sitting_id: UUID) -> Sitting:
    """Raises Problem `not_found`."""
    sitting = await session.get(Sitting, sitting_id)
    if sitting is None:
        raise Problem("not_found", what=str(sitting_id))
    return sitting


async def list_(session: AsyncSession, *, state: SittingState | None, after: UUID | None, limit: int) -> list[Sitting]:
    """The newest first; up to `limit + 1`, so that the caller sees whether there are more."""
    query = select(Sitting).order_by(col(Sitting.id).desc()).limit(limit + 1)
    if state is not None:
        query = query.where(Sitting.state == state)
    if after is not None:
        query = query.where(col(Sitting.id) < after)
    return list((await session.execute(query)).scalars())


async def lock(session: AsyncSession, sitting_id: UUID) -> Sitting:
    """The sitting's row, locked until the transaction ends. Raises Problem `not_found`."""
    query = (
        select(Sitting)
        .where(Sitting.id == sitting_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    sitting = (await session.execute(query)).scalar_one_or_none()
    if sitting is None:
        raise Problem("not_found", what=str(sitting_id))
    return sitting


async def lock_draft(session: AsyncSession, sitting_id: UUID) -> Sitting:
    """The locked sitting. Raises Problem `sitting_frozen` (409) when it is no longer a draft."""
    sitting = await lock(session, sitting_id)
    if sitting.state != SittingState.draft:
        raise Problem("sitting_frozen", state=sitting.state)
    return sitting


async def paper_ids(session: AsyncSession, sitting_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The papers of each sitting in the order of their forms."""
    query = (
        select(SittingPaper).where(col(SittingPaper.sitting_id).in_(sitting_ids)).order_by(col(SittingPaper.form_index))
    )
    papers: dict[UUID, list[UUID]] = {sitting_id: [] for sitting_id in sitting_ids}
    for row in (await session.execute(query)).scalars():
        papers[row.sitting_id].append(row.paper_id)
    return papers


async def rooms_of(session: AsyncSession, sitting_id: UUID) -> list[Room]:
    query = select(Room).where(Room.sitting_id == sitting_id).order_by(col(Room.name), col(Room.id))
    return list((await session.execute(query)).scalars())


async def proctors_of(session: AsyncSession, sitting_id: UUID) -> dict[UUID, list[Staff]]:
    """The proctors of each room of a sitting."""
    query = (
        select(RoomProctor.room_id, Staff)
        .join(Staff, col(Staff.id) == col(RoomProctor.staff_id))
        .where(RoomProctor.sitting_id == sitting_id)
        .order_by(col(Staff.username))
    )
    proctors: dict[UUID, list[Staff]] = {}
    for room_id, account in (await session.execute(query)).all():
        proctors.setdefault(room_id, []).append(account)
    return proctors


async def entry_counts(session: AsyncSession, sitting_id: UUID) -> dict[UUID | None, int]:
    """Entries per room; under None those without a room."""
    query = select(Entry.room_id, func.count()).where(Entry.sitting_id == sitting_id).group_by(col(Entry.room_id))
    return dict((await session.execute(query)).all())


async def go_live(session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime) -> Sitting:
    return write(session, await lock(session, sitting_id), SittingCommand.go_live, actor, now)


async def cancel(session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime) -> Sitting:
    return write(session, await lock(session, sitting_id), SittingCommand.cancel, actor, now)


async def close(session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime) -> Sitting:
    """Raises Problem `rooms_open` (409) while a room is not closed."""
    sitting = await lock(session, sitting_id)
    move(SITTING_MOVES, SittingCommand.close, SittingState(sitting.state))
    open_rooms = [
        room.name
        for room in await rooms_of(session, sitting_id)
        if room.state not in (RoomState.closed, RoomState.sealed)
    ]
    if open_rooms:
        raise Problem("rooms_open", rooms="、".join(open_rooms))
    return write(session, sitting, SittingCommand.close, actor, now)


def write(
    session: AsyncSession, sitting: Sitting, command: SittingCommand, actor: Actor, now: datetime, **details: Any
) -> Sitting:
    """Moves a locked sitting and records it. Raises Problem `invalid_transition` (409)."""
    before = SittingState(sitting.state)
    sitting.state = move(SITTING_MOVES, command, before)
    session.add(sitting)
    audit.record(
        session,
        actor,
        f"sitting.{command}",
        "sitting",
        sitting.id,
        at=now,
        sitting_id=sitting.id,
        details={"from": before.value, "to": sitting.state.value} | details,
    )
    return sitting


async def _require_plan(session: AsyncSession, sitting: Sitting, now: datetime) -> None:
    """Only a rehearsal may have started already."""
    standard = await standards.by_id(session, sitting.standard_id)
    standard.level(sitting.level)
    error = duration_error(standard, sitting.level, timedelta(minutes=sitting.duration_minutes))
    errors = [] if error is None else [error]
    if sitting.starts_at <= now and not sitting.rehearsal:
        errors.append(FieldError("starts_at", "starts_in_the_past"))
    if sitting.earliest_submission_minutes > sitting.duration_minutes:
        errors.append(FieldError("earliest_submission_minutes", "after_the_end"))
    if sitting.timing_mode == TimingMode.common_end and sitting.late_entry_minutes > sitting.duration_minutes:
        errors.append(FieldError("late_entry_minutes", "after_the_end"))
    errors += rule_errors(alarm_rules.kinds(), own_rules(sitting.alarm_rules))
    if errors:
        raise Problem("sitting_refused", clause=errors[0].clause, errors=errors)


async def _set_papers(session: AsyncSession, sitting: Sitting, ids: Sequence[UUID]) -> None:
    query = select(Paper.id).where(
        col(Paper.id).in_(ids), Paper.standard_id == sitting.standard_id, Paper.level == sitting.level
    )
    fitting = set((await session.execute(query)).scalars())
    errors = [
        FieldError(f"paper_ids[{index}]", "paper_does_not_fit")
        for index, paper_id in enumerate(ids)
        if paper_id not in fitting or paper_id in ids[:index]
    ]
    if errors:
        raise Problem("sitting_refused", errors=errors)
    await session.execute(delete(SittingPaper).where(col(SittingPaper.sitting_id) == sitting.id))
    session.add_all(
        SittingPaper(sitting_id=sitting.id, form_index=index, paper_id=paper_id) for index, paper_id in enumerate(ids)
    )
    await session.flush()
