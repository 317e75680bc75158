"""`python -m bench.board`: a proctor's board in Chromium while all of its rows change each second."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from playwright.async_api import Browser, CDPSession

from app.core.permissions import Scope
from bench.browser import chromium, required, served

ROOM = UUID(int=1)
LONG_MS = 50
"""A task that is longer is felt (W3C Long Tasks)."""

WARM_UP = 3.0
"""Seconds before anything is counted."""

VIEWS = ("map", "table")
KEPT = json.dumps({"access": "-", "refresh": "-", "expires": 4_102_444_800_000})
LOGGED_IN = f"sessionStorage.setItem('kaochang.staff', {KEPT!r})"
WATCH = """window.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: "longtask", buffered: true });"""


@dataclass(frozen=True)
class Load:
    """`cpu` is milliseconds of the page's main thread a second, by kind; `long_tasks` are their milliseconds."""

    cpu: dict[str, float]
    long_tasks: list[float]


def row(seat: int, tick: int, now: datetime) -> dict[str, Any]:
    """One candidate (app.schemas.board.AttemptRow) of whom each second something else is told."""
    open_incidents = (seat + tick) % 7
    return {
        "id": str(UUID(int=1000 + seat)),
        "ticket_number": f"2600001{seat:05d}",
        "seat_number": seat,
        "name": f"考生{seat}",
        "id_number": "999999********0126",
        "state": "in_progress",
        "identity_check": "identity_card",
        "checked_in_at": _text(now - timedelta(minutes=40)),
        "connection": "stale" if (seat + tick) % 17 == 0 else "online",
        "last_seen_at": _text(now),
        "clock_skew_ms": 0,
        "answered": (seat + tick) % 90,
        "total": 90,
        "started_at": _text(now - timedelta(minutes=30)),
        "deadline_at": _text(now + timedelta(minutes=60)),
        "deadline_version": 1,
        "deadline_seen": True,
        "seconds_left": 3600,
        "clock_stopped": False,
        "last_save_at": _text(now),
        "last_save_age": 0,
        "granted_seconds": 0,
        "grants": [],
        "interruption": None,
        "termination_proposal": None,
        "submitted_at": None,
        "submitted_by": None,
        "incidents": _incidents(open_incidents),
        "hand": None,
        "messages_unread": 0,
        "allowed_actions": [],
    }


def snapshot(rows: int, tick: int, now: datetime) -> dict[str, Any]:
    """The room (app.schemas.board.RoomSnapshot) with so many candidates."""
    return {
        "id": str(ROOM),
        "sitting_id": str(UUID(int=2)),
        "sitting_name": "测量",
        "name": "第一考场",
        "state": "running",
        "starts_at": _text(now - timedelta(minutes=30)),
        "server_time": _text(now),
        "sitting_state": "live",
        "totals": {"in_progress": rows},
        "connections": {"online": rows},
        "hands": 0,
        "messages_unread": 0,
        "incidents": _incidents(0),
        "proctors": 2,
        "proctors_needed": 2,
        "allowed_actions": [],
        "version": str(tick),
        "attempts": [row(seat, tick, now) for seat in range(1, rows + 1)],
    }


def _incidents(count: int) -> dict[str, Any]:
    return {"open": count, "severity": "info" if count else None, "newest": None, "last_at": None}


def _text(moment: datetime) -> str:
    return moment.isoformat()


async def told(rows: int) -> AsyncIterator[str]:
    """The room's events: first all of it, then every row each second."""
    tick = 0
    while True:
        data = json.dumps(snapshot(rows, tick, datetime.now(UTC)), ensure_ascii=False)
        yield f"id: {tick}\nevent: {'changes' if tick else 'snapshot'}\ndata: {data}\n\n"
        tick += 1
        await asyncio.sleep(1)


def service(rows: int) -> FastAPI:
    """What the board calls: who reads it, its texts, and the stream."""
    app = FastAPI()
    me = {"id": str(UUID(int=3)), "username": "proctor", "name": "监考员", "roles": [], "scopes": [*Scope]}
    app.add_api_route("/api/v1/auth/me", lambda: me)
    app.add_api_route("/api/v1/proctor/reasons", lambda: {"reasons": [], "categories": []})
    app.add_api_route("/api/v1/proctor/incident-kinds", lambda: {"items": []})
    app.add_api_route(
        f"/api/v1/proctor/rooms/{ROOM}/stream",
        lambda: StreamingResponse(told(rows), media_type="text/event-stream"),
    )
    return app


async def watch(browser: Browser, address: str, view: str, seconds: float) -> Load:
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    try:
        page = await context.new_page()
        await page.add_init_script(LOGGED_IN)
        await page.add_init_script(WATCH)
        await page.goto(f"{address}/staff/rooms/{ROOM}")
        await page.locator(f"[data-test=view-{view}]").click()
        developer = await context.new_cdp_session(page)
        await developer.send("Performance.enable", {"timeDomain": "threadTicks"})
        await asyncio.sleep(WARM_UP)
        await page.evaluate("longTasks.length = 0")
        before = await _spent(developer)
        await asyncio.sleep(seconds)
        after = await _spent(developer)
        cpu = {kind: (after[kind] - before[kind]) * 1000 / seconds for kind in after}
        return Load(cpu, await page.evaluate("longTasks"))
    finally:
        await context.close()


async def _spent(developer: CDPSession) -> dict[str, float]:
    """Seconds of the main thread since the page began, by kind."""
    metrics = (await developer.send("Performance.getMetrics"))["metrics"]
    kinds = {"ScriptDuration": "script", "RecalcStyleDuration": "style", "LayoutDuration": "layout"}
    kinds["TaskDuration"] = "all"
    return {kinds[one["name"]]: one["value"] for one in metrics if one["name"] in kinds}


async def measure(rows: int, seconds: float, executable: str) -> dict[str, Load]:
    async with served(service(rows)) as address, chromium(executable) as browser:
        return {view: await watch(browser, address, view, seconds) for view in VIEWS}


def main(
    rows: Annotated[int, typer.Option(help="考生数 Candidates in the room", min=1)] = 100,
    seconds: Annotated[float, typer.Option(help="测量秒数 Seconds that are measured", min=1)] = 20,
    browser: Annotated[str, typer.Option(help="Chromium 的路径 Where Chromium is")] = "",
) -> None:
    """监考面板全部行每秒变化时的开销 What the board costs while every row changes each second."""
    measured = asyncio.run(measure(rows, seconds, required(browser)))
    for view, load in measured.items():
        cpu = "  ".join(f"{kind} {spent:.0f}" for kind, spent in sorted(load.cpu.items()))
        worst = max(load.long_tasks, default=0)
        typer.echo(f"{view:6} CPU ms/s  {cpu}   > {LONG_MS} ms: {len(load.long_tasks)}（worst {worst:.0f}）")
    if any(load.long_tasks for load in measured.values()):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
