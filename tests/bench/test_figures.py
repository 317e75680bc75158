"""Figures, their ratios to the limits, and what is said of them."""

from datetime import UTC, datetime

import pytest

from bench.figures import Cpu, Figure, Latency, Limits, latency_of
from bench.machine import Machine
from bench.parts.growth import curves
from bench.plan import Part
from bench.report import Report, markdown

MACHINE = Machine(
    processor="-",
    cores=2,
    memory_gib=4,
    file_system="ext4",
    kernel="6",
    python="3.11",
    packages={},
    commit="abc1234",
)


def figure(part: Part, *, calls: int, processes: int = 1, connections: int = 64, **others: object) -> Figure:
    data = {
        "part": part,
        "what": "save",
        "processes": processes,
        "connections": connections,
        "calls": calls,
        "seconds": 2.0,
        "latency": Latency(p50=1, p95=2, p99=3, longest=4),
        "cpu": Cpu(server=1.0, database=0.5, generator=0.25),
    }
    return Figure.model_validate(data | others)


def test_rate_and_cost_of_a_call() -> None:
    one = figure(Part.saves, calls=3000)
    assert one.rate == 1500
    assert one.cost == pytest.approx(500), "microseconds of server and database, without the generator"


def test_ratios_are_to_the_bare_route_under_the_same_load() -> None:
    limits = Limits(figure(Part.upserts, calls=20_000))
    for processes, connections, calls in ((1, 64, 1000), (1, 512, 2000), (2, 512, 4000)):
        limits.add_bare(figure(Part.bare, processes=processes, connections=connections, calls=calls))

    beside = limits.beside(figure(Part.saves, processes=1, connections=512, calls=1000))
    assert (beside.to_bare, beside.to_upsert) == (0.5, 0.05)
    beside = limits.beside(figure(Part.start_bell, processes=2, connections=5000, calls=1000))
    assert beside.to_bare == 0.25, "as many processes, the nearest number of connections"


def test_no_ratio_to_a_limit_that_was_not_measured() -> None:
    limits = Limits(figure(Part.upserts, calls=20_000))
    limits.add_bare(figure(Part.bare, calls=0))
    beside = limits.beside(figure(Part.saves, calls=1000))
    assert (beside.to_bare, beside.to_upsert) == (None, 0.05)


def test_latencies_are_milliseconds() -> None:
    told = latency_of([0.001 * (place + 1) for place in range(100)])
    assert [told.p50, told.p95, told.longest] == pytest.approx([50.5, 95.05, 100])
    assert latency_of([0.5]).p99 == 500
    with pytest.raises(ValueError, match="nothing"):
        latency_of([])


def test_curves_hold_all_else_equal() -> None:
    grown = [
        figure(Part.growth, calls=1000 // (1 + (stored > 10)), candidates=candidates, stored=stored)
        for stored in (10, 100)
        for candidates in (500, 2000)
    ]
    found = {(curve.by, curve.at): curve.exponent for curve in curves(grown)}
    assert found == {
        ("candidates", "10 stored"): pytest.approx(0),
        ("candidates", "100 stored"): pytest.approx(0),
        ("stored", "500 candidates"): pytest.approx(0.30103),
        ("stored", "2000 candidates"): pytest.approx(0.30103),
    }


def test_the_report_names_faults_and_every_part() -> None:
    text = markdown(
        Report(
            at=datetime(2027, 3, 6, tzinfo=UTC),
            plan="quick",
            seconds=100,
            machine=MACHINE,
            postgres={"fsync": "on"},
            figures=[figure(Part.bare, calls=10), figure(Part.saves, calls=5, more={"lost": 0})],
            curves=[],
            faults=["saves: 5 acknowledged, 4 in the history, 6 sent"],
        )
    )
    assert "4 in the history" in text
    assert [line[:6] for line in text.splitlines() if line.startswith("## ")] == ["## (a)", "## (c)"]
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1, "every row has all cells"
