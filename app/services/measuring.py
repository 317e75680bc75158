"""Figures that are read or counted from outside what they tell of: of the database, and of its pool."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import event, text

from app.core.context import Context
from app.core.database import Database
from app.core.metrics import Metrics
from app.domain.states import AttemptState

log = structlog.get_logger()

KEPT = 5.0
"""Seconds for which the database's figures are not read again, however often they are asked for."""

PATIENCE = 3.0
"""Seconds in which the database must answer to be called up."""

READ = text("""
SELECT
    extract(epoch FROM clock_timestamp())::float8 AS clock,
    (
        SELECT jsonb_object_agg(state, attempts)
        FROM (
            SELECT a.state, count(*) AS attempts
            FROM attempt a
            JOIN sitting s ON s.id = a.sitting_id
            WHERE s.state = 'live'
            GROUP BY a.state
        ) AS by_state
    ) AS attempts,
    (
        SELECT extract(epoch FROM coalesce(CAST(:fixed AS timestamptz), clock_timestamp()) - min(deadline_at + grace))
        FROM attempt
        WHERE state IN ('in_progress', 'interrupted') AND deadline_at IS NOT NULL
    )::float8 AS overdue,
    (SELECT count(*) FROM attempt WHERE grading_needed) AS ungraded,
    (SELECT count(*) FROM audit_head) AS audit_chains
""")


class Figures:
    """What the database says, read when it is asked for. One a process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Sets the gauges of the database; while it is away they keep their values and `database_up` is 0."""
        async with self._reading:
            if time.monotonic() - self._read_at < KEPT:
                return
            metrics = self._context.metrics
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._read(metrics)
            except Exception as error:
                log.warning("figures_not_read", error=type(error).__name__)
                metrics.database_up.set(0)
            self._read_at = time.monotonic()

    async def _read(self, metrics: Metrics) -> None:
        async with self._context.database.transaction() as session:
            row = (await session.execute(READ, {"fixed": self._context.clock.fixed})).one()
        metrics.database_up.set(1)
        metrics.clock_offset.set(time.time() - row.clock)
        attempts = row.attempts or {}
        for state in AttemptState:
            metrics.attempts.labels(state.value).set(attempts.get(state.value, 0))
        metrics.sweeper_lag.set(max(0.0, row.overdue or 0.0))
        metrics.ungraded.set(row.ungraded)
        metrics.audit_chains.set(row.audit_chains)


@contextmanager
def counting_connections(database: Database, metrics: Metrics) -> Iterator[None]:
    """Counts the connections that are taken from the pool while the block runs."""
    engine = database.engine.sync_engine

    def taken(*_: Any) -> None:
        metrics.connections.inc()

    def given_back(*_: Any) -> None:
        metrics.connections.dec()

    metrics.connections_limit.inc(database.connections_limit)
    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)
    try:
        yield
    finally:
        event.remove(engine, "checkout", taken)
        event.remove(engine, "checkin", given_back)
        metrics.connections_limit.dec(database.connections_limit)
