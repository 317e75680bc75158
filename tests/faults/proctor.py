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


class Proctor:
    """`granted` has the seconds that each attempt was confirmed to have been given."""

    def __init__(self, hall: Hall, wire: Wire, source: random.Random) -> None:
        self.granted: Counter[UUID] = Counter()
        self._hall = hall
        self._wire = wire
        self._wire.headers = hall.proctor
        self._source = source

    async def act(self) -> None:
        """Gives somebody EXTRA, or stops somebody's clock for a moment; whoever is done already is left alone."""
        attempt = self._source.choice(self._hall.seated).attempt_id
        if self._source.random() < 0.5:
            await self.grant(EXTRA, [attempt])
        elif await self._done(attempt, "interrupt", {"reason": Reason.technical_device}):
            assert await self._done(attempt, "resume", {})

    async def grant(self, extra: timedelta, chosen: list[UUID] | None = None) -> None:
        """To all who write, unless some are chosen."""
        seconds = int(extra.total_seconds())
        command = {"command": "grant", "attempts": chosen and [str(one) for one in chosen], "extra_seconds": seconds}
        command |= {"reason": Reason.candidate_accommodation}
        answer = await self._wire.call("POST", f"/proctor/rooms/{self._hall.room_id}/commands", command)
        assert answer.is_success, answer.text
        self.granted.update(
            {UUID(outcome["attempt_id"]): seconds for outcome in answer.json()["outcomes"] if outcome["done"]}
        )

    async def _done(self, attempt: UUID, command: str, body: dict[str, Any]) -> bool:
        answer = await self._wire.call("POST", f"/proctor/attempts/{attempt}/{command}", body)
        assert answer.status_code in (200, 409), answer.text
        return answer.is_success
