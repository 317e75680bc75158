"""The figures of a run, and their ratios to the limits measured beside them."""

import statistics
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from bench.plan import Part


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Latency(_Shape):
    """Milliseconds."""

    p50: float
    p95: float
    p99: float
    longest: float


class Cpu(_Shape):
    """CPU seconds, user and system, of all processes of each kind together.

    `others` is what else the machine did meanwhile: where it is much, the figure says little.
    """

    server: float
    database: float
    generator: float
    others: float = 0.0

    @property
    def total(self) -> float:
        """Without the others."""
        return self.server + self.database + self.generator


class Memory(_Shape):
    """MiB: the largest server process at its peak; the database's share, its shared buffers counted once."""

    server: float
    database: float


class Figure(_Shape):
    """One measured point. `calls` are answered requests (or transactions), `seconds` what they took together.

    `to_bare` and `to_upsert` are its rate divided by that of limit 1 (as many processes, as near in connections as
    measured) and of limit 2. `more` holds what only this part has, with the unit in its name.
    """

    part: Part
    what: str
    processes: int
    connections: int
    candidates: int = 0
    stored: int = 0
    calls: int
    seconds: float
    latency: Latency
    cpu: Cpu
    memory: Memory | None = None
    to_bare: float | None = None
    to_upsert: float | None = None
    more: dict[str, float] = {}

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    @property
    def cost(self) -> float:
        """CPU microseconds of server and database for one call."""
        return 1e6 * (self.cpu.server + self.cpu.database) / max(1, self.calls)

    def label(self) -> str:
        """What distinguishes it within its part."""
        return f"{self.what} · {self.processes}p · {self.connections}c"


class Limits:
    """The limits of this run, as far as they are measured."""

    def __init__(self, upserts: Figure) -> None:
        self.upserts = upserts
        self._bare: list[Figure] = []

    def add_bare(self, bare: Figure) -> None:
        self._bare.append(bare)

    def beside(self, figure: Figure) -> Figure:
        """The figure with its ratios."""
        bare = nearest_bare(self._bare, figure.processes, figure.connections)
        ratios = {"to_bare": _ratio(figure, bare), "to_upsert": _ratio(figure, self.upserts)}
        return figure.model_copy(update=ratios)


def nearest_bare(bare: Sequence[Figure], processes: int, connections: int) -> Figure:
    """The last one of so many processes, else of the nearest number, and then of the nearest number of connections."""
    return min(reversed(bare), key=lambda one: (abs(one.processes - processes), abs(one.connections - connections)))


def _ratio(figure: Figure, limit: Figure) -> float | None:
    """None where the limit itself was not reached at all, on a machine that had no time for it."""
    return figure.rate / limit.rate if limit.calls else None


def latency_of(seconds: Sequence[float]) -> Latency:
    """Raises ValueError when nothing was measured."""
    if not seconds:
        raise ValueError("nothing was measured")
    cuts = statistics.quantiles([*seconds, *seconds] if len(seconds) == 1 else seconds, n=100, method="inclusive")
    return Latency(p50=1000 * cuts[49], p95=1000 * cuts[94], p99=1000 * cuts[98], longest=1000 * max(seconds))
