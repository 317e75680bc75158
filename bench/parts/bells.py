"""(d) Login storm, (e) start bell, (f) end bell: everybody wants the same within one second."""

import asyncio
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg

from bench.bench import Bench
from bench.crowd.plan import Bell, Call, Member, Told, http_request
from bench.crowd.scenes import WHOLE
from bench.crowds import gathered
from bench.figures import Figure, latency_of
from bench.hall import DEVICE, DURATION, Hall, Seated, Stage
from bench.plan import Part
from bench.site import Served, Site
from bench.spending import Spent

SPREAD = 1.0
GRACE = timedelta(seconds=2)
PREPARING = 2.0
"""Seconds from setting the deadlines to the end bell."""

POLLED_EVERY = 0.1
END_PATIENCE = 300.0

ANSWER_ALL = """
INSERT INTO response (sitting_id, attempt_id, number, answer, sequence, client_time, saved_at)
SELECT a.sitting_id, a.id, n, ($2::text[])[n], n, now(), now()
FROM attempt a CROSS JOIN generate_series(1, cardinality($2::text[])) AS n
WHERE a.sitting_id = $1
ON CONFLICT DO NOTHING
"""
LAST_SEQUENCES = "SELECT attempt_id, max(sequence) AS last FROM response WHERE sitting_id = $1 GROUP BY attempt_id"
MOVE_START = "UPDATE sitting SET starts_at = $2 WHERE id = $1"
MOVE_END = "UPDATE attempt SET deadline_at = $2, deadline_version = deadline_version + 1 WHERE sitting_id = $1"
STATES = "SELECT count(*) AS count FROM attempt WHERE sitting_id = $1 AND state = $2"
UNDONE = """
SELECT count(*) FILTER (WHERE state = 'in_progress') AS open, count(*) FILTER (WHERE grading_needed) AS ungraded
FROM attempt WHERE sitting_id = $1
"""
MADE = """
SELECT (SELECT count(*) FROM receipt WHERE sitting_id = $1) AS receipts,
    (SELECT count(*) FROM grading_run WHERE sitting_id = $1) AS runs,
    (SELECT count(*) FROM attempt WHERE sitting_id = $1 AND submitted_by = 'deadline') AS by_clock
"""


def measure_logins(bench: Bench) -> Iterator[Figure]:
    with bench.site("logins") as site:
        hall = bench.hall(site, bench.plan.logins, Stage.checked_in)
        with site.serving(bench.plan.crowd_processes) as served:
            members = _members(served, hall.seated, partial(_only, _login))
            told, spent = _ring(served, members)
            figure = _figure(Part.logins, "log in", served, hall, told, spent)
    bench.expect("logins answered", len(told.waits.get("log_in", ())), len(hall.seated))
    yield bench.beside_limits(figure)


def measure_start(bench: Bench) -> Iterator[Figure]:
    with bench.site("start") as site:
        clear, sealed = (bench.hall(site, bench.plan.bell, Stage.ready) for _ in range(2))
        with site.serving(bench.plan.crowd_processes) as served:
            yield start_bell(bench, site, served, clear)
            yield from sealed_start_bell(bench, site, served, sealed)


def measure_end(bench: Bench) -> Iterator[Figure]:
    with bench.site("end") as site:
        hall = bench.hall(site, bench.plan.bell, Stage.writing, GRACE)
        with site.serving(bench.plan.crowd_processes) as served:
            yield end_bell(bench, site, served, hall)


def start_bell(bench: Bench, site: Site, served: Served, hall: Hall, part: Part = Part.start_bell) -> Figure:
    """All who are `ready` start and fetch their paper; over when the last one has it."""

    def calls(one: Seated) -> list[Call]:
        return [_call("start", "POST", "/exam/start", one), _call("paper", "GET", "/exam/paper", one)]

    told, spent = _ring(served, _members(served, hall.seated, calls))
    bench.expect("papers answered", len(told.waits.get("paper", ())), len(hall.seated))
    _expect_started(bench, site, hall)
    return bench.beside_limits(_figure(part, "start", served, hall, told, spent))


def sealed_start_bell(bench: Bench, site: Site, served: Served, hall: Hall) -> Iterator[Figure]:
    """All who are `ready` fetch their sealed paper while they wait; then all start, which gives them its key."""
    for what, call in (
        ("fetch sealed", partial(_call, "sealed_paper", "GET", "/exam/sealed-paper")),
        ("start sealed", partial(_call, "start", "POST", "/exam/start")),
    ):
        told, spent = _ring(served, _members(served, hall.seated, partial(_only, call)))
        bench.expect(f"{what} answered", len(told.waits.get(WHOLE, ())), len(hall.seated))
        yield bench.beside_limits(_figure(Part.start_bell, what, served, hall, told, spent))
    _expect_started(bench, site, hall)


