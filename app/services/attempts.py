"""Attempts: every change goes through `change`, which locks the row, lets the domain decide, and writes the state and
its audit event in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.keyed import Key, among
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.attempts import AttemptFacts, IdentityCheck, SubmittedBy
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode, TimingRules
from app.models.attempt import Attempt
from app.models.sitting import Room, Sitting
from app.services import audit
from app.services.live.topics import room_changed

FACTS = tuple(field.name for field in fields(AttemptFacts))


@dataclass(frozen=True)
class Setting:
    """Where an attempt takes place, as it is now."""

    sitting: Sitting
    room: Room

    @cached_property
    def rules(self) -> TimingRules:
        return timing_rules(self.sitting)

    @property
    def room_state(self) -> RoomState:
        return RoomState(self.room.state)


Decision = Callable[[AttemptFacts, Setting], AttemptFacts]


def timing_rules(sitting: Sitting) -> TimingRules:
    return TimingRules(
        starts_at=sitting.starts_at,
        duration=timedelta(minutes=sitting.duration_minutes),
        mode=TimingMode(sitting.timing_mode),
        late_entry=timedelta(minutes=sitting.late_entry_minutes),
        earliest_submission=timedelta(minutes=sitting.earliest_submission_minutes),
        grace=timedelta(seconds=sitting.grace_seconds),
    )


def facts_of(attempt: Attempt) -> AttemptFacts:
    values = {name: getattr(attempt, name) for name in FACTS}
    values["state"] = AttemptState(attempt.state)
    values["submitted_by"] = None if attempt.submitted_by is None else SubmittedBy(attempt.submitted_by)
    values["identity_check"] = None if attempt.identity_check is None else IdentityCheck(attempt.identity_check)
    return AttemptFacts(**values)


async def lock(session: AsyncSession, attempt_id: UUID, sitting_id: UUID | None = None) -> Attempt:
    """The attempt's row, locked until the transaction ends. Raises Problem `not_found`."""
    query = select(Attempt).where(Attempt.id == attempt_id)
    if sitting_id is not None:
        query = query.where(Attempt.sitting_id == sitting_id)
    attempt = (
        await session.execute(query.with_for_update(key_share=True).execution_options(populate_existing=True))
    ).scalar_one_or_none()
    if attempt is None:
        raise Problem("not_found", what=str(attempt_id))
    return attempt


async def lock_free(session: AsyncSession, keys: Iterable[Key]) -> Mapping[UUID, Attempt]:
    """Those of the keys (sitting, attempt), locked in the order in which every statement locks attempts, without those
    that another command holds."""
    query = (
        select(Attempt)
        .where(among(set(keys), col(Attempt.sitting_id), col(Attempt.id)))
        .order_by(col(Attempt.sitting_id), col(Attempt.id))
        .with_for_update(key_share=True, skip_locked=True)
    )
    return {attempt.id: attempt for attempt in (await session.execute(query)).scalars()}


async def existing(session: AsyncSession, keys: Collection[Key]) -> set[UUID]:
    """Those of the keys (sitting, attempt) that there are, whoever holds them."""
    if not keys:
        return set()
    query = select(Attempt.id).where(among(keys, col(Attempt.sitting_id), col(Attempt.id)))
    return set((await session.execute(query)).scalars())


async def lock_room_attempts(session: AsyncSession, room: Room, only: Sequence[UUID] | None = None) -> list[Attempt]:
    """The attempts of a room, all or those of the ids, locked in the order in which every statement locks attempts."""
    chosen = select(Attempt).where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
    if only is not None:
        chosen = chosen.where(col(Attempt.id).in_(only))
    query = (
        chosen.order_by(col(Attempt.sitting_id), col(Attempt.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def setting_of(session: AsyncSession, attempt: Attempt) -> Setting:
    """Read after the lock, so that a command on the room that held it is seen."""
    query = (
        select(Sitting, Room)
        .join(Room, col(Room.sitting_id) == col(Sitting.id))
        .where(Sitting.id == attempt.sitting_id, Room.id == attempt.room_id)
        .execution_options(populate_existing=True)
    )
    sitting, room = (await session.execute(query)).one()
    return Setting(sitting, room)


async def settings_of(session: AsyncSession, locked: Collection[Attempt]) -> Mapping[UUID, Setting]:
    """By room; read after the locks, so that a command on a room that held them is seen."""
    rooms = {(attempt.sitting_id, attempt.room_id) for attempt in locked}
    query = (
        select(Sitting, Room)
        .join(Room, col(Room.sitting_id) == col(Sitting.id))
        .where(among(rooms, col(Room.sitting_id), col(Room.id)))
    )
    return {room.id: Setting(sitting, room) for sitting, room in (await session.execute(query)).all()}


def change(
    session: AsyncSession,
    attempt: Attempt,
    setting: Setting,
    decide: Decision,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes what `decide` makes of a locked attempt, and its audit event. What `decide` raises changes nothing."""
    before = facts_of(attempt)
    after = decide(before, setting)
    for name in FACTS:
        if getattr(before, name) != getattr(after, name):
            setattr(attempt, name, getattr(after, name))
    if before.state is not after.state:
        attempt.grading_needed = after.state is AttemptState.submitted
    session.add(attempt)
    room_changed(session, attempt.sitting_id, attempt.room_id)
    moves = {"from": before.state.value, "to": after.state.value}
    audit.record(
        session,
        actor,
        f"attempt.{action}",
        "attempt",
        attempt.id,
        at=now,
        sitting_id=attempt.sitting_id,
        details=moves | dict(details or {}),
    )
