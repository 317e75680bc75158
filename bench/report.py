"""The report of a run: JSON for programs, Markdown for people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bench.figures import Figure
from bench.machine import Machine
from bench.parts.growth import Curve
from bench.plan import TITLES, Part

HEADERS = (
    "项目 What",
    "考生 Candidates",
    "进程 Processes",
    "连接 Connections",
    "历史答案 Stored",
    "次数 Calls",
    "秒 s",
    "每秒 /s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "÷界限一 Limit 1",
    "÷界限二 Limit 2",
    "CPU 服务 Server s",
    "CPU 数据库 Database s",
    "CPU 压测 Generator s",
    "CPU 其他 Others s",
    "µs/次 a call",
    "内存 Server MiB",
)


class Report(BaseModel):
    """`faults` are what must not be, such as an acknowledged save that is not stored: the run failed."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    plan: str
    seconds: float
    machine: Machine
    postgres: dict[str, str]
    figures: Sequence[Figure]
    curves: Sequence[Curve]
    faults: Sequence[str]


def markdown(report: Report) -> str:
    """A table for each part."""
    machine = report.machine
    lines = [
        f"# 压力测试 Load tests: {report.at:%Y-%m-%d %H:%M} UTC, {machine.commit}",
        "",
        f"- 规模 Plan: {report.plan}，{report.seconds:.0f} s",
        f"- 机器 Machine: {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, {machine.file_system}, "
        f"Linux {machine.kernel}",
        f"- Python {machine.python}, " + ", ".join(f"{name} {version}" for name, version in machine.packages.items()),
        "- PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in report.postgres.items()),
        "",
        "压测程序、服务与数据库同在这台机器上。Generator, service and database share this machine.",
        "",
    ]
    if report.faults:
        lines += ["**失败 Failed**", "", *(f"- {fault}" for fault in report.faults), ""]
    for part in Part:
        if own := [figure for figure in report.figures if figure.part is part]:
            lines += [f"## ({part}) {TITLES[part]}", "", *_table(HEADERS, map(_cells, own)), ""]
            lines += [f"- {figure.label()}: {_more(figure)}" for figure in own if figure.more]
            lines.append("")
    if report.curves:
        headers = ("项目 What", "随 By", "其余 At", "从 From", "到 To", "指数 Exponent")
        lines += ["## 增长指数 Exponents of growth", "", *_table(headers, map(_curve_cells, report.curves)), ""]
    return "\n".join(lines)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    ruler = ["---", *["---:"] * (len(headers) - 1)]
    return ["| " + " | ".join(cells) + " |" for cells in (headers, ruler, *rows)]


def _cells(figure: Figure) -> list[str]:
    latency, cpu = figure.latency, figure.cpu
    return [
        figure.what,
        _count(figure.candidates),
        _count(figure.processes),
        _count(figure.connections),
        _count(figure.stored),
        _count(figure.calls),
        f"{figure.seconds:.2f}",
        f"{figure.rate:,.0f}",
        f"{latency.p50:.1f}",
        f"{latency.p95:.1f}",
        f"{latency.p99:.1f}",
        _ratio(figure.to_bare),
        _ratio(figure.to_upsert),
        f"{cpu.server:.2f}",
        f"{cpu.database:.2f}",
        f"{cpu.generator:.2f}（{cpu.generator / max(cpu.total, 0.01):.0%}）",
        f"{cpu.others:.2f}",
        f"{figure.cost:.0f}",
        "" if figure.memory is None else f"{figure.memory.server:.0f}",
    ]


def _curve_cells(curve: Curve) -> list[str]:
    """The costs at the ends, in microseconds of CPU for saves, else in seconds."""
    unit = "µs" if curve.what == "save" else "s"
    ends = [f"{_count(curve.sizes[end])}: {curve.costs[end]:.3g} {unit}" for end in (0, -1)]
    return [curve.what, curve.by, curve.at, *ends, "" if curve.exponent is None else f"{curve.exponent:.2f}"]


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3f}"


def _more(figure: Figure) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figure.more.items())
