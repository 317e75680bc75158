"""How often each candidate's client calls this process; kept in memory only, since a restart may forget it."""

import math
from datetime import datetime
from uuid import UUID

from app.core.clock import Clock
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain.request_rate import RequestRate

KEPT = 10_000
"""Clients remembered before those are forgotten that owe no pause."""


class RequestRates:
    """Per attempt and lease, so that a device that was released does not slow down the one that followed it."""

    def __init__(self, rate: RequestRate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._due: dict[tuple[UUID, int], datetime] = {}

    def admit(self, claims: CandidateClaims) -> None:
        """Counts a request before anything is done for it. Raises Problem `too_many_requests` (429, Retry-After)."""
        now = self._clock.host_now()
        client = (claims.attempt_id, claims.epoch)
        if len(self._due) >= KEPT and client not in self._due:
            self._due = {one: due for one, due in self._due.items() if due > now}
        self._due[client], wait = self._rate.admit(self._due.get(client), now)
        if wait:
            seconds = math.ceil(wait.total_seconds())
            raise Problem("too_many_requests", seconds=seconds, headers={"Retry-After": str(seconds)})
