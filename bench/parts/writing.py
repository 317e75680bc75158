"""(g) Stream fan-out and (h) steady exam: candidates who write in their rhythm."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bench.bench import Bench
from bench.crowd.plan import Reader, Told, Writer, Writing, http_request
from bench.crowds import gathered
from bench.figures import Figure, latency_of
from bench.hall import Hall, Stage
from bench.plan import Part
from bench.site import Served
from bench.spending import Spent

SAVE_EVERY = 20.0
EVENT_EVERY = 15.0
WATCHED_SAVE_EVERY = 2.0
LINGER = 3.0
"""Seconds after the last save in which a board must have shown it."""

WAL = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes"


def measure_fan_out(bench: Bench) -> Iterator[Figure]:
    plan = bench.plan
    with bench.site("fan_out") as site:
        hall = bench.hall(site, plan.watched, Stage.writing)
        with site.serving(plan.crowd_processes) as served:
            readers = _readers(served, hall)
            writing = _writing(served, hall, WATCHED_SAVE_EVERY, EVENT_EVERY, plan.watched_seconds, readers)
            told, spent = _play(served, writing)
            figure = _figure(Part.fan_out, "row on stream", served, hall, told, spent)
    shown, missed = delays(told.acked, told.shown)
    _expect_all(bench, told)
    bench.expect("saves that a stream did not show", missed, 0)
    more = figure.more | {"streams": len(readers), "rows_shown": len(told.shown)}
    changes = {"latency": latency_of(shown), "more": more}
    yield bench.beside_limits(figure.model_copy(update=changes))


def measure_steady(bench: Bench) -> Iterator[Figure]:
    plan = bench.plan
    with bench.site("steady") as site:
        hall = bench.hall(site, plan.steady, Stage.writing)
        with site.serving(plan.crowd_processes) as served:
            empty = served.meter.memory().server
            written = site.postgres.fetch(site.database, WAL)[0]["bytes"]
            writing = _writing(served, hall, SAVE_EVERY, EVENT_EVERY, plan.steady_seconds, [])
            told, spent = _play(served, writing)
            written = site.postgres.fetch(site.database, WAL)[0]["bytes"] - written
            figure = _figure(Part.steady, "save", served, hall, told, spent)
            full = served.meter.memory().server
    _expect_all(bench, told)
    hours = plan.steady * figure.seconds / 3600
    each = plan.steady / plan.crowd_processes
    more = figure.more | {
        "reconnects": told.connects - len(hall.seated),
        "event_p99_ms": latency_of(told.waits["event"]).p99,
        "cpu_s_per_candidate_hour": figure.cpu.total / hours,
        "cores_busy": figure.cpu.total / figure.seconds,
        "wal_kib_per_candidate_hour": float(written) / 1024 / hours,
        "wire_kib_per_candidate_hour": (told.bytes_sent + told.bytes_received) / 1024 / hours,
        "memory_kib_per_connection": 1024 * (full - empty) / each,
    }
    yield bench.beside_limits(figure.model_copy(update={"more": more}))


def delays(
    acked: Sequence[tuple[float, str, int]], shown: Sequence[tuple[int, float, str, int]]
) -> tuple[list[float], int]:
    """Seconds from each acknowledged save to the first row that counts it, for each reader of its room; and how many
    were never shown. A row that was there before the acknowledgement took no time.

    `acked` and `shown` as in `Told`; a reader is one of an attempt's room when it was shown the attempt at all.
    """
    rows: dict[str, dict[int, tuple[list[int], list[float]]]] = defaultdict(dict)
    for reader, moment, attempt, answered in sorted(shown, key=lambda row: row[1]):
        counts, moments = rows[attempt].setdefault(reader, ([], []))
        if not counts or answered > counts[-1]:
            counts.append(answered)
            moments.append(moment)
    waited, missed = [], 0
    for moment, attempt, saved in acked:
        readers = rows.get(attempt, {}).values()
        missed += not readers
        for counts, moments in readers:
            place = bisect_left(counts, saved)
            if place == len(counts):
                missed += 1
            else:
                waited.append(max(0.0, moments[place] - moment))
    return waited, missed


def _writing(
    served: Served, hall: Hall, save_every: float, event_every: float, seconds: float, readers: list[Reader]
) -> Writing:
    ports = served.ports
    return Writing(
        writers=[
            Writer(ports[place % len(ports)], str(one.attempt_id), one.token) for place, one in enumerate(hall.seated)
        ],
        readers=readers,
        answers=[list(pair) for pair in hall.answers],
        save_every=save_every,
        event_every=event_every,
        seconds=seconds,
        linger=LINGER if readers else 0.0,
    )


def _readers(served: Served, hall: Hall) -> list[Reader]:
    """Two proctors of each room, at different server processes if there are several."""
    return [
        Reader(
            served.ports[place % len(served.ports)],
            http_request("GET", f"/proctor/rooms/{room_id}/stream", token, accept="text/event-stream"),
        )
        for room_id, tokens in hall.proctors.items()
        for place, token in enumerate(tokens)
    ]


def _play(served: Served, writing: Writing) -> tuple[Told, Spent]:
    with gathered(writing) as crowd, served.meter.over() as spent:
        crowd.send_off()
        told = crowd.told()
    return told, spent


def _expect_all(bench: Bench, told: Told) -> None:
    bench.expect("saves acknowledged as saved", told.saved, len(told.waits["save"]))
    bench.expect("calls refused", sum(told.refusals.values()), 0)
    bench.expect("calls lost", told.lost, 0)


def _figure(part: Part, what: str, served: Served, hall: Hall, told: Told, spent: Spent) -> Figure:
    return Figure(
        part=part,
        what=what,
        processes=len(served.ports),
        connections=told.connects,
        candidates=len(hall.seated),
        calls=sum(map(len, told.waits.values())),
        seconds=told.ended - told.began,
        latency=latency_of(told.waits["save"]),
        cpu=spent.with_generator(told.cpu),
        memory=served.meter.memory(),
        more={"retries": told.retries, "late_s": told.late},
    )
