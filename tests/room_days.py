"""An exam day in one room, over HTTP, with one of everything that the room's record tells."""

from datetime import timedelta
from typing import Any

import httpx

from app.core.context import Context
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, begin, open_hall
from tests.proctors import CONFIRMED, GRANT, MISCONDUCT, REASON, STOPS, give, lead

INCIDENT = {"kind": "disturbance", "note": "楼上施工"}


def room_path(hall: Hall) -> str:
    return f"/api/v1/proctor/rooms/{hall.room_id}"


async def post(http: httpx.AsyncClient, path: str, headers: dict[str, str], body: Any = None) -> Any:
    answer = await http.post(path, headers=headers, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def read_record(http: httpx.AsyncClient, hall: Hall) -> dict[str, Any]:
    answer = await http.get(f"{room_path(hall)}/record", headers=hall.proctor)
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def closed_room(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> Hall:
    """A closed room of two candidates, one of whom never came."""
    hall = await open_hall(context)
    await give(http, hall.proctor, await _started(http, hall.seated[0]), "submit", REASON)
    clock.advance(timedelta(minutes=30))
    await sweep(context)
    assert await lead(http, hall, "close") == "closed"
    return hall


async def whole_day(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> Hall:
    """From 09:00 in Shanghai: seat 1 is interrupted and given time, seat 2 is terminated, seat 3 has a hand raised and
    hands in, seat 4 is collected, seat 5 never starts; the room is suspended for three minutes."""
    hall = await open_hall(context, candidates=5)
    one, two, three, four, _ = hall.seated
    tokens = {who: await begin(http, who) for who in (one, two, three, four)}
    clock.advance(timedelta(minutes=5))
    await give(http, hall.proctor, one, "interrupt", STOPS | {"note": "键盘失灵"})
    await post(http, "/api/v1/exam/hand", tokens[three], {"reason": "restroom"})
    clock.advance(timedelta(minutes=2))
    await give(http, hall.proctor, one, "resume", {"release_device": True})
    await give(http, hall.proctor, one, "grants", GRANT)
    await lead(http, hall, "suspend", {"reason": "environment.power"})
    clock.advance(timedelta(minutes=3))
    await lead(http, hall, "resume")
    await give(http, hall.proctor, two, "terminate", MISCONDUCT | {"note": "夹带"})
    await give(http, hall.chief, two, "terminate", CONFIRMED)
    await post(http, "/api/v1/exam/submit", tokens[three], {"last_sequence": 0})
    await give(http, hall.proctor, four, "submit", REASON)
    await post(http, f"{room_path(hall)}/incidents", hall.proctor, INCIDENT)
    await post(http, f"{room_path(hall)}/messages", hall.proctor, {"body": "请保持安静"})
    for minutes in (30, 90):
        clock.advance(timedelta(minutes=minutes))
        await sweep(context)
    assert await lead(http, hall, "close") == "closed"
    return hall


async def _started(http: httpx.AsyncClient, who: Seated) -> Seated:
    await begin(http, who)
    return who
