"""What more candidates would need, from the costs of a measured exam."""

import pytest

from bench.figures import Cpu, Figure, Latency
from bench.plan import Part
from bench.scale import BUSY, Costs, NoSteadyExam, costs_of, needs_of, table


def steady(candidates: int, seconds: float, cpu: Cpu) -> Figure:
    more = {"wal_kib_per_candidate_hour": 200.0, "wire_kib_per_candidate_hour": 400.0, "memory_kib_per_connection": 8.0}
    return Figure(
        part=Part.steady,
        what="save",
        processes=2,
        connections=candidates,
        candidates=candidates,
        calls=1,
        seconds=seconds,
        latency=Latency(p50=1, p95=1, p99=1, longest=1),
        cpu=cpu,
        more=more,
    )


def test_costs_are_those_of_one_candidate_in_one_hour_of_the_largest_exam() -> None:
    figures = [
        steady(10, 60, Cpu(server=99, database=99, generator=0)),
        steady(1000, 360, Cpu(server=200, database=50, generator=7)),
    ]
    assert costs_of(figures) == Costs(server_cpu=2.0, database_cpu=0.5, wal_kib=200, wire_kib=400, memory_kib=8)


def test_without_a_steady_exam_nothing_is_said() -> None:
    with pytest.raises(NoSteadyExam):
        costs_of([])


def test_needs_are_costs_times_candidates() -> None:
    needs = needs_of(36_000, Costs(server_cpu=2.0, database_cpu=0.5, wal_kib=1024, wire_kib=1000, memory_kib=8))
    assert needs.requests_a_second == pytest.approx(36_000 / 20 + 36_000 / 15)
    assert (needs.server_cores, needs.database_cores) == (20 / BUSY, 5 / BUSY)
    assert (needs.primaries, needs.pooled, needs.sessions) == (1, 50, 800)
    assert needs.wal_mib_a_second == pytest.approx(10)
    assert needs.wire_mbit == pytest.approx(36_000 * 1_024_000 * 8 / 3600 / 1e6)


def test_the_table_has_a_column_a_size() -> None:
    lines = table(Costs(1, 1, 1, 1, 1), (10, 20)).splitlines()
    assert {line.count("|") for line in lines} == {4}
