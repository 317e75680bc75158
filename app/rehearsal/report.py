"""What a rehearsal found, as a document and as a page on the screen."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from rich.console import Group, RenderableType
from rich.table import Table

from app.rehearsal.live import Live, live_facts, live_table
from app.rehearsal.measures import Latency

FAULTS_SHOWN = 30
"""On the screen; the document has all."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Saves(_Part):
    """Numbers of answers: `sent` with repeats, `acknowledged` distinct, `refused` outcomes, `lost` items."""

    sent: int
    acknowledged: int
    refused: int
    lost: int


class Receipts(_Part):
    issued: int
    genuine: int


class RoomRate(_Part):
    """`pass_rate` of who handed in; None when nobody did."""

    room: str
    candidates: int
    handed_in: int
    passed: int
    pass_rate: float | None


class Fault(_Part):
    """An invariant that did not hold: for a ticket number, a room, or the sitting."""

    about: str
    what: str


class Report(_Part):
    """`handed_in` counts by who handed in, besides the other ends; `sweep_lag_seconds` is the longest seen from the
    end of deadline and grace to the hand-in, as far as watching tells; None when the clock handed nothing in."""

    addresses: Sequence[str]
    sitting_id: UUID
    sitting_name: str
    level: int
    seed: int
    candidates: int
    window_seconds: float
    turns: dict[str, int]
    saves: Saves
    receipts: Receipts
    handed_in: dict[str, int]
    sweep_lag_seconds: float | None
    retries: int
    errors: dict[str, int]
    latencies: dict[str, Latency]
    live: Live
    rooms: Sequence[RoomRate]
    pass_mark: Decimal | None
    maximum: Decimal | None
    scores: Sequence[Decimal]
    faults: Sequence[Fault]

    @property
    def ok(self) -> bool:
        return not self.saves.lost and not self.faults


def render(report: Report) -> RenderableType:
    """For a terminal: Chinese first."""
    lag = "—" if report.sweep_lag_seconds is None else f"{report.sweep_lag_seconds:.2f} s"
    facts = _table("演练结果 Rehearsal", "项目 What", "数值 Figure")
    for name, value in {
        "考生 Candidates": report.candidates,
        "作答时间 Window": f"{report.window_seconds:.0f} s",
        "发送答案 Answers sent": report.saves.sent,
        "确认答案 Acknowledged": report.saves.acknowledged,
        "丢失答案 Lost": report.saves.lost,
        "真实回执 Receipts genuine": f"{report.receipts.genuine} / {report.receipts.issued}",
        "到时收卷滞后 Sweep lag": lag,
        "重试 Retries": report.retries,
        "错误 Errors": _counts(report.errors),
        "结束方式 Ends": _counts(report.handed_in),
        **live_facts(report.live),
    }.items():
        facts.add_row(name, str(value))
    calls = _table("响应时间（毫秒） Latency (ms)", "请求 Call", "次数 Calls", "p50", "p95", "p99", "max")
    for call, latency in report.latencies.items():
        figures = (latency.p50_ms, latency.p95_ms, latency.p99_ms, latency.max_ms)
        calls.add_row(call, str(latency.calls), *(f"{figure:.1f}" for figure in figures))
    rooms = _table("合格率 Pass rate", "考场 Room", "考生 Candidates", "交卷 Handed in", "合格 Passed", "率 Rate")
    for room in report.rooms:
        rate = "—" if room.pass_rate is None else f"{room.pass_rate:.0%}"
        rooms.add_row(room.room, str(room.candidates), str(room.handed_in), str(room.passed), rate)
    parts: list[RenderableType] = [facts, calls, live_table(report.live), rooms]
    if report.faults:
        faults = _table("问题 Faults", "对象 About", "内容 What")
        for fault in report.faults[:FAULTS_SHOWN]:
            faults.add_row(fault.about, fault.what)
        if len(report.faults) > FAULTS_SHOWN:
            faults.add_row("…", f"共 {len(report.faults)} 个，详见结果文件 in all, see the report")
        parts.append(faults)
    return Group(*parts)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(first, title=title, title_justify="left")
    for header in others:
        table.add_column(header, justify="right")
    return table


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"
