"""The streams of rooms and sittings, on real servers: quick by announcements, right without them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.core.context import Context
from app.core.permissions import Role
from tests.halls import Hall, Seated, add_staff, begin, changes, open_hall
from tests.proctors import GRANT, give, lead, save
from tests.serving import PATIENCE, Event, Reader, Served, eventually, serving


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=3)


@pytest_asyncio.fixture
async def server(context: Context) -> AsyncIterator[Served]:
    async with serving(context) as served:
        yield served


def room_stream(hall: Hall) -> str:
    return f"/api/v1/proctor/rooms/{hall.room_id}/stream"


def row_of(event: Event, who: Seated) -> dict[str, Any]:
    return next((row for row in event.data["attempts"] if row["id"] == str(who.attempt_id)), {})


async def until(reader: Reader, who: Seated, **expected: Any) -> Event:
    """The event in which the candidate's row is as expected."""
    async with asyncio.timeout(PATIENCE):
        while True:
            event = await reader.next()
            row = row_of(event, who)
            if row and all(row[name] == value for name, value in expected.items()):
                return event


async def test_the_first_event_is_everything_then_only_what_changed(server: Served, hall: Hall) -> None:
    first, second, _ = hall.seated
    await begin(server.http, first)
    token = await begin(server.http, second)
    async with server.stream(room_stream(hall), hall.proctor) as reader:
        snapshot = await reader.next()
        assert snapshot.name == "snapshot"
        assert snapshot.id == snapshot.data["version"]
        assert [row["seat_number"] for row in snapshot.data["attempts"]] == [1, 2, 3]
        await save(server.http, token, 1, "A", 1)
        event = await until(reader, second, answered=1, connection="online")
        assert event.name == "changes"
        assert [row["id"] for row in event.data["attempts"]] == [str(second.attempt_id)]
        await give(server.http, hall.proctor, first, "grants", GRANT)
        event = await until(reader, first, granted_seconds=600)
        assert row_of(event, first)["deadline_seen"] is False
        assert await lead(server.http, hall, "suspend", {"reason": "environment.power"}) == "suspended"
        async with asyncio.timeout(PATIENCE):
            while event.data["state"] != "suspended":
                event = await reader.next()
        assert event.data["totals"] == {"checked_in": 1, "interrupted": 2}


async def test_who_comes_back_is_given_what_was_missed(server: Served, hall: Hall) -> None:
    first, second, _ = hall.seated
    token = await begin(server.http, first)
    async with server.stream(room_stream(hall), hall.proctor) as reader:
        mark = (await reader.next()).id
    await save(server.http, token, 1, "A", 1)
    await begin(server.http, second)
    async with server.stream(room_stream(hall), hall.proctor, last=mark) as reader:
        seen: dict[str, dict[str, Any]] = {}
        async with asyncio.timeout(PATIENCE):
            while not (
                seen.get(str(first.attempt_id), {}).get("answered") == 1
                and seen.get(str(second.attempt_id), {}).get("state") == "in_progress"
            ):
                event = await reader.next()
                assert event.name == "changes"
                seen |= {row["id"]: row for row in event.data["attempts"]}
        assert str(hall.seated[2].attempt_id) not in seen


async def test_a_mark_of_a_server_that_was_stopped_gives_everything_anew(context: Context, hall: Hall) -> None:
    async with serving(context) as server:
        token = await begin(server.http, hall.seated[0])
        async with server.stream(room_stream(hall), hall.proctor) as reader:
            mark = (await reader.next()).id
            await save(server.http, token, 1, "A", 1)
    async with serving(context) as server, server.stream(room_stream(hall), hall.proctor, last=mark) as reader:
        snapshot = await reader.next()
        assert snapshot.name == "snapshot"
        row = row_of(snapshot, hall.seated[0])
        assert (row["answered"], row["connection"]) == (1, "online")


async def test_a_server_that_stops_tells_its_readers_to_come_back(context: Context, hall: Hall) -> None:
    async with serving(context) as server, server.stream(room_stream(hall), hall.proctor) as reader:
        await reader.next()
        server.app.state.services.stop()
        closed = await reader.next()
        assert (closed.name, closed.data) == ("closed", {"code": "service_stopping"})
        assert await reader.ended()


async def test_what_one_server_saves_the_streams_of_another_show(context: Context, hall: Hall) -> None:
    async with serving(context) as one, serving(context) as other:
        token = await begin(one.http, hall.seated[0])
        async with other.stream(room_stream(hall), hall.proctor) as reader:
            await reader.next()
            await save(one.http, token, 1, "A", 1)
            await until(reader, hall.seated[0], answered=1)


async def test_without_notifications_the_streams_go_on_by_looking(context: Context, hall: Hall) -> None:
    who = hall.seated[0]
    async with serving(context) as one, serving(context) as deaf:
        token = await begin(one.http, who)
        async with deaf.stream(room_stream(hall), hall.proctor) as reader:
            await reader.next()
            await deaf.app.state.services.announcements.connection.execute("UNLISTEN *")
            await save(one.http, token, 1, "A", 1)
            await until(reader, who, answered=1)
            await give(one.http, hall.proctor, who, "interrupt", {"reason": "technical.device"})
            await until(reader, who, state="interrupted", clock_stopped=True)
            await eventually(lambda: _announcements(deaf, "polling"))


