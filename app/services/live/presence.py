"""Presence: what is heard of candidates' clients, kept in memory and written for all of them at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.core.database import Database
from app.core.metrics import Metrics
from app.services.live.announcements import Announcements
from app.services.live.topics import RoomTopic

log = structlog.get_logger()

WRITE = """
WITH heard AS MATERIALIZED (
    SELECT *
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::boolean[], $5::int[], $6::int[])
        AS h (sitting_id, attempt_id, seen_at, saved, skew_ms, deadline_version)
), placed AS MATERIALIZED (
    SELECT h.*, a.room_id
    FROM heard h
    JOIN attempt a ON a.sitting_id = h.sitting_id AND a.id = h.attempt_id
), written AS (
    INSERT INTO presence AS p (sitting_id, attempt_id, seen_at, saved_at, answered, skew_ms, deadline_version)
    SELECT h.sitting_id, h.attempt_id, h.seen_at, stored.saved_at, coalesce(stored.answered, 0), h.skew_ms,
        h.deadline_version
    FROM placed h
    LEFT JOIN LATERAL (
        SELECT max(r.saved_at) AS saved_at, count(*) FILTER (WHERE r.answer <> '') AS answered
        FROM response r
        WHERE r.sitting_id = h.sitting_id AND r.attempt_id = h.attempt_id
    ) stored ON h.saved
    ORDER BY h.sitting_id, h.attempt_id
    ON CONFLICT (sitting_id, attempt_id) DO UPDATE
    SET seen_at = greatest(p.seen_at, excluded.seen_at),
        saved_at = greatest(p.saved_at, excluded.saved_at),
        answered = CASE WHEN excluded.saved_at >= coalesce(p.saved_at, '-infinity') THEN excluded.answered
            ELSE p.answered END,
        skew_ms = coalesce(excluded.skew_ms, p.skew_ms),
        deadline_version = greatest(p.deadline_version, excluded.deadline_version)
)
SELECT DISTINCT sitting_id, room_id FROM placed
"""

RECONNECT_AFTER = 0.5


@dataclass(frozen=True)
class Sign:
    """`skew_ms`: the client's clock minus the server's; `deadline_version`: the newest it was told."""

    seen_at: datetime
    saved: bool
    skew_ms: int | None
    deadline_version: int


class Presence:
    """The signs of life that this process has heard and not yet written."""

    def __init__(self, database: Database, announcements: Announcements, metrics: Metrics, interval: timedelta) -> None:
        self._database = database
        self._announcements = announcements
        self._metrics = metrics
        self._interval = interval.total_seconds()
        self._signs: dict[tuple[UUID, UUID], Sign] = {}
        self._heard = asyncio.Event()

    def seen(
        self,
        sitting_id: UUID,
        attempt_id: UUID,
        at: datetime,
        *,
        saved: bool = False,
        client_time: datetime | None = None,
        deadline_version: int = 0,
    ) -> None:
        """A sign of life at `at` (the exam's clock)."""
        skew = None if client_time is None else _milliseconds(client_time - at)
        self._put((sitting_id, attempt_id), Sign(at, saved, skew, deadline_version))

    async def write(self, connection: Any) -> None:
        """One statement for all that was heard; then the rooms are announced."""
        signs, self._signs = self._signs, {}
        if not signs:
            return
        try:
            rooms = await connection.fetch(
                WRITE,
                [sitting_id for sitting_id, _ in signs],
                [attempt_id for _, attempt_id in signs],
                [sign.seen_at for sign in signs.values()],
                [sign.saved for sign in signs.values()],
                [sign.skew_ms for sign in signs.values()],
                [sign.deadline_version for sign in signs.values()],
            )
        except BaseException:
            self._put_back(signs)
            raise
        self._metrics.presence_writes.inc()
        self._metrics.presence_signs.inc(len(signs))
        self._announcements.tell(RoomTopic(row["sitting_id"], row["room_id"], progress=True) for row in rooms)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes while the block runs, and at its end what is left."""
        task = asyncio.create_task(self._write_forever())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._write_the_rest()

    async def _write_forever(self) -> None:
        while True:
            try:
                async with self._database.raw_connection() as connection:
                    while True:
                        await self._heard.wait()
                        self._heard.clear()
                        await self.write(connection)
                        await asyncio.sleep(self._interval)
            except Exception as error:
                self._metrics.failures.labels("presence").inc()
                log.warning("presence_not_written", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER)

    async def _write_the_rest(self) -> None:
        if self._signs:
            try:
                async with self._database.raw_connection() as connection:
                    await self.write(connection)
            except Exception as error:
                log.warning("presence_not_written", error=type(error).__name__)

    def _put(self, key: tuple[UUID, UUID], sign: Sign) -> None:
        known = self._signs.get(key)
        self._signs[key] = sign if known is None else _together(known, sign)
        self._heard.set()

    def _put_back(self, signs: Mapping[tuple[UUID, UUID], Sign]) -> None:
        for key, sign in signs.items():
            self._put(key, sign)


def _together(one: Sign, other: Sign) -> Sign:
    earlier, later = sorted((one, other), key=lambda sign: sign.seen_at)
    return replace(
        later,
        saved=one.saved or other.saved,
        skew_ms=earlier.skew_ms if later.skew_ms is None else later.skew_ms,
        deadline_version=max(one.deadline_version, other.deadline_version),
    )


def _milliseconds(span: timedelta) -> int:
    """Within what an int column holds."""
    limit = 2**31 - 1
    return max(-limit, min(limit, round(span / timedelta(milliseconds=1))))
