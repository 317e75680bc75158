"""Seats over HTTP: automatically, by hand, and the plan of a room."""

from collections import Counter
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.core.context import Context
from tests.builders import Draft, plan_sitting
from tests.conftest import Login
from tests.rosters import add, faults, line

ROOMS = {"第一考场": 6, "第二考场": 12}


@pytest_asyncio.fixture
async def sitting(context: Context) -> Draft:
    return await plan_sitting(context, ROOMS)


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


async def seats(officer: httpx.AsyncClient, sitting: Draft) -> dict[str, tuple[str | None, int | None]]:
    """Room and seat by name."""
    items = (await officer.get(f"{sitting.path}/entries")).json()["items"]
    return {entry["name"]: (entry["room"], entry["seat_number"]) for entry in items}


async def move(officer: httpx.AsyncClient, sitting: Draft, *moves: tuple[str, str, int]) -> httpx.Response:
    assignments = [
        {"entry_id": entry_id, "room_id": str(sitting.rooms[room]), "seat_number": seat}
        for entry_id, room, seat in moves
    ]
    return await officer.post(f"{sitting.path}/seating", json={"assignments": assignments})


async def test_automatic_seating_fills_the_rooms_evenly_around_those_seated(
    officer: httpx.AsyncClient, sitting: Draft
) -> None:
    await add(officer, sitting, line(0, room="第一考场", seat_number=3), *(line(n) for n in range(1, 9)))
    answer = await officer.post(f"{sitting.path}/seating", json={"method": "automatic", "seed": 11})
    assert answer.json() == {"seated": 8, "seed": 11}
    given = await seats(officer, sitting)
    assert given["考生0"] == ("第一考场", 3)
    assert len(set(given.values())) == 9
    assert Counter(room for room, _ in given.values()) == {"第一考场": 3, "第二考场": 6}
    assert (await officer.post(f"{sitting.path}/seating", json={"method": "automatic"})).json()["seated"] == 0


async def test_a_seed_gives_the_same_seats_again(officer: httpx.AsyncClient, sitting: Draft) -> None:
    entries = await add(officer, sitting, *(line(n) for n in range(9)))
    first = (await officer.post(f"{sitting.path}/seating", json={"method": "automatic"})).json()
    given = await seats(officer, sitting)
    for entry in entries:
        path = f"{sitting.path}/entries/{entry['id']}"
        assert (await officer.patch(path, json={"room_id": None, "seat_number": None})).status_code == 200
    again = await officer.post(f"{sitting.path}/seating", json={"method": "automatic", "seed": first["seed"]})
    assert again.json() == first
    assert await seats(officer, sitting) == given


async def test_more_candidates_than_seats_are_refused(officer: httpx.AsyncClient, sitting: Draft) -> None:
    await add(officer, sitting, *(line(n) for n in range(19)))
    answer = await officer.post(f"{sitting.path}/seating", json={"method": "automatic"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_seats")
    assert set((await seats(officer, sitting)).values()) == {(None, None)}


async def test_two_change_places_in_one_call(officer: httpx.AsyncClient, sitting: Draft) -> None:
    first, second = await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in (1, 2)))
    answer = await move(officer, sitting, (first["id"], "第一考场", 2), (second["id"], "第一考场", 1))
    assert (answer.status_code, answer.json()) == (200, {"seated": 2, "seed": None})
    assert await seats(officer, sitting) == {"考生1": ("第一考场", 2), "考生2": ("第一考场", 1)}


async def test_everybody_moves_or_nobody(officer: httpx.AsyncClient, context: Context, sitting: Draft) -> None:
    (stranger,) = await add(officer, await plan_sitting(context), line(9))
    first, _, third = await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in (1, 2)), line(3))
    before = await seats(officer, sitting)
    answer = await move(
        officer,
        sitting,
        (first["id"], "第二考场", 1),
        (third["id"], "第一考场", 2),
        (third["id"], "第二考场", 13),
        (stranger["id"], "第二考场", 1),
    )
    assert faults(answer) == [
        ("assignments[1].seat_number", "seat_taken"),
        ("assignments[2].entry_id", "value_repeated"),
        ("assignments[2].seat_number", "seat_out_of_range"),
        ("assignments[3].entry_id", "entry_unknown"),
        ("assignments[3].seat_number", "value_repeated"),
    ]
    assert await seats(officer, sitting) == before


async def test_rooms_of_other_sittings_are_unknown(
    officer: httpx.AsyncClient, context: Context, sitting: Draft
) -> None:
    (entry,) = await add(officer, sitting, line(1))
    other = await plan_sitting(context, ROOMS)
    body = {"assignments": [{"entry_id": entry["id"], "room_id": str(other.rooms["第一考场"]), "seat_number": 1}]}
    answer = await officer.post(f"{sitting.path}/seating", json=body)
    assert faults(answer) == [("assignments[0].room_id", "room_unknown")]


@pytest.mark.parametrize("body", [{}, {"method": "by_hand"}, {"assignments": []}, {"seed": -1, "method": "automatic"}])
async def test_a_request_for_no_kind_of_seating_is_refused(
    officer: httpx.AsyncClient, sitting: Draft, body: dict[str, Any]
) -> None:
    answer = await officer.post(f"{sitting.path}/seating", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_room_shows_every_seat_in_rows(officer: httpx.AsyncClient, sitting: Draft) -> None:
    (entry,) = await add(officer, sitting, line(1, room="第二考场", seat_number=8))
    plan = (await officer.get(f"{sitting.path}/rooms/{sitting.rooms['第二考场']}/seats")).json()["items"]
    assert [(seat["seat_number"], seat["row"], seat["column"]) for seat in plan] == [
        (number, 1 if number <= 6 else 2, (number - 1) % 6 + 1) for number in range(1, 13)
    ]
    assert {seat["seat_number"]: seat["entry"] for seat in plan if seat["entry"]} == {8: entry}
