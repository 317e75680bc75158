"""What the server notices by itself: once, in any number of processes, and until it is over."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
import pytest_asyncio
from sqlmodel import col, select

from app.core.context import Context
from app.core.database import Database
from app.models.presence import Presence
from app.models.staff import Staff
from app.services.lifespan import running
from app.services.saving import SaveQueue, SaveRequest
from app.services.sweeper import sweep
from app.services.watch import look, report_refused_saves
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, begin, open_hall
from tests.incidents import Read, listed, of_sitting, on_incident
from tests.proctors import give, lead
from tests.rows import sql

Assign = Callable[[int], Awaitable[None]]


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=3)


@pytest_asyncio.fixture
async def assign(http: httpx.AsyncClient, hall: Hall) -> Assign:
    """`await assign(n)`: the room has its first n proctors."""
    async with hall.context.database.transaction() as session:
        ids = [actor.id for actor in hall.proctors[:-1]]
        names = list((await session.execute(select(Staff.username).where(col(Staff.id).in_(ids)))).scalars())

    async def set_to(number: int) -> None:
        path = f"/api/v1/sittings/{hall.sitting_id}/rooms/{hall.room_id}/proctors"
        answer = await http.put(path, headers=hall.headers(hall.officer), json={"proctors": names[:number]})
        assert answer.status_code == 200, answer.text

    return set_to


async def seen(hall: Hall, who: Seated, skew_ms: int | None = None) -> None:
    """The candidate's client is heard of now."""
    async with hall.context.database.transaction() as session:
        now = await hall.context.clock.now(session)
        await session.merge(
            Presence(sitting_id=hall.sitting_id, attempt_id=who.attempt_id, seen_at=now, skew_ms=skew_ms)
        )


async def the_only(http: httpx.AsyncClient, hall: Hall) -> Read:
    (only,) = (await http.get(f"/api/v1/sittings/{hall.sitting_id}/incidents", headers=hall.chief)).json()["items"]
    incident: Read = only
    return incident


async def test_a_proctor_taken_off_is_an_alarm_at_once_and_once_and_the_exam_goes_on(
    http: httpx.AsyncClient, hall: Hall, context: Context, assign: Assign, clock: FixedClock
) -> None:
    await begin(http, hall.seated[0])
    await assign(1)
    alarm = await the_only(http, hall)
    assert (alarm["kind"], alarm["severity"], alarm["room_id"]) == ("staff_below_ratio", "alarm", str(hall.room_id))
    assert (alarm["details"]["needed"], alarm["details"]["assigned"]) == (3, 1)
    await begin(http, hall.seated[1])
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        await look(context)
    await on_incident(http, hall.chief, alarm, "acknowledge")
    await look(context)
    assert (await the_only(http, hall))["count"] == 1, "also when it is acknowledged and goes on"
    clock.advance(timedelta(seconds=1))
    await assign(3)
    assert (await the_only(http, hall))["details"]["until"] is not None
    await assign(0)
    assert [one["acknowledged_at"] is None for one in await of_room(http, hall)] == [True, False]


async def of_room(http: httpx.AsyncClient, hall: Hall) -> list[Read]:
    """As a chief lists them, who needs no assignment."""
    answer = await http.get(f"/api/v1/proctor/rooms/{hall.room_id}/incidents", headers=hall.chief)
    found: list[Read] = answer.json()["items"]
    return found


async def test_a_room_that_nobody_sits_in_yet_needs_no_proctors(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, started=False)
    await sql(context, "DELETE FROM room_proctor")
    await look(context)
    assert await of_room(http, hall) == []
    await sql(context, "UPDATE room SET state = 'check_in'")
    await look(context)
    assert [one["kind"] for one in await of_room(http, hall)] == ["staff_below_ratio"]