def end_bell(bench: Bench, site: Site, served: Served, hall: Hall, part: Part = Part.end_bell) -> Figure:
    """All answers are there and all time ends in one second: every other candidate hands in then, the clock ends the
    rest after the grace; over when the last is graded."""
    fetch = site.postgres.fetch
    fetch(site.database, ANSWER_ALL, hall.sitting_id, [pair[0] for pair in hall.answers])
    fetch(site.database, "VACUUM ANALYZE")
    last = {row["attempt_id"]: row["last"] for row in fetch(site.database, LAST_SEQUENCES, hall.sitting_id)}

    def calls(one: Seated) -> list[Call]:
        return [_call("submit", "POST", "/exam/submit", one, json.dumps({"last_sequence": last[one.attempt_id]}))]

    with gathered(Bell(_members(served, hall.seated[::2], calls), SPREAD)) as crowd:
        due = float(math.ceil(time.time() + PREPARING))
        end = datetime.fromtimestamp(due, UTC)
        fetch(site.database, MOVE_START, hall.sitting_id, end - DURATION)
        fetch(site.database, MOVE_END, hall.sitting_id, end)
        with served.meter.over() as spent:
            crowd.send_off(due)
            closed, graded = asyncio.run(_watch_the_end(site, hall.sitting_id, due))
            told = crowd.told()
    made = fetch(site.database, MADE, hall.sitting_id)[0]
    bench.expect("receipts", made["receipts"], len(hall.seated))
    bench.expect("grading runs", made["runs"], len(hall.seated))
    figure = _figure(part, "end", served, hall, told, spent)
    more = figure.more | {
        "grace_s": GRACE.total_seconds(),
        "closed_s": closed,
        "graded_s": graded,
        "ended_by_clock": made["by_clock"],
    }
    whole = {"calls": len(hall.seated), "seconds": max(graded, told.ended - due), "more": more}
    return bench.beside_limits(figure.model_copy(update=whole))


async def _watch_the_end(site: Site, sitting_id: UUID, due: float) -> tuple[float, float]:
    """Seconds after the bell when nobody writes any more, and when all are graded. Raises TimeoutError."""
    connection = await asyncpg.connect(site.postgres.address(site.database).replace("+asyncpg", ""))
    closed: float | None = None
    try:
        async with asyncio.timeout(END_PATIENCE):
            while True:
                row = await connection.fetchrow(UNDONE, sitting_id)
                passed = time.time() - due
                if closed is None and row["open"] == 0:
                    closed = passed
                if closed is not None and row["ungraded"] == 0:
                    return closed, passed
                await asyncio.sleep(POLLED_EVERY)
    finally:
        await connection.close()


def _expect_started(bench: Bench, site: Site, hall: Hall) -> None:
    started = site.postgres.fetch(site.database, STATES, hall.sitting_id, "in_progress")[0]["count"]
    bench.expect("attempts started", started, len(hall.seated))


def _ring(served: Served, members: list[Member]) -> tuple[Told, Spent]:
    with gathered(Bell(members, SPREAD)) as crowd, served.meter.over() as spent:
        crowd.send_off()
        told = crowd.told()
    return told, spent


def _members(served: Served, seated: Sequence[Seated], calls: Callable[[Seated], list[Call]]) -> list[Member]:
    """Each talks to one server process, as many to each."""
    return [Member(served.ports[place % len(served.ports)], calls(one)) for place, one in enumerate(seated)]


def _figure(part: Part, what: str, served: Served, hall: Hall, told: Told, spent: Spent) -> Figure:
    more = {f"{name}_p99_ms": latency_of(times).p99 for name, times in told.waits.items() if name != WHOLE}
    refused = {f"refused_{status}": float(count) for status, count in told.refusals.items()}
    return Figure(
        part=part,
        what=what,
        processes=len(served.ports),
        connections=told.connects,
        candidates=len(hall.seated),
        calls=sum(len(times) for name, times in told.waits.items() if name != WHOLE),
        seconds=told.ended - told.began,
        latency=latency_of(told.waits[WHOLE]),
        cpu=spent.with_generator(told.cpu),
        memory=served.meter.memory(),
        more=more | refused | {"retries": told.retries, "lost": told.lost, "late_s": told.late},
    )


def _only(call: Callable[[Seated], Call], one: Seated) -> list[Call]:
    return [call(one)]


def _login(one: Seated) -> Call:
    login = {"ticket_number": one.ticket_number, "id_number": one.id_number, "device_id": DEVICE}
    return Call("log_in", http_request("POST", "/exam/login", body=json.dumps(login)))


def _call(name: str, method: str, path: str, one: Seated, body: str | None = None) -> Call:
    return Call(name, http_request(method, path, one.token, body))
