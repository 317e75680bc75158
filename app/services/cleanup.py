"""Deletes what has served its time: failed logins, ended logins, and remembered answers of commands."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, func, inspect, literal, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.context import Context
from app.models.audit import IdempotentAnswer
from app.models.staff import LoginFailure, RefreshToken

BATCH = 1000
"""Rows of one table that one transaction deletes, so that it never takes long."""

EVERY = timedelta(hours=1)
FAILURES_KEPT = timedelta(days=1)
LOGINS_KEPT = timedelta(days=1)
"""After the last token of a login has expired: while one is valid, the used ones tell when one was stolen."""

ANSWERS_KEPT = timedelta(days=7)
ONE_AT_A_TIME = text("SELECT pg_try_advisory_xact_lock(hashtext('kaochang.cleanup'))")

log = structlog.get_logger()


class Cleanup:
    """Of one process: begins once an hour, and then does a batch at each turn until nothing is left."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next_at: datetime | None = None

    async def turn(self) -> None:
        """At most one batch of each table. A failure is logged and tried again an hour later."""
        now = self._context.clock.host_now()
        if self._next_at is not None and now < self._next_at:
            return
        try:
            done = await clean_up(self._context)
        except Exception as error:
            log.error("cleanup_failed", error=type(error).__name__, exc_info=error)
            done = True
        if done:
            self._next_at = now + EVERY


async def clean_up(context: Context) -> bool:
    """One batch of each table; whether nothing is left, or another process is at it."""
    async with context.database.transaction() as session:
        if not (await session.execute(ONE_AT_A_TIME)).scalar_one():
            return True
        now = await context.clock.now(session)
        deleted = [
            await _delete(session, LoginFailure, col(LoginFailure.last_at) < now - FAILURES_KEPT),
            await _delete(session, RefreshToken, col(RefreshToken.family).in_(_ended_families(now - LOGINS_KEPT))),
            await _delete(session, IdempotentAnswer, col(IdempotentAnswer.created_at) < now - ANSWERS_KEPT),
        ]
    return max(deleted) < BATCH


def _ended_families(before: datetime) -> SelectOfScalar[UUID]:
    return (
        select(RefreshToken.family)
        .group_by(col(RefreshToken.family))
        .having(func.max(RefreshToken.expires_at) < before)
    )


async def _delete(session: AsyncSession, table: type[SQLModel], old: ColumnElement[bool]) -> int:
    """How many rows of a batch were old; rows that a request holds wait for another time."""
    key = tuple_(*inspect(table).primary_key)
    batch = select(*inspect(table).primary_key).where(old).limit(BATCH).with_for_update(skip_locked=True)
    done = await session.execute(delete(table).where(key.in_(batch)).returning(literal(1)))
    return len(done.all())
