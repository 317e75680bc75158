"""What a stretch of a run costs: CPU of servers, database and generator apart."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench import usage
from bench.figures import Cpu, Memory


@dataclass
class Spent:
    """CPU seconds; filled when the block ends."""

    server: float = 0.0
    database: float = 0.0
    machine: float = 0.0

    def with_generator(self, seconds: float) -> Cpu:
        others = max(0.0, self.machine - self.server - self.database - seconds)
        return Cpu(server=self.server, database=self.database, generator=seconds, others=others)


@dataclass(frozen=True)
class Meter:
    """Reads these processes, each with all below it."""

    servers: Sequence[int]
    database: Sequence[int]

    @contextmanager
    def over(self) -> Iterator[Spent]:
        spent = Spent()
        before = Spent(usage.cpu_seconds(self.servers), usage.cpu_seconds(self.database), usage.machine_seconds())
        try:
            yield spent
        finally:
            spent.server = usage.cpu_seconds(self.servers) - before.server
            spent.database = usage.cpu_seconds(self.database) - before.database
            spent.machine = usage.machine_seconds() - before.machine

    def memory(self) -> Memory:
        return Memory(server=usage.peak_mib(self.servers), database=usage.proportional_mib(self.database))


@dataclass
class Children:
    seconds: float = 0.0


@contextmanager
def own_children() -> Iterator[Children]:
    """CPU seconds of the children of this process that are waited for inside the block."""
    children = Children()
    before = _waited_for()
    try:
        yield children
    finally:
        children.seconds = _waited_for() - before


def _waited_for() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
