"""Saving answers, the hot path: one statement per flush serves every request that arrived meanwhile (group commit)."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.database import Database
from app.core.metrics import Metrics
from app.core.problems import Problem
from app.core.repeating import is_worth_repeating, pause_about, sqlstate
from app.domain.answers import Outcome

log = structlog.get_logger()

FLUSH_LIMIT = 2000
RETRY_AFTER = {"Retry-After": "2"}
BUSY_PAUSE = 0.01
"""Seconds before the next flush when every attempt of the last one was held by another command."""

BUSY_PATIENCE = 5.0
"""Seconds that a save waits for such a command before it is refused."""

RECONNECT_AFTER = 0.2
"""Seconds between a failed flush and the next connection, about."""

TRIES = 3
"""Flushes that a save may be in: replays are harmless, also of one that was committed when its answer was lost."""

FLUSH = """
WITH incoming AS MATERIALIZED (
    SELECT *
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::bigint[], $7::timestamptz[])
        WITH ORDINALITY AS i (sitting_id, attempt_id, epoch, number, answer, sequence, client_time, place)
), moment AS MATERIALIZED (
    SELECT coalesce($8::timestamptz, statement_timestamp()) AS now
), held AS MATERIALIZED (
    SELECT a.sitting_id, a.id, a.state, a.lease_epoch, a.deadline_at, a.deadline_version, a.grace, a.answer_forms
    FROM attempt a
    WHERE (a.sitting_id, a.id) IN (SELECT sitting_id, attempt_id FROM incoming)
    ORDER BY a.sitting_id, a.id
    FOR NO KEY UPDATE SKIP LOCKED
), formed AS (
    SELECT i.*, h.state, h.lease_epoch, h.deadline_at, h.deadline_version, h.grace, m.now,
        substr(h.answer_forms, i.number, 1) AS form, known.id IS NOT NULL AS known
    FROM incoming i
    CROSS JOIN moment m
    LEFT JOIN held h ON h.sitting_id = i.sitting_id AND h.id = i.attempt_id
    LEFT JOIN attempt known ON known.sitting_id = i.sitting_id AND known.id = i.attempt_id
), judged AS MATERIALIZED (
    SELECT f.*,
        CASE
            WHEN NOT f.known THEN 'unknown_attempt'
            WHEN f.state IS NULL THEN 'busy'
            WHEN f.epoch <> f.lease_epoch THEN 'lease_moved'
            WHEN f.state <> 'in_progress' THEN 'not_in_progress'
            WHEN f.now > f.deadline_at + f.grace THEN 'deadline_passed'
            WHEN f.form = '' THEN 'unknown_item'
            WHEN NOT CASE
                WHEN f.answer = '' THEN true
                WHEN f.form = 't' THEN f.answer IN ('T', 'F')
                WHEN ascii(f.form) < 65 THEN length(f.answer) = 1 AND ascii(f.answer) BETWEEN 65 AND 64 + f.form::int
                ELSE f.answer ~ '^A?B?C?D?E?F?G?H?$' AND ascii(right(f.answer, 1)) <= ascii(f.form)
            END THEN 'invalid_answer'
        END AS reason
    FROM formed f
), recorded AS (
    INSERT INTO response_history (sitting_id, attempt_id, sequence, number, answer, epoch, client_time, saved_at)
    SELECT sitting_id, attempt_id, sequence, number, answer, epoch, client_time, now FROM judged WHERE reason IS NULL
    ON CONFLICT DO NOTHING
), kept AS (
    INSERT INTO response (sitting_id, attempt_id, number, answer, sequence, client_time, saved_at)
    SELECT DISTINCT ON (sitting_id, attempt_id, number)
        sitting_id, attempt_id, number, answer, sequence, client_time, now
    FROM judged
    WHERE reason IS NULL
    ORDER BY sitting_id, attempt_id, number, sequence DESC, place
    ON CONFLICT (sitting_id, attempt_id, number) DO UPDATE
    SET answer = excluded.answer, sequence = excluded.sequence, client_time = excluded.client_time,
        saved_at = CASE WHEN response.sequence < excluded.sequence THEN excluded.saved_at ELSE response.saved_at END
    WHERE response.sequence < excluded.sequence
        OR (response.sequence = excluded.sequence AND response.answer = excluded.answer)
    RETURNING sitting_id, attempt_id, number, sequence, answer
)
SELECT j.number, j.reason, k.number IS NOT NULL AS kept, j.now, j.deadline_at, j.deadline_version
FROM judged j
LEFT JOIN kept k ON k.sitting_id = j.sitting_id AND k.attempt_id = j.attempt_id AND k.number = j.number
    AND k.sequence = j.sequence AND k.answer = j.answer
