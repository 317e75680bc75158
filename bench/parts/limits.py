"""(a) and (b): what the machine can do."""

from collections.abc import Iterator

from bench.bench import Bench
from bench.figures import Figure
from bench.hall import Stage
from bench.parts.saves import bare_point
from bench.site import serving_bare

CONNECTIONS = 512


def measure_bare(bench: Bench) -> Iterator[Figure]:
    """Limit 1 as the crowds' parts are compared with; saves measure their own beside them."""
    with bench.site("bare") as site:
        hall = bench.hall(site, 100, Stage.writing)
    with serving_bare(bench.plan.crowd_processes, bench.postgres) as served:
        yield bare_point(bench, served, hall, CONNECTIONS)