async def test_the_listening_connection_is_made_again_when_it_is_cut(context: Context, hall: Hall) -> None:
    who = hall.seated[0]
    async with serving(context) as server:
        token = await begin(server.http, who)
        async with server.stream(room_stream(hall), hall.proctor) as reader:
            await reader.next()
            announcements = server.app.state.services.announcements
            before = announcements.connection
            before.terminate()
            await eventually(lambda: _announcements(server, "notified", but_not_over=before))
            await save(server.http, token, 1, "A", 1)
            await until(reader, who, answered=1)


async def test_five_hundred_readers_see_the_same_and_cost_the_database_one_reading(
    context: Context, server: Served, hall: Hall
) -> None:
    who = hall.seated[0]
    token = await begin(server.http, who)
    readers = 500
    ready = asyncio.Semaphore(0)

    async def read() -> dict[str, Any]:
        async with server.stream(room_stream(hall), hall.proctor) as reader:
            rows = {row["id"]: row for row in (await reader.next()).data["attempts"]}
            ready.release()
            while rows[str(who.attempt_id)]["answered"] < 8:
                rows |= {row["id"]: row for row in (await reader.next()).data["attempts"]}
            return rows

    reading = [asyncio.create_task(read()) for _ in range(readers)]
    for _ in range(readers):
        await ready.acquire()
    answers = dict.fromkeys(range(1, 9), "")
    letters = {item["number"]: item for item in await _paper(server, token)}
    body = changes({number: _some_answer(letters[number]) for number in answers})
    assert (await server.http.put("/api/v1/exam/responses", headers=token, json=body)).status_code == 200
    boards = await asyncio.gather(*reading)
    assert len({json.dumps(board[str(who.attempt_id)]["answered"]) for board in boards}) == 1


async def _announcements(server: Served, expected: str, but_not_over: object = None) -> bool:
    if server.app.state.services.announcements.connection is but_not_over:
        return False
    return bool((await server.http.get("/api/v1/readyz")).json()["announcements"] == expected)


async def _paper(server: Served, token: dict[str, str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await server.http.get("/api/v1/exam/paper", headers=token)).json()["items"]
    return items


def _some_answer(item: dict[str, Any]) -> str:
    return {"single": "A", "multiple": "AB", "true_false": "T"}[item["type"]]


async def test_a_reader_who_does_not_read_is_given_the_newest_rows(server: Served, hall: Hall) -> None:
    """While the socket is not read, hundreds of changes go by; none is queued, the last is true."""
    who = hall.seated[0]
    token = await begin(server.http, who)
    async with server.stream(room_stream(hall), hall.proctor) as reader:
        await reader.next()
        for sequence in range(1, 60):
            await save(server.http, token, 1 + sequence % 4, "A" if sequence % 2 else "", sequence)
        stored = (await server.http.get("/api/v1/exam/responses", headers=token)).json()["responses"]
        answered = sum(row["answer"] != "" for row in stored)
        await until(reader, who, answered=answered)


async def test_a_stream_ends_when_the_proctor_is_taken_off_the_room(
    server: Served, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.live.boards.ACCESS_CHECK", 0.2)
    async with server.stream(room_stream(hall), hall.proctor) as reader:
        await reader.next()
        path = f"/api/v1/sittings/{hall.sitting_id}/rooms/{hall.room_id}/proctors"
        answer = await server.http.put(path, headers=hall.headers(hall.officer), json={"proctors": []})
        assert answer.status_code == 200, answer.text
        event = await reader.next()
        while event.name != "closed":
            event = await reader.next()
        assert event.data == {"code": "not_found"}


async def test_a_sitting_shows_all_its_rooms_to_chiefs_only(server: Served, hall: Hall) -> None:
    path = f"/api/v1/proctor/sittings/{hall.sitting_id}"
    token = await begin(server.http, hall.seated[0])
    assert (await server.http.get(path, headers=hall.proctor)).status_code == 403
    snapshot = (await server.http.get(path, headers=hall.chief)).json()
    assert snapshot["totals"] == {"checked_in": 2, "in_progress": 1}
    async with server.stream(f"{path}/stream", hall.chief) as reader:
        first = await reader.next()
        assert [room["id"] for room in first.data["rooms"]] == [str(hall.room_id)]
        await lead(server.http, hall, "suspend", {"reason": "environment.power"})
        event = await reader.next()
        while event.data["totals"].get("interrupted") != 1:
            event = await reader.next()
        assert [room["state"] for room in event.data["rooms"]] == ["suspended"]
        await save(server.http, token, 1, "A", 1)


@pytest.mark.parametrize("suffix", ["", "/stream"])
async def test_to_who_has_no_business_there_the_room_does_not_exist(server: Served, hall: Hall, suffix: str) -> None:
    path = f"/api/v1/proctor/rooms/{hall.room_id}{suffix}"
    stranger = hall.headers(await add_staff(hall.context, Role.proctor))
    assert (await server.http.get(path, headers=stranger)).status_code == 404
    assert (await server.http.get(path, headers=hall.headers(hall.officer))).status_code == 403
    candidate = await begin(server.http, hall.seated[0])
    assert (await server.http.get(path, headers=candidate)).status_code == 403
    assert (await server.http.get(path)).status_code == 401
