"""Heartbeats: the sign of life that every client gives all the time; one statement reads for all that arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core.batching import Batcher, Outcome
from app.core.context import Context
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain.states import AttemptState

BATCH = 1000

READ = text("""
SELECT a.id, a.state, a.lease_epoch, a.deadline_at, a.deadline_version,
    coalesce(CAST(:fixed AS timestamptz), clock_timestamp()) AS now
FROM unnest(CAST(:sittings AS uuid[]), CAST(:attempts AS uuid[])) AS asked (sitting_id, attempt_id)
JOIN attempt a ON a.sitting_id = asked.sitting_id AND a.id = asked.attempt_id
""")


@dataclass(frozen=True)
class Standing:
    """How an attempt stands at `now`; `deadline_at` is None before the start and while the clock is stopped."""

    state: AttemptState
    deadline_at: datetime | None
    deadline_version: int
    now: datetime


class Heartbeats:
    """The heartbeats of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batcher: Batcher[CandidateClaims, Standing] = Batcher(self._read_together, BATCH)
        self.running = self._batcher.running

    async def beat(self, claims: CandidateClaims) -> Standing:
        """Raises Problem `lease_moved` (409) for an old lease, `invalid_token` (401), `database_unavailable` (503)."""
        return await self._batcher.ask(claims)

    async def _read_together(self, asked: Sequence[CandidateClaims]) -> list[Outcome[Standing]]:
        parameters = {
            "sittings": [claims.sitting_id for claims in asked],
            "attempts": [claims.attempt_id for claims in asked],
            "fixed": self._context.clock.fixed,
        }
        async with self._context.database.transaction() as session:
            rows = {row.id: row for row in await session.execute(READ, parameters)}
        return [_standing(rows, claims) for claims in asked]


def _standing(rows: dict[UUID, Any], claims: CandidateClaims) -> Outcome[Standing]:
    row = rows.get(claims.attempt_id)
    if row is None:
        return Problem("invalid_token")
    if row.lease_epoch != claims.epoch:
        return Problem("lease_moved")
    return Standing(AttemptState(row.state), row.deadline_at, row.deadline_version, row.now)
