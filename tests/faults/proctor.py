"""A proctor under faults: gives time and stops clocks, and remembers what was confirmed."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.reasons import Reason
from tests.faults.wire import Wire
from tests.halls import Hall

EXTRA = timedelta(seconds=3)
REASON_TO_GRANT, REASON_TO_STOP = Reason.candidate_accommodation, Reason.technical_device


class Proctor:
    """`granted` has the seconds that each attempt was confirmed to have been given."""

    def __init__(self, hall: Hall, wire: Wire, source: random.Random) -> None:
        self.granted: Counter[UUID] = Counter()
        self._hall = hall
        self._wire = wire
        self._source = source

    async def act(self) -> None:
        """Gives somebody EXTRA, or stops somebody's clock for a moment; whoever is done already is left alone."""
        self._wire.headers = self._hall.proctor
        attempt = self._source.choice(self._hall.seated).attempt_id
        if self._source.random() < 0.5:
            await self._grant(attempt)
        elif await self._done(attempt, "interrupt", {"reason": REASON_TO_STOP}):
            assert await self._done(attempt, "resume", {})

    async def _grant(self, attempt: UUID) -> None:
        seconds = int(EXTRA.total_seconds())
        if await self._done(attempt, "grants", {"extra_seconds": seconds, "reason": REASON_TO_GRANT}):
            self.granted[attempt] += seconds

    async def _done(self, attempt: UUID, command: str, body: dict[str, Any]) -> bool:
        answer = await self._wire.call("POST", f"/proctor/attempts/{attempt}/{command}", body)
        assert answer.status_code in (200, 409), answer.text
        return answer.is_success
