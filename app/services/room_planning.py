"""A sitting's rooms as they are planned, and who proctors in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, delete, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.permissions import Role
from app.core.problems import FieldError, Problem
from app.domain.actors import Actor
from app.domain.states import AttemptState, SittingState
from app.models.attempt import Attempt
from app.models.entry import Entry
from app.models.sitting import Room, RoomProctor, Sitting
from app.models.staff import Staff
from app.services import audit, sittings, watch
from app.services.live.topics import room_changed

PROCTORING = (Role.proctor.value, Role.chief.value)
"""Who may stand in a room has one of these roles."""


@dataclass(frozen=True)
class Assignable:
    """Somebody who may proctor, and the room of the sitting where they already do."""

    account: Staff
    room_id: UUID | None


async def add_room(
    session: AsyncSession, sitting_id: UUID, fields: Mapping[str, Any], actor: Actor, now: datetime
) -> Room:
    """`fields` as in RoomCreate.

    Raises Problem `sitting_frozen`, `rooms_refused` (name taken, proctors unknown or in another room).
    """
    sitting = await sittings.lock_draft(session, sitting_id)
    values = dict(fields)
    proctors = values.pop("proctors")
    if any(room.name == values["name"] for room in await sittings.rooms_of(session, sitting_id)):
        raise Problem("rooms_refused", errors=[FieldError("name", "room_name_taken", {"name": values["name"]})])
    room = Room(sitting_id=sitting.id, **values)
    session.add(room)
    await session.flush()
    await _set_proctors(session, sitting, room, proctors)
    audit.record(session, actor, "room.create", "room", room.id, at=now, sitting_id=sitting.id)
    return room


async def remove_room(session: AsyncSession, sitting_id: UUID, room_id: UUID, actor: Actor, now: datetime) -> None:
    """Its proctors are free again, and who was seated in it has no seat.

    Raises Problem `sitting_frozen` unless the sitting is a draft, `not_found`.
    """
    await sittings.lock_draft(session, sitting_id)
    room = await session.get(Room, (sitting_id, room_id))
    if room is None:
        raise Problem("not_found", what=str(room_id))
    seated = update(Entry).where(col(Entry.sitting_id) == sitting_id, col(Entry.room_id) == room_id)
    await session.execute(seated.values(room_id=None, seat_number=None).execution_options(synchronize_session=False))
    await session.execute(
        delete(RoomProctor).where(col(RoomProctor.sitting_id) == sitting_id, col(RoomProctor.room_id) == room_id)
    )
    await session.delete(room)
    details = {"name": room.name}
    audit.record(session, actor, "room.remove", "room", room_id, at=now, sitting_id=sitting_id, details=details)


async def assign_proctors(
    session: AsyncSession, sitting_id: UUID, room_id: UUID, usernames: Sequence[str], actor: Actor, now: datetime
) -> Room:
    """Replaces a room's proctors, until the sitting is closed. Too few for a room that is open are an alarm at once."""
    sitting = await sittings.lock(session, sitting_id)
    if sitting.state not in (SittingState.draft, SittingState.ready, SittingState.live):
        raise Problem("sitting_frozen", state=sitting.state)
    room = await session.get(Room, (sitting_id, room_id))
    if room is None:
        raise Problem("not_found", what=str(room_id))
    await _set_proctors(session, sitting, room, usernames)
    audit.record(session, actor, "room.assign_proctors", "room", room.id, at=now, sitting_id=sitting.id)
    room_changed(session, sitting.id, room.id)
    await watch.look_at_staffing(session, sitting, now)
    return room


async def assignable(session: AsyncSession, sitting_id: UUID) -> list[Assignable]:
    """By user name: the active accounts that may proctor. Raises Problem `not_found`."""
    await sittings.get(session, sitting_id)
    roles = or_(*(any_(col(Staff.roles)) == role for role in PROCTORING))
    query = (
        select(Staff, RoomProctor.room_id)
        .outerjoin(
            RoomProctor, (col(RoomProctor.staff_id) == col(Staff.id)) & (col(RoomProctor.sitting_id) == sitting_id)
        )
        .where(col(Staff.active), roles)
        .order_by(col(Staff.username))
    )
    return [Assignable(account, room_id) for account, room_id in (await session.execute(query)).all()]


async def attempt_totals(session: AsyncSession, sitting_id: UUID) -> dict[UUID, dict[AttemptState, int]]:
    """Per room how many attempts are in which state; none before the sitting is ready."""
    query = (
        select(Attempt.room_id, Attempt.state, func.count())
        .where(Attempt.sitting_id == sitting_id)
        .group_by(col(Attempt.room_id), col(Attempt.state))
    )
    totals: dict[UUID, dict[AttemptState, int]] = {}
    for room_id, state, count in (await session.execute(query)).all():
        totals.setdefault(room_id, {})[AttemptState(state)] = count
    return totals


async def _set_proctors(session: AsyncSession, sitting: Sitting, room: Room, usernames: Sequence[str]) -> None:
    accounts = (
        await session.execute(select(Staff).where(col(Staff.username).in_(usernames), col(Staff.active)))
    ).scalars()
    fitting = {account.username: account.id for account in accounts if set(PROCTORING) & set(account.roles)}
    elsewhere = select(RoomProctor.staff_id).where(
        RoomProctor.sitting_id == sitting.id,
        RoomProctor.room_id != room.id,
        col(RoomProctor.staff_id).in_(fitting.values()),
    )
    busy = set((await session.execute(elsewhere)).scalars())
    errors = []
    for index, username in enumerate(usernames):
        if username not in fitting or username in usernames[:index]:
            errors.append(FieldError(f"proctors[{index}]", "proctor_unknown", {"username": username}))
        elif fitting[username] in busy:
            errors.append(FieldError(f"proctors[{index}]", "proctor_elsewhere", {"username": username}))
    if errors:
        raise Problem("rooms_refused", errors=errors)
    await session.execute(
        delete(RoomProctor).where(col(RoomProctor.sitting_id) == sitting.id, col(RoomProctor.room_id) == room.id)
    )
    session.add_all(
        RoomProctor(sitting_id=sitting.id, staff_id=fitting[username], room_id=room.id) for username in usernames
    )
    await session.flush()
