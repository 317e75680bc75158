"""Planning the rooms of a sitting over HTTP: who may proctor, removing a room, and what is known of each."""

from typing import Any

import httpx
import pytest_asyncio

from app.core.context import Context
from tests.builders import plan_sitting
from tests.conftest import Login
from tests.halls import open_hall
from tests.plans import planned, refused
from tests.rosters import add, line

Body = dict[str, Any]


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


async def items(officer: httpx.AsyncClient, path: str) -> list[Body]:
    answer = await officer.get(path)
    assert answer.status_code == 200, answer.text
    found: list[Body] = answer.json()["items"]
    return found


async def test_proctors_and_chiefs_may_be_assigned_and_it_is_told_where_they_are(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    for role, name in (("proctor", "jk1"), ("proctor", "jk2"), ("chief", "zk"), ("author", "mt")):
        await login(role, name)
    sitting = await plan_sitting(context, {"第一考场": 20})
    room = str(sitting.rooms["第一考场"])
    await officer.put(f"{sitting.path}/rooms/{room}/proctors", json={"proctors": ["jk2"]})
    found = await items(officer, f"{sitting.path}/proctors")
    assert [(one["username"], one["chief"], one["room_id"]) for one in found] == [
        ("jk1", False, None),
        ("jk2", False, room),
        ("zk", True, None),
    ]


async def test_a_room_is_removed_and_who_was_in_it_is_free_again(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await plan_sitting(context, {"第一考场": 20, "第二考场": 20})
    await login("proctor", "jk1")
    room = f"{sitting.path}/rooms/{sitting.rooms['第一考场']}"
    await officer.put(f"{room}/proctors", json={"proctors": ["jk1"]})
    await add(officer, sitting, line(1, room="第一考场", seat_number=3))
    assert (await officer.delete(room)).status_code == 204
    assert [one["name"] for one in await items(officer, f"{sitting.path}/rooms")] == ["第二考场"]
    (entry,) = await items(officer, f"{sitting.path}/entries")
    assert (entry["room_id"], entry["seat_number"]) == (None, None)
    assert [one["room_id"] for one in await items(officer, f"{sitting.path}/proctors")] == [None]
    assert refused(await officer.delete(room)) == (404, "not_found")


async def test_no_room_is_removed_once_the_sitting_is_frozen(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await planned(officer, login, context)
    await officer.post(f"{sitting.path}/ready")
    answer = await officer.delete(f"{sitting.path}/rooms/{sitting.rooms['第一考场']}")
    assert refused(answer) == (409, "sitting_frozen")


async def test_rooms_tell_their_attempts_by_state(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, candidates=2)
    answer = await http.get(f"/api/v1/sittings/{hall.sitting_id}/rooms", headers=hall.headers(hall.officer))
    totals: dict[str, int] = {}
    for room in answer.json()["items"]:
        for state, count in room["totals"].items():
            totals[state] = totals.get(state, 0) + count
    assert sum(totals.values()) == 2
