"""The sweeper: ends attempts whose time is up, marks who never came absent, grades what could not be graded at the
hand-in, signs the heads of the audit log.

It runs each second, and when an attempt comes due, in any number of processes; rows that another one holds are skipped,
so each attempt is ended once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.context import Context
from app.domain import attempts as rules
from app.domain.actors import SYSTEM
from app.domain.states import NEVER_STARTED, UNFINISHED, RoomState, SittingState
from app.models.attempt import Attempt
from app.models.sitting import Room, Sitting
from app.services import attempts, audit_checkpoints, grading, interruptions, submission
from app.services.cleanup import Cleanup
from app.services.stored_answers import stored_answers

BATCH = 200
JUST_AFTER = timedelta(milliseconds=1)

log = structlog.get_logger()


@asynccontextmanager
async def sweeping(context: Context) -> AsyncIterator[None]:
    """Sweeps at the set interval while the block runs, and cleans up now and then."""
    task = asyncio.create_task(_sweep_forever(context))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep_forever(context: Context) -> None:
    cleanup = Cleanup(context)
    while True:
        await sweep(context)
        await cleanup.turn()
        await asyncio.sleep((await until_next(context)).total_seconds())


async def until_next(context: Context) -> timedelta:
    """The sweep interval, or less when an attempt comes due before: it is ended at its time, not at the next round."""
    interval = context.settings.sweep_interval
    try:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            due_at = col(Attempt.deadline_at) + col(Attempt.grace)
            coming = select(func.min(due_at)).where(
                col(Attempt.state).in_(UNFINISHED),
                col(Attempt.deadline_at) <= now + interval,
                due_at.between(now, now + interval),
            )
            next_due = (await session.execute(coming)).scalar_one()
    except Exception as error:
        log.error("sweep_failed", step="until_next", error=type(error).__name__, exc_info=error)
        return interval
    return interval if next_due is None else next_due - now + JUST_AFTER


async def sweep(context: Context) -> None:
    """All that is due now, in batches, each its own transaction.

    A step that fails is logged and does not keep the others from their work.
    """
    for step in (_expire_due, _mark_absent, _grade_left, audit_checkpoints.sign_heads):
        try:
            while await step(context) == BATCH:
                pass
        except Exception as error:
            context.metrics.failures.labels("sweeper").inc()
            log.error("sweep_failed", step=step.__name__, error=type(error).__name__, exc_info=error)


async def _expire_due(context: Context) -> int:
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        due = await _lock(
            session,
            select(Attempt)
            .where(
                col(Attempt.state).in_(UNFINISHED),
                col(Attempt.deadline_at) + col(Attempt.grace) < now,
            )
            .order_by(col(Attempt.deadline_at)),
        )
        if not due:
            return 0
        settings = await attempts.settings_of(session, due)
        stored = await stored_answers(session, due)
        for attempt in due:
            attempts.change(
                session,
                attempt,
                settings[attempt.room_id],
                lambda facts, setting: rules.expire(facts, setting.rules, now),
                actor=SYSTEM,
                action="expire",
                now=now,
            )
        await submission.conclude(session, context.keyring, due, now, stored)
        await interruptions.end(session, due, now)
        return len(due)


async def _mark_absent(context: Context) -> int:
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        closes_at = col(Sitting.starts_at) + func.make_interval(0, 0, 0, 0, 0, col(Sitting.late_entry_minutes))
        missing = await _lock(
            session,
            select(Attempt)
            .join(Sitting, col(Sitting.id) == col(Attempt.sitting_id))
            .join(Room, (col(Room.sitting_id) == col(Attempt.sitting_id)) & (col(Room.id) == col(Attempt.room_id)))
            .where(
                Sitting.state == SittingState.live,
                col(Room.state).in_([RoomState.running, RoomState.closed, RoomState.sealed]),
                col(Attempt.state).in_(NEVER_STARTED),
                col(Attempt.late_entry_waived).is_(False),
                closes_at + col(Attempt.waited) <= now,
            ),
        )
        settings = await attempts.settings_of(session, missing)
        for attempt in missing:
            attempts.change(
                session,
                attempt,
                settings[attempt.room_id],
                lambda facts, setting: rules.mark_absent(facts, setting.rules, now),
                actor=SYSTEM,
                action="mark_absent",
                now=now,
            )
        return len(missing)


async def _grade_left(context: Context) -> int:
    async with context.database.transaction() as session:
        graded, failed = await grading.grade_left(session, BATCH, await context.clock.now(session))
    context.metrics.failures.labels("grading").inc(failed)
    return graded


async def _lock(session: AsyncSession, query: SelectOfScalar[Attempt]) -> list[Attempt]:
    locked = query.limit(BATCH).with_for_update(of=Attempt, skip_locked=True, key_share=True)
    return list((await session.execute(locked)).scalars())