async def test_a_client_that_is_not_heard_of_is_lost_until_it_is_heard_of_again(
    http: httpx.AsyncClient, hall: Hall, context: Context, clock: FixedClock
) -> None:
    who, other, _ = hall.seated
    for one in (who, other):
        await begin(http, one)
    for one in hall.seated:
        await seen(hall, one)
    lost_since = clock.fixed
    clock.advance(timedelta(seconds=30))
    await look(context)
    assert await listed(http, hall) == []
    clock.advance(timedelta(seconds=1))
    await seen(hall, other)
    for _ in range(3):
        await look(context)
    (lost,) = await listed(http, hall)
    assert (lost["kind"], lost["source"], lost["attempt_id"]) == ("network_lost", "server", str(who.attempt_id))
    assert (lost["count"], lost["severity"], lost["details"]["until"]) == (1, "warning", None)
    assert datetime.fromisoformat(lost["details"]["seen_at"]) == lost_since
    for _ in range(2):
        await seen(hall, who)
        await look(context)
        (over,) = await listed(http, hall)
        assert over["details"]["until"] is not None
        clock.advance(timedelta(seconds=31))
        await seen(hall, other)
        await look(context)
    (again,) = await listed(http, hall)
    assert (again["count"], again["severity"], again["details"]["until"]) == (3, "alarm", None)
    await give(http, hall.proctor, who, "interrupt", {"reason": "technical.network"})
    await look(context)
    assert (await listed(http, hall))[0]["details"]["until"] is not None


async def test_a_clock_that_is_off_is_told_by_the_sittings_own_threshold(
    http: httpx.AsyncClient, context: Context
) -> None:
    rule = {"kind": "clock_skew", "severity": "warning", "threshold_seconds": 5}
    strict, usual = await open_hall(context, alarm_rules=[rule]), await open_hall(context)
    for hall in (strict, usual):
        await begin(http, hall.seated[0])
        await seen(hall, hall.seated[0], skew_ms=-5001)
    await look(context)
    (skewed,) = await listed(http, strict)
    assert (skewed["kind"], skewed["details"]["skew_ms"], skewed["severity"]) == ("clock_skew", -5001, "warning")
    assert await listed(http, usual) == []


async def test_a_sweep_that_is_late_is_told_until_it_has_caught_up(
    http: httpx.AsyncClient, hall: Hall, context: Context, clock: FixedClock
) -> None:
    await begin(http, hall.seated[0])
    clock.advance(timedelta(minutes=90, seconds=12))
    await look(context)
    assert await of_sitting(http, hall) == []
    clock.advance(timedelta(seconds=1))
    await look(context)
    (late,) = await of_sitting(http, hall, kind="sweeper_late")
    assert (late["details"]["lag_ms"], late["details"]["until"]) == (3000, None)
    await sweep(context)
    await look(context)
    assert (await of_sitting(http, hall))[0]["details"]["until"] is not None


async def test_saves_that_had_to_be_refused_are_told_once_the_database_is_back(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    saves = SaveQueue(nowhere, context.clock, context.metrics, 100)
    request = SaveRequest(hall.sitting_id, hall.seated[0].attempt_id, 1, [])
    async with saves.running():
        answers = await asyncio.gather(*(saves.save(request) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
    assert saves.refused == {hall.sitting_id: 3}
    for _ in range(2):
        await report_refused_saves(context, saves)
    (told,) = await of_sitting(http, hall)
    assert (told["kind"], told["count"], told["source"]) == ("save_errors", 3, "server")
    assert not saves.refused
    await nowhere.dispose()


async def test_many_processes_look_at_once_and_write_once(
    http: httpx.AsyncClient, hall: Hall, context: Context, database_url: str
) -> None:
    await sql(context, "DELETE FROM room_proctor")
    other = Context(context.settings, Database(database_url), context.keyring, context.clock)
    await asyncio.gather(*(look((context, other)[turn % 2]) for turn in range(10)))
    await other.database.dispose()
    (only,) = await of_room(http, hall)
    assert only["count"] == 1
    assert len(await sql(context, "SELECT 1 FROM audit_event WHERE action = 'incident.open'")) == 1


async def test_a_process_watches_by_itself(hall: Hall, context: Context) -> None:
    """With the database's own clock, beside everything else that runs."""
    await sql(context, "DELETE FROM room_proctor")
    clock = context.clock
    assert isinstance(clock, FixedClock)
    clock.fixed = None
    async with running(context):
        for _ in range(100):
            if await sql(context, "SELECT 1 FROM incident WHERE kind = 'staff_below_ratio'"):
                return
            await asyncio.sleep(0.1)
    raise AssertionError("nothing was noticed")


async def test_a_suspension_is_no_loss(
    http: httpx.AsyncClient, hall: Hall, context: Context, clock: FixedClock
) -> None:
    await begin(http, hall.seated[0])
    await seen(hall, hall.seated[0])
    await lead(http, hall, "suspend", {"reason": "environment.power"})
    clock.advance(timedelta(minutes=5))
    await look(context)
    assert await listed(http, hall) == []
