"""The sweeper: ends attempts whose time is up, marks who never came absent, grades what was handed in, signs the heads
of the audit log.

It runs each second in any number of processes; rows that another one holds are skipped, so each attempt is ended once.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

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
from app.services.attempts import Setting
from app.services.cleanup import Cleanup
from app.services.stored_answers import Key, stored_answers

BATCH = 200

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
        await asyncio.sleep(context.settings.sweep_interval.total_seconds())


async def sweep(context: Context) -> None:
    """All that is due now, in batches, each its own transaction: close first, grade after.

    A step that fails is logged and does not keep the others from their work.
    """
    for step in (_expire_due, _mark_absent, _grade, audit_checkpoints.sign_heads):
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
        settings = await _settings(session, due)
        for attempt in due:
            attempts.change(
                session,
                attempt,
                settings[attempt.id],
                lambda facts, setting: rules.expire(facts, setting.rules, now),
                actor=SYSTEM,
                action="expire",
                now=now,
            )
        if due:
            await interruptions.end(session, due, now)
            await submission.issue_receipts(session, context.keyring, due, now, await stored_answers(session, due))
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
        settings = await _settings(session, missing)
        for attempt in missing:
            attempts.change(
                session,
                attempt,
                settings[attempt.id],
                lambda facts, setting: rules.mark_absent(facts, setting.rules, now),
                actor=SYSTEM,
                action="mark_absent",
                now=now,
            )
        return len(missing)


async def _grade(context: Context) -> int:
    async with context.database.transaction() as session:
        pending = await grading.pending(session, BATCH)
    return len(pending) if await _grade_these(context, pending) else 0


async def _grade_these(context: Context, keys: Sequence[Key]) -> bool:
    """Together, or by halves when one of them cannot be graded, so that it keeps no other waiting; whether all were."""
    if not keys:
        return True
    try:
        async with context.database.transaction() as session:
            await grading.grade_these(session, keys, await context.clock.now(session))
    except Exception as error:
        context.metrics.failures.labels("grading").inc()
        if len(keys) == 1:
            log.error("grading_failed", error=type(error).__name__, attempt_id=str(keys[0][1]), exc_info=error)
        else:
            middle = len(keys) // 2
            await _grade_these(context, keys[:middle])
            await _grade_these(context, keys[middle:])
        return False
    return True


async def _lock(session: AsyncSession, query: SelectOfScalar[Attempt]) -> list[Attempt]:
    locked = query.limit(BATCH).with_for_update(of=Attempt, skip_locked=True, key_share=True)
    return list((await session.execute(locked)).scalars())


async def _settings(session: AsyncSession, of: Sequence[Attempt]) -> dict[UUID, Setting]:
    query = (
        select(Attempt.id, Sitting, Room)
        .join(Sitting, col(Sitting.id) == col(Attempt.sitting_id))
        .join(Room, (col(Room.sitting_id) == col(Attempt.sitting_id)) & (col(Room.id) == col(Attempt.room_id)))
        .where(col(Attempt.id).in_([attempt.id for attempt in of]))
    )
    rows = (await session.execute(query)).all() if of else []
    return {attempt_id: Setting(sitting, room) for attempt_id, sitting, room in rows}
