"""What a rehearsal measures: the time of each call, and what went wrong on the wire."""

import statistics
from collections import Counter, defaultdict

from pydantic import BaseModel, ConfigDict


class Latency(BaseModel):
    """Of one kind of call, in milliseconds, of answered tries only."""

    model_config = ConfigDict(frozen=True)

    calls: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Measures:
    """`errors` counts refusals by problem code and lost connections by their kind."""

    def __init__(self) -> None:
        self.errors: Counter[str] = Counter()
        self.retries = 0
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def answered(self, call: str, seconds: float) -> None:
        self._seconds[call].append(seconds)

    def latencies(self) -> dict[str, Latency]:
        return {call: _latency(times) for call, times in sorted(self._seconds.items())}


def _latency(seconds: list[float]) -> Latency:
    cuts = statistics.quantiles(seconds * 2 if len(seconds) == 1 else seconds, n=100, method="inclusive")
    p50, p95, p99, longest = (round(1000 * value, 1) for value in (cuts[49], cuts[94], cuts[98], max(seconds)))
    return Latency(calls=len(seconds), p50_ms=p50, p95_ms=p95, p99_ms=p99, max_ms=longest)
