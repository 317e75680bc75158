"""A chief corrects whether an interruption stopped the clock, over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio

from app.core.context import Context
from app.core.ids import new_id
from tests.conftest import FixedClock
from tests.halls import Hall, begin, open_hall
from tests.proctors import ATTEMPTS, GRANT, REASON, RUNS_ON, STOPS, code_of, give, lead, left
from tests.rows import rows_of, sql

STOPPED: dict[str, Any] = {"stops_clock": True, "reason": "environment.medical_emergency"}
RAN: dict[str, Any] = {"stops_clock": False, "reason": "candidate.restroom"}
CORRECT = "correct-interruption"


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


async def test_an_open_interruption_is_corrected_from_its_beginning(
    http: httpx.AsyncClient, clock: FixedClock, hall: Hall
) -> None:
    ill, away = hall.seated
    tokens = [await begin(http, who) for who in (ill, away)]
    await give(http, hall.proctor, ill, "interrupt", RUNS_ON)
    await give(http, hall.proctor, away, "interrupt", STOPS)
    clock.advance(timedelta(minutes=10))
    before = await hall.attempt(ill)
    changed = await give(http, hall.chief, ill, CORRECT, STOPPED)
    assert (changed["deadline_at"], changed["deadline_version"]) == (None, before.deadline_version + 1)
    assert (await give(http, hall.chief, away, CORRECT, RAN))["deadline_at"] == "2027-03-06T02:30:00Z"
    assert [await left(http, token) for token in tokens] == [None, 80 * 60]
    clock.advance(timedelta(minutes=5))
    for who in (ill, away):
        await give(http, hall.proctor, who, "resume")
    assert [await left(http, token) for token in tokens] == [90 * 60, 75 * 60]


async def test_an_ended_interruption_is_corrected_by_its_length_outside_suspensions(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    """Interrupted for 30 minutes; for 20 of them the room was suspended, so that 10 are given and taken back."""
    who = hall.seated[0]
    token = await begin(http, who)
    await give(http, hall.proctor, who, "interrupt", RUNS_ON)
    clock.advance(timedelta(minutes=5))
    await lead(http, hall, "suspend", REASON)
    clock.advance(timedelta(minutes=20))
    await lead(http, hall, "resume")
    clock.advance(timedelta(minutes=5))
    await give(http, hall.proctor, who, "resume")
    assert await left(http, token) == 80 * 60
    await give(http, hall.chief, who, CORRECT, STOPPED)
    assert await left(http, token) == 90 * 60
    await give(http, hall.chief, who, CORRECT, RAN)
    assert await left(http, token) == 80 * 60
    (row,) = await sql(context, "SELECT * FROM interruption")
    assert (row.reason, row.stops_clock, row.corrected_by) == ("candidate.restroom", False, hall.proctors[-1].id)
    assert row.corrected_at == clock.fixed
    events = await sql(context, "SELECT details FROM audit_event WHERE action = 'attempt.correct_interruption'")
    assert [(event.details["before"]["stops_clock"], event.details["stops_clock"]) for event in events] == [
        (False, True),
        (True, False),
    ]


async def test_while_the_room_is_suspended_the_clock_stands_and_follows_afterwards(
    http: httpx.AsyncClient, clock: FixedClock, hall: Hall
) -> None:
    who = hall.seated[0]
    token = await begin(http, who)
    await give(http, hall.proctor, who, "interrupt", STOPS)
    clock.advance(timedelta(minutes=10))
    await lead(http, hall, "suspend", REASON)
    clock.advance(timedelta(minutes=10))
    assert (await give(http, hall.chief, who, CORRECT, RAN))["deadline_at"] is None
    clock.advance(timedelta(minutes=10))
    await lead(http, hall, "resume")
    assert await left(http, token) == 80 * 60


async def test_a_named_interruption_is_corrected_the_newest_else(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    who = hall.seated[0]
    await begin(http, who)
    for minutes in (3, 5):
        await give(http, hall.proctor, who, "interrupt", RUNS_ON)
        clock.advance(timedelta(minutes=minutes))
        await give(http, hall.proctor, who, "resume")
    first, second = await sql(context, "SELECT id FROM interruption ORDER BY started_at")
    assert (await give(http, hall.chief, who, CORRECT, STOPPED))["deadline_at"] == "2027-03-06T02:35:00Z"
    named = STOPPED | {"interruption_id": str(first.id)}
    assert (await give(http, hall.chief, who, CORRECT, named))["deadline_at"] == "2027-03-06T02:38:00Z"
    path = f"{ATTEMPTS}/{who.attempt_id}/{CORRECT}"
    assert await code_of(http, hall.chief, path, STOPPED | {"interruption_id": str(new_id())}) == "not_found"
    others = f"{ATTEMPTS}/{hall.seated[1].attempt_id}/{CORRECT}"
    assert await code_of(http, hall.chief, others, STOPPED | {"interruption_id": str(second.id)}) == "not_found"


async def test_a_correction_is_refused_and_changes_no_row(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    who, other = hall.seated
    path = f"{ATTEMPTS}/{who.attempt_id}/{CORRECT}"

    async def refused(body: dict[str, Any], headers: dict[str, str] | None = None) -> str:
        before = await rows_of(context)
        code = await code_of(http, headers or hall.chief, path, body)
        assert await rows_of(context) == before
        return code

    assert await refused(STOPPED) == "not_found", "never interrupted"
    await begin(http, who)
    await begin(http, other)
    await give(http, hall.proctor, who, "interrupt", STOPS)
    assert await refused(RAN, hall.proctor) == "not_allowed"
    assert await refused(RAN | {"reason": "candidate.late"}) == "reason_not_fitting"
    clock.advance(timedelta(minutes=90))
    assert await refused(RAN) == "deadline_would_pass"
    await give(http, hall.proctor, who, "grants", GRANT)
    assert (await give(http, hall.chief, who, CORRECT, RAN))["deadline_at"] == "2027-03-06T02:40:00Z"
    await give(http, hall.proctor, who, "resume")
    clock.advance(timedelta(minutes=10, seconds=11))
    assert await refused(STOPPED) == "deadline_passed"
    await give(http, hall.proctor, who, "submit", REASON)
    assert await refused(STOPPED) == "invalid_transition"


async def test_a_suspensions_part_is_not_corrected(http: httpx.AsyncClient, hall: Hall) -> None:
    who = hall.seated[0]
    await begin(http, who)
    await lead(http, hall, "suspend", REASON)
    path = f"{ATTEMPTS}/{who.attempt_id}/{CORRECT}"
    assert await code_of(http, hall.chief, path, RAN) == "interruption_with_room"


async def test_a_paper_ended_by_the_clock_ends_its_interruption_at_the_deadline(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    """So that a correction after a reopening gives back no more than was lost."""
    from app.services.sweeper import sweep

    who = hall.seated[0]
    token = await begin(http, who)
    clock.advance(timedelta(minutes=80))
    await give(http, hall.proctor, who, "interrupt", RUNS_ON)
    clock.advance(timedelta(minutes=15))
    await sweep(context)
    await give(http, hall.chief, who, "reopen", GRANT)
    changed = await give(http, hall.chief, who, CORRECT, STOPPED)
    assert changed["deadline_at"] == "2027-03-06T02:55:00Z", "now, the grant of 10 minutes and the 10 interrupted ones"
    del token
