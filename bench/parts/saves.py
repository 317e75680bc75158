"""(c) Saves, and (a) the bare route under the same load right before each of them."""

import time
from collections.abc import Iterator
from uuid import UUID

from bench import wrk
from bench.bench import Bench
from bench.figures import Figure
from bench.hall import Hall, Stage
from bench.plan import Part
from bench.site import Served, Site, serving_bare

WARM_UP = 1
"""Seconds of load before each measured point."""

COUNT = "SELECT count(*) AS saved FROM response_history WHERE sitting_id = $1"
SETTLED = 0.5
"""Seconds without another row after which all that was sent has been saved."""


def measure(bench: Bench) -> Iterator[Figure]:
    for processes in bench.plan.processes:
        with bench.site("saves") as site:
            hall = bench.hall(site, bench.plan.savers, Stage.writing)
            with serving_bare(processes, bench.postgres) as bare, site.serving(processes) as served:
                first = 1
                for connections in bench.plan.connections:
                    yield bare_point(bench, bare, hall, connections)
                    figure, first = save_point(bench, site, served, hall, connections, first)
                    yield figure


def bare_point(bench: Bench, served: Served, hall: Hall, connections: int) -> Figure:
    """Limit 1 under the load of `hall`; added to the limits of the run."""
    tokens = [one.token for one in hall.seated]
    wrk.save(served.ports, tokens, hall.answers, connections, WARM_UP, 1)
    with served.meter.over() as spent:
        load = wrk.save(served.ports, tokens, hall.answers, connections, bench.plan.seconds, 1)
    if not load.calls:
        bench.faults.append(f"limit 1 on {connections} connections: no answer within {bench.plan.seconds} s")
    figure = Figure(
        part=Part.bare,
        what="bare",
        processes=len(served.ports),
        connections=connections,
        calls=load.calls,
        seconds=load.seconds,
        latency=load.latency,
        cpu=spent.with_generator(load.cpu),
        memory=served.meter.memory(),
        more={"lost": load.lost},
    )
    bench.limits.add_bare(figure)
    return bench.beside_limits(figure)


def save_point(
    bench: Bench, site: Site, served: Served, hall: Hall, connections: int, first: int, part: Part = Part.saves
) -> tuple[Figure, int]:
    """Saves of one answer each, with sequences from `first` on; the figure, and the next sequence that is free.

    What the generator was told is saved must be in the history, and nothing must be there that it has not sent.
    """
    tokens = [one.token for one in hall.seated]
    before = _settled(site, hall.sitting_id)
    warm = wrk.save(served.ports, tokens, hall.answers, connections, WARM_UP, first)
    _settled(site, hall.sitting_id)
    with served.meter.over() as spent:
        load = wrk.save(served.ports, tokens, hall.answers, connections, bench.plan.seconds, warm.last + 1)
    kept = _settled(site, hall.sitting_id) - before
    acknowledged, sent = warm.saved + load.saved, warm.sent + load.sent
    if not acknowledged <= kept <= sent:
        bench.faults.append(f"saves: {acknowledged} acknowledged, {kept} in the history, {sent} sent")
    if not load.calls:
        bench.faults.append(f"saves on {connections} connections: no answer within {bench.plan.seconds} s")
    bench.expect(f"saves refused (status {max(warm.status, load.status)})", warm.refused + load.refused, 0)
    figure = Figure(
        part=part,
        what="save",
        processes=len(served.ports),
        connections=connections,
        candidates=len(hall.seated),
        calls=load.saved,
        seconds=load.seconds,
        latency=load.latency,
        cpu=spent.with_generator(load.cpu),
        memory=served.meter.memory(),
        more={"acknowledged": acknowledged, "in_history": kept, "lost": load.lost},
    )
    return bench.beside_limits(figure), load.last + 1


def _settled(site: Site, sitting_id: UUID) -> int:
    """Rows of the history once no more are added: what was on the way when the generator stopped is saved by then."""
    count = -1
    while (now := int(site.postgres.fetch(site.database, COUNT, sitting_id)[0]["saved"])) != count:
        count = now
        time.sleep(SETTLED)
    return count
