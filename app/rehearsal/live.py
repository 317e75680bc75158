"""What the proctors' screens showed and how soon: one part of the report."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from app.rehearsal.measures import Latency


class StreamSummary(BaseModel):
    """One reader's: `resumed` are returns that were told what was missed, `renewed` those that were told everything,
    `logins` those with a new token; `saves` from an acknowledged save to the row."""

    model_config = ConfigDict(frozen=True)

    of: str
    reader: str
    server: str
    snapshots: int
    changes: int
    rows: int
    resumed: int
    renewed: int
    logins: int
    saves: Latency | None


class Live(BaseModel):
    """`rows`: by kind, from the acknowledgement to the client until a screen showed it. `same_server` and
    `other_server` are of saves alone; `save_quantiles_ms` are their 0th to 100th percentiles.

    `wrong` counts what a screen showed wrong, or not at all, for longer than `fallback_seconds`; it must be 0.
    `delivered`: from an acknowledged message until the candidate's client had it. `acts`: what staff did, by action.
    """

    model_config = ConfigDict(frozen=True)

    fallback_seconds: float
    wrong: int
    rows: dict[str, Latency]
    same_server: Latency | None
    other_server: Latency | None
    save_quantiles_ms: Sequence[float]
    delivered: Latency | None
    messages: int
    acts: dict[str, int]
    streams: Sequence[StreamSummary]


def live_table(live: Live) -> Table:
    table = Table(
        "看板 Screens", title="从确认到看板显示（毫秒） From acknowledged to shown (ms)", title_justify="left"
    )
    for header in ("次数 Times", "p50", "p95", "p99", "max"):
        table.add_column(header, justify="right")
    named = {
        "save, 同一服务进程 same server": live.same_server,
        "save, 另一服务进程 other server": live.other_server,
        **live.rows,
        "message → 考生 candidate": live.delivered,
    }
    for name, latency in named.items():
        if latency is not None:
            figures = (latency.p50_ms, latency.p95_ms, latency.p99_ms, latency.max_ms)
            table.add_row(name, str(latency.calls), *(f"{figure:.0f}" for figure in figures))
    return table


def live_facts(live: Live) -> dict[str, object]:
    """For the table of facts."""
    resumed = sum(stream.resumed for stream in live.streams)
    renewed = sum(stream.renewed for stream in live.streams)
    logins = sum(stream.logins for stream in live.streams)
    return {
        "看板流 Streams": len(live.streams),
        "续接 Resumed": f"{resumed} + {renewed} 全新 anew, {logins} 重新登录 after login",
        f"看板错误超过 {live.fallback_seconds:g} s Wrong for longer": live.wrong,
    }
