"""`python -m bench.scale REPORT`: what a number of candidates at once needs, multiplied from part (h) of a report.

A prediction, not a measurement: it takes for granted that costs grow as the number of candidates does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.core.settings import Settings
from bench.figures import Figure
from bench.parts.writing import EVENT_EVERY, SAVE_EVERY
from bench.plan import Part
from bench.report import Report

SIZES = (1_000, 100_000, 5_000_000)
BUSY = 0.5
"""Of a core, on average, so that bells and the loss of a machine have room."""

PRIMARY_CORES = 32
"""Of the machine of one PostgreSQL primary."""

POOLED = 50
"""Connections with one primary, `default_pool_size` and `reserve_pool_size` of PgBouncer."""

STORED_KIB = 100.0
"""That a candidate's sitting leaves in the database, indexes included."""

KIB_OF_GIB = 1024 * 1024


@dataclass(frozen=True)
class Costs:
    """Of one candidate: CPU seconds and KiB an hour, KiB of memory while connected."""

    server_cpu: float
    database_cpu: float
    wal_kib: float
    wire_kib: float
    memory_kib: float


@dataclass(frozen=True)
class Needs:
    """Averages over a steady exam; cores are at most `BUSY` busy. `sessions` are with the database without PgBouncer,
    as many as the processes may open, `pooled` with it."""

    candidates: int
    requests_a_second: float
    server_cores: int
    database_cores: int
    primaries: int
    sessions: int
    pooled: int
    wire_mbit: float
    wal_mib_a_second: float
    memory_gib: float
    stored_gib: float


class NoSteadyExam(Exception):
    """The report is of a run without part (h)."""


def costs_of(figures: Sequence[Figure]) -> Costs:
    """From the largest steady exam. Raises NoSteadyExam."""
    steady = [figure for figure in figures if figure.part is Part.steady]
    if not steady:
        raise NoSteadyExam
    figure = max(steady, key=lambda one: one.candidates)
    hours = figure.candidates * figure.seconds / 3600
    return Costs(
        server_cpu=figure.cpu.server / hours,
        database_cpu=figure.cpu.database / hours,
        wal_kib=figure.more["wal_kib_per_candidate_hour"],
        wire_kib=figure.more["wire_kib_per_candidate_hour"],
        memory_kib=figure.more["memory_kib_per_connection"],
    )


def needs_of(candidates: int, costs: Costs) -> Needs:
    server_cores = math.ceil(candidates * costs.server_cpu / 3600 / BUSY)
    database_cores = math.ceil(candidates * costs.database_cpu / 3600 / BUSY)
    primaries = math.ceil(database_cores / PRIMARY_CORES)
    return Needs(
        candidates=candidates,
        requests_a_second=candidates * (1 / SAVE_EVERY + 1 / EVENT_EVERY),
        server_cores=server_cores,
        database_cores=database_cores,
        primaries=primaries,
        sessions=server_cores * 2 * Settings.model_fields["pool_size"].default,
        pooled=primaries * POOLED,
        wire_mbit=candidates * costs.wire_kib * 1024 * 8 / 3600 / 1e6,
        wal_mib_a_second=candidates * costs.wal_kib / 1024 / 3600,
        memory_gib=candidates * costs.memory_kib / KIB_OF_GIB,
        stored_gib=candidates * STORED_KIB / KIB_OF_GIB,
    )


ROWS = (
    ("请求 Requests /s", "requests_a_second"),
    ("服务核数＝进程数 Cores of servers = processes", "server_cores"),
    ("数据库核数 Cores of databases", "database_cores"),
    ("主库数 Primaries", "primaries"),
    ("数据库连接（无 PgBouncer） Sessions without PgBouncer", "sessions"),
    ("数据库连接（有 PgBouncer） Sessions with PgBouncer", "pooled"),
    ("网络 Wire Mbit/s", "wire_mbit"),
    ("WAL MiB/s", "wal_mib_a_second"),
    ("连接所占内存 Memory of connections GiB", "memory_gib"),
    ("一场次存储 Stored of one sitting GiB", "stored_gib"),
)


def table(costs: Costs, sizes: Sequence[int] = SIZES) -> str:
    """Markdown."""
    needs = [needs_of(size, costs) for size in sizes]
    lines = [
        "| 同时考生 Candidates at once | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "| --- |" + " ---: |" * len(sizes),
    ]
    for title, name in ROWS:
        lines.append(f"| {title} | " + " | ".join(_number(getattr(one, name)) for one in needs) + " |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.1f}" if value < 10 and not isinstance(value, int) else f"{value:,.0f}"


def main(report: Annotated[Path, typer.Argument(exists=True, help="report.json")]) -> None:
    """按实测成本推算规模 What more candidates would need. See docs/scale.md."""
    read = Report.model_validate_json(report.read_text(encoding="utf-8"))
    try:
        costs = costs_of(read.figures)
    except NoSteadyExam:
        typer.echo("报告中没有 (h) 平稳考试 The report has no part (h)", err=True)
        raise typer.Exit(1) from None
    typer.echo(table(costs))


if __name__ == "__main__":
    typer.run(main)