ORDER BY j.place
"""


class Change(NamedTuple):
    """One answer, in the letters that the candidate saw; `sequence` only grows within the attempt."""

    number: int
    answer: str
    sequence: int
    client_time: datetime


class SaveRequest(NamedTuple):
    sitting_id: UUID
    attempt_id: UUID
    epoch: int
    changes: Sequence[Change]


class ChangeOutcome(NamedTuple):
    number: int
    outcome: Outcome
    reason: str | None


class SaveReply(NamedTuple):
    """`deadline_at` is None while the clock is stopped."""

    outcomes: Sequence[ChangeOutcome]
    server_time: datetime
    deadline_at: datetime | None
    deadline_version: int


@dataclass(slots=True)
class _Waiting:
    request: SaveRequest
    reply: asyncio.Future[SaveReply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.monotonic)
    tries: int = 0


class SaveQueue:
    """The requests waiting for the next flush of this process; at most `limit` answers.

    `refused` counts by sitting the requests that were accepted and could then not be saved, until an incident tells it.
    """

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, limit: int) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._limit = limit
        self._waiting: deque[_Waiting] = deque()
        self._answers = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self.refused: Counter[UUID] = Counter()

    async def save(self, request: SaveRequest) -> SaveReply:
        """Returns after the commit.

        Raises Problem `lease_moved` (409) for an old lease, `save_queue_full` or `database_unavailable` (503 with
        Retry-After): then nothing is acknowledged, and the same changes may be sent again.
        """
        if self._closing or self._answers + len(request.changes) > self._limit:
            raise Problem("save_queue_full", headers=RETRY_AFTER)
        waiting = _Waiting(request)
        self._waiting.append(waiting)
        self._count(len(request.changes))
        self._arrived.set()
        reply = await waiting.reply
        self._metrics.save_seconds.observe(time.monotonic() - waiting.since)
        if any(outcome.reason == "lease_moved" for outcome in reply.outcomes):
            raise Problem("lease_moved")
        return reply

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Flushes while the block runs, and at its end what has been accepted."""
        flushing = asyncio.create_task(self._flush_forever())
        try:
            yield
        finally:
            self._closing = True
            self._arrived.set()
            await flushing

    async def _flush_forever(self) -> None:
        while not self._closing or self._waiting:
            connected = False
            try:
                async with self._database.raw_connection() as connection:
                    connected = True
                    await self._flush_on(connection)
            except Exception as error:
                self._metrics.failures.labels("save_flush").inc()
                log.error("save_flush_failed", error=type(error).__name__, sqlstate=sqlstate(error))
                if not connected:
                    self._refuse(self._take())
                await pause_about(RECONNECT_AFTER)

    async def _flush_on(self, connection: Any) -> None:
        while not self._closing or self._waiting:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._take():
                try:
                    await self._flush(connection, batch)
                except Exception as error:
                    self._put_back(batch) if is_worth_repeating(error) else self._refuse(batch)
                    self._arrived.set()
                    raise

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0].request.changes) <= FLUSH_LIMIT):
            batch.append(self._waiting.popleft())
            size += len(batch[-1].request.changes)
        self._count(-size)
        return batch

    def _count(self, answers: int) -> None:
        self._answers += answers
        self._metrics.queued_answers.inc(answers)

    async def _flush(self, connection: Any, batch: Sequence[_Waiting]) -> None:
        changes = [(waiting.request, change) for waiting in batch for change in waiting.request.changes]
        started = time.monotonic()
        rows = await connection.fetch(
            FLUSH,
            [request.sitting_id for request, _ in changes],
            [request.attempt_id for request, _ in changes],
            [request.epoch for request, _ in changes],
            [change.number for _, change in changes],
            [change.answer for _, change in changes],
            [change.sequence for _, change in changes],
            [change.client_time for _, change in changes],
            self._clock.fixed,
        )
        self._metrics.flush_seconds.observe(time.monotonic() - started)
        self._metrics.flush_answers.observe(len(rows))
        answers = iter(rows)
        busy = []
        for waiting in batch:
            own = [next(answers) for _ in waiting.request.changes]
            if any(row["reason"] == "busy" for row in own):
                busy.append(waiting)
                continue
            with suppress(asyncio.InvalidStateError):
                waiting.reply.set_result(_reply(own))
        self._defer(busy)
        if len(busy) == len(batch):
            await asyncio.sleep(BUSY_PAUSE)

    def _defer(self, busy: Sequence[_Waiting]) -> None:
        """Another command holds these attempts: they wait for the next flush, and nobody waits for them."""
        for waiting in busy:
            if time.monotonic() - waiting.since > BUSY_PATIENCE:
                self._refuse([waiting])
            else:
                self._waiting.append(waiting)
                self._count(len(waiting.request.changes))

    def _put_back(self, batch: Sequence[_Waiting]) -> None:
        """In front; but who has been tried often enough is refused."""
        for waiting in batch:
            waiting.tries += 1
        again = [waiting for waiting in batch if waiting.tries < TRIES]
        self._refuse([waiting for waiting in batch if waiting.tries == TRIES])
        self._waiting.extendleft(reversed(again))
        self._count(sum(len(waiting.request.changes) for waiting in again))

    def _refuse(self, batch: Sequence[_Waiting]) -> None:
        for waiting in batch:
            self.refused[waiting.request.sitting_id] += 1
            self._metrics.refused_saves.inc()
            if not waiting.reply.done():
                waiting.reply.set_exception(Problem("database_unavailable", headers=RETRY_AFTER))


def _reply(rows: Sequence[Any]) -> SaveReply:
    outcomes = [
        ChangeOutcome(
            row["number"],
            Outcome.rejected if row["reason"] else Outcome.saved if row["kept"] else Outcome.stale,
            row["reason"],
        )
        for row in rows
    ]
    last = rows[-1]
    return SaveReply(outcomes, last["now"], last["deadline_at"], last["deadline_version"] or 0)
