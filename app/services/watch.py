"""The watch: what the server notices by itself, as incidents that last until they are over.

It looks each second in any number of processes; one that finds another one looking leaves it to that. So each incident
is written once, also when several processes look one after the other.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.context import Context
from app.domain import incidents as merging
from app.domain import watch as rules
from app.domain.actors import SYSTEM
from app.domain.alarm_rules import Rules
from app.domain.incident_kinds import CONDITION_KINDS, IncidentKind, IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.domain.states import UNFINISHED, AttemptState, RoomState, SittingState
from app.domain.watch import Client, Lag, Staffing
from app.models.attempt import Attempt
from app.models.incident import Incident
from app.models.presence import Presence
from app.models.sitting import Room, RoomProctor, Sitting
from app.services import alarm_rules, incident_log, standards
from app.services.saving import SaveQueue

OCCUPIED = (RoomState.check_in, RoomState.running, RoomState.suspended)
"""States of a room in which candidates are in it."""

TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
ADVISORY_LOCK = {"lock": 6_110_027}

log = structlog.get_logger()


@asynccontextmanager
async def watching(context: Context, saves: SaveQueue) -> AsyncIterator[None]:
    """Looks at the sweeper's interval while the block runs."""
    task = asyncio.create_task(_watch_forever(context, saves))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch_forever(context: Context, saves: SaveQueue) -> None:
    while True:
        await asyncio.sleep(context.settings.sweep_interval.total_seconds())
        try:
            await look(context)
            await report_refused_saves(context, saves)
        except Exception as error:
            context.metrics.failures.labels("watch").inc()
            log.error("watch_failed", error=type(error).__name__, exc_info=error)


async def look(context: Context) -> None:
    """One look at all live sittings."""
    async with context.database.transaction() as session:
        if not (await session.execute(TRY_LOCK, ADVISORY_LOCK)).scalar_one():
            return
        now = await context.clock.now(session)
        live = {row.id: row.standard_id for row in (await session.execute(LIVE)).all()}
        if not live:
            return
        by_sitting = await alarm_rules.of_sittings(session, live)
        noticed = [
            *await _staffing(session, live),
            *await _clients(session, by_sitting, now),
            *await _lags(session, by_sitting, now),
        ]
        await _take_note(session, live, CONDITION_KINDS, noticed, now)


async def look_at_staffing(session: AsyncSession, sitting: Sitting, now: datetime) -> None:
    """At once when proctors of a sitting change. A look that is going on is waited for."""
    await session.execute(LOCK, ADVISORY_LOCK)
    noticed = await _staffing(session, {sitting.id: sitting.standard_id})
    await _take_note(session, [sitting.id], [IncidentKind.staff_below_ratio], noticed, now)


async def report_refused_saves(context: Context, saves: SaveQueue) -> None:
    """The saves that this process had to refuse, once the database takes incidents again."""
    refused = saves.refused.copy()
    if not refused:
        return
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        occurrences = [
            Occurrence(Key(Place(sitting_id), IncidentKind.save_errors, IncidentSource.server), times)
            for sitting_id, times in refused.items()
        ]
        await incident_log.record(session, occurrences, SYSTEM, now)
    saves.refused -= refused


async def _take_note(
    session: AsyncSession,
    sitting_ids: Collection[UUID],
    kinds: Collection[IncidentKind],
    noticed: Sequence[Occurrence],
    now: datetime,
) -> None:
    ongoing = {incident_log.key_of(incident): incident for incident in await _ongoing(session, sitting_ids, kinds)}
    begun, over = merging.changes(noticed, ongoing)
    await incident_log.end(session, [ongoing[key] for key in over], now)
    await incident_log.record(session, begun, SYSTEM, now)


LIVE = select(col(Sitting.id), col(Sitting.standard_id)).where(col(Sitting.state) == SittingState.live)


async def _ongoing(
    session: AsyncSession, sitting_ids: Collection[UUID], kinds: Collection[IncidentKind]
) -> Sequence[Incident]:
    query = (
        select(Incident)
        .where(
            col(Incident.sitting_id).in_(sitting_ids),
            col(Incident.source) == IncidentSource.server,
            col(Incident.kind).in_(kinds),
            col(Incident.details)["until"].is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalars().all()


async def _staffing(session: AsyncSession, standard_ids: Mapping[UUID, UUID]) -> list[Occurrence]:
    """`standard_ids` by sitting."""

    def count(table: type[Attempt] | type[RoomProctor]) -> ColumnElement[int]:
        own = (col(table.sitting_id) == col(Room.sitting_id)) & (col(table.room_id) == col(Room.id))
        return select(func.count()).select_from(table).where(own).correlate(Room).scalar_subquery()

    query = select(col(Room.sitting_id), col(Room.id), count(Attempt), count(RoomProctor)).where(
        col(Room.sitting_id).in_(standard_ids), col(Room.state).in_(OCCUPIED)
    )
    noticed: list[Occurrence] = []
    for sitting_id, room_id, candidates, proctors in (await session.execute(query)).all():
        standard = await standards.by_id(session, standard_ids[sitting_id])
        noticed += rules.of_staffing(standard, Staffing(Place(sitting_id, room_id), candidates, proctors))
    return noticed


async def _clients(session: AsyncSession, by_sitting: Mapping[UUID, Rules], now: datetime) -> list[Occurrence]:
    """Of who is writing and was heard of; the slightest thresholds of all sittings choose, each one's own decides."""
    lost = min(own[IncidentKind.network_lost].threshold for own in by_sitting.values())
    skewed = min(own[IncidentKind.clock_skew].threshold for own in by_sitting.values()) / timedelta(milliseconds=1)
    query = (
        select(
            col(Attempt.sitting_id), col(Attempt.room_id), col(Attempt.id), col(Presence.seen_at), col(Presence.skew_ms)
        )
        .join(
            Presence,
            (col(Presence.sitting_id) == col(Attempt.sitting_id)) & (col(Presence.attempt_id) == col(Attempt.id)),
        )
        .where(
            col(Attempt.sitting_id).in_(by_sitting),
            col(Attempt.state) == AttemptState.in_progress,
            (col(Presence.seen_at) < now - lost) | (func.abs(col(Presence.skew_ms)) > skewed),
        )
    )
    noticed: list[Occurrence] = []
    for sitting_id, room_id, attempt_id, seen_at, skew_ms in (await session.execute(query)).all():
        skew = None if skew_ms is None else timedelta(milliseconds=skew_ms)
        client = Client(Place(sitting_id, room_id, attempt_id), seen_at, skew)
        noticed += rules.of_client(by_sitting[sitting_id], client, now)
    return noticed


async def _lags(session: AsyncSession, by_sitting: Mapping[UUID, Rules], now: datetime) -> list[Occurrence]:
    query = (
        select(col(Attempt.sitting_id), func.min(col(Attempt.deadline_at) + col(Attempt.grace)))
        .where(
            col(Attempt.sitting_id).in_(by_sitting),
            col(Attempt.state).in_(UNFINISHED),
            col(Attempt.deadline_at) < now,
        )
        .group_by(col(Attempt.sitting_id))
    )
    noticed: list[Occurrence] = []
    rows: Sequence[Any] = (await session.execute(query)).all()
    for sitting_id, due_at in rows:
        noticed += rules.of_lag(by_sitting[sitting_id], Lag(Place(sitting_id), now - due_at))
    return noticed
