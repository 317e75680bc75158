"""A room that its staff start late takes no time from anybody (common end), over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.core.context import Context
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, begin, log_in, open_hall
from tests.proctors import REASON, code_of, lead, left
from tests.rows import sql


async def open_late(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, minutes: int, **settings: Any
) -> Hall:
    hall = await open_hall(context, started=False, **settings)
    clock.advance(timedelta(minutes=minutes))
    await lead(http, hall, "check-in")
    assert await lead(http, hall, "start") == "running"
    await hall.check_in_all()
    return hall


@pytest.mark.parametrize(
    ("mode", "late", "minutes"),
    [
        ("common_end", -5, 90),
        ("common_end", 0, 90),
        ("common_end", 20, 90),
        ("common_end", 40, 90),
        ("individual", 40, 90),
    ],
)
async def test_who_starts_when_the_room_does_has_the_whole_time(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, mode: str, late: int, minutes: int
) -> None:
    starts_at = context.clock.host_now() + timedelta(minutes=5)
    hall = await open_late(http, context, clock, late + 5, timing_mode=mode, starts_at=starts_at)
    token = await log_in(http, hall.seated[0])
    if late < 0:
        assert await code_of(http, token, "/api/v1/exam/start") == "not_started_yet"
        clock.advance(timedelta(minutes=-late))
    assert (await http.post("/api/v1/exam/start", headers=token)).status_code == 200
    assert await left(http, token) == minutes * 60


async def test_late_entry_moves_and_who_comes_later_still_loses_time(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """20 minutes late: late entry of 30 minutes is open up to minute 50."""
    hall = await open_late(http, context, clock, 20)
    first, second = hall.seated
    token = await log_in(http, first)
    told = (await http.get("/api/v1/exam", headers=token)).json()["rules"]["late_entry_closes_at"]
    assert datetime.fromisoformat(told) == context.clock.host_now() + timedelta(minutes=30)
    clock.advance(timedelta(minutes=29))
    await sweep(context)
    assert await left(http, await begin(http, first)) == 61 * 60
    clock.advance(timedelta(minutes=1))
    await sweep(context)
    assert (await hall.attempt(second)).state == "absent"


async def test_a_suspension_after_a_late_start_is_added(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_late(http, context, clock, 10)
    clock.advance(timedelta(minutes=5))
    await lead(http, hall, "suspend", REASON)
    clock.advance(timedelta(minutes=15))
    await lead(http, hall, "resume")
    assert await left(http, await begin(http, hall.seated[0])) == 85 * 60
    assert (await hall.attempt(hall.seated[1])).waited == timedelta(minutes=25)


async def test_the_audit_log_tells_the_lateness(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    await open_late(http, context, clock, 7)
    (start,) = await sql(context, "SELECT details FROM audit_event WHERE action = 'room.start'")
    assert start.details["late_seconds"] == 7 * 60
    assert len(await sql(context, "SELECT 1 FROM audit_event WHERE action = 'attempt.wait_for_room'")) == 2


@pytest.mark.parametrize("rehearsal", [True, False])
async def test_only_a_rehearsal_may_keep_its_end(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, rehearsal: bool
) -> None:
    starts_at = context.clock.host_now() + timedelta(minutes=1)
    hall = await open_hall(context, started=False, rehearsal=rehearsal, starts_at=starts_at)
    clock.advance(timedelta(minutes=21))
    await lead(http, hall, "check-in")
    start = f"/api/v1/proctor/rooms/{hall.room_id}/start"
    refused = await code_of(http, hall.proctor, start, {"keep_end": True})
    assert refused == ("" if rehearsal else "only_in_rehearsal")
    waited = {row.waited for row in await sql(context, "SELECT waited FROM attempt")}
    assert waited == {timedelta(0)}
