"""What a rehearsal measures: the time of each call, and what went wrong on the wire."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict


class Latency(BaseModel):
    """Of one kind of call or sight, in milliseconds; of calls the answered tries only."""

    model_config = ConfigDict(frozen=True)

    calls: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Measures:
    """`errors` counts refusals by problem code and lost connections by their kind; `acts` by the action of its audit
    event what staff did and a server acknowledged."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.retries = 0
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def answered(self, call: str, seconds: float) -> None:
        self._seconds[call].append(seconds)

    def latencies(self) -> dict[str, Latency]:
        return {call: latency(times) for call, times in sorted(self._seconds.items())}


def latency(seconds: Sequence[float]) -> Latency:
    """Of at least one."""
    cuts = quantiles_ms(seconds)
    return Latency(calls=len(seconds), p50_ms=cuts[50], p95_ms=cuts[95], p99_ms=cuts[99], max_ms=cuts[100])


def quantiles_ms(seconds: Sequence[float]) -> list[float]:
    """The 0th to 100th percentiles in milliseconds, of at least one."""
    cuts = statistics.quantiles([*seconds, *seconds] if len(seconds) == 1 else seconds, n=100, method="inclusive")
    return [round(1000 * value, 1) for value in (min(seconds), *cuts, max(seconds))]
