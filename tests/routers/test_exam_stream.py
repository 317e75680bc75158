"""The candidate's own stream, from a real server: what it tells, and when it ends."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import QueuePool, event

from app.core.context import Context
from app.core.tokens import CandidateClaims, issue_candidate_token
from app.domain.connection import STALE_AFTER
from tests.conftest import FixedClock
from tests.halls import Hall, begin, log_in, open_hall
from tests.mail import confirm, eventually, heartbeat, say, states
from tests.proctors import GRANT, STOPS, give, lead
from tests.serving import Reader, Served, serving

STREAM = "/api/v1/exam/stream"


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=2)


async def until(reader: Reader, **expected: Any) -> dict[str, Any]:
    """The first `state` with these members; states between may be left out by the service."""
    while True:
        one = await reader.next()
        assert one.name == "state", one.data
        if all(one.data[name] == value for name, value in expected.items()):
            return one.data


async def test_the_first_event_is_the_whole_state(context: Context, hall: Hall) -> None:
    async with serving(context) as served:
        token = await begin(served.http, hall.seated[0])
        async with served.stream(STREAM, token) as reader:
            first = await reader.next()
    assert first.name == "state"
    assert first.data == {
        "server_time": "2027-03-06T01:00:00Z",
        "deadline_at": "2027-03-06T02:30:00Z",
        "deadline_version": 1,
        "seconds_left": 5400,
        "messages": [],
        "state": "in_progress",
        "room_state": "running",
        "hand": None,
    }


async def test_messages_come_at_once_count_as_delivered_and_go_when_confirmed(context: Context, hall: Hall) -> None:
    async with serving(context) as served:
        http = served.http
        token = await log_in(http, hall.seated[0])
        async with served.stream(STREAM, token) as reader:
            await until(reader, messages=[])
            [sent] = await say(http, hall, "请保持安静。", hall.seated[0])
            shown = (await reader.next()).data["messages"]
            assert [(one["id"], one["body"]) for one in shown] == [(sent["id"], "请保持安静。")]
            await eventually(lambda: states(http, hall), lambda known: known == {sent["id"]: "delivered"})
            await confirm(http, token, sent["id"])
            assert (await reader.next()).data["messages"] == []


async def test_every_change_of_state_clock_room_and_hand_is_told(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with serving(context) as served:
        http = served.http
        token = await log_in(http, first)
        async with served.stream(STREAM, token) as reader:
            await until(reader, state="ready", deadline_at=None)
            await http.post("/api/v1/exam/start", headers=token)
            await until(reader, state="in_progress", deadline_version=1)
            await give(http, hall.proctor, first, "grants", GRANT)
            told = await until(reader, deadline_version=2)
            assert (told["seconds_left"], told["messages"][0]["code"]) == (5400 + 600, "grant")
            await lead(http, hall, "suspend", STOPS)
            await until(reader, room_state="suspended", state="interrupted", deadline_at=None)
            hand = (await http.post("/api/v1/exam/hand", headers=token, json={"reason": "technical"})).json()
            assert (await until(reader, room_state="suspended", state="interrupted"))["hand"]["id"] == hand["id"]
            await http.post(f"/api/v1/proctor/hands/{hand['id']}/confirm", headers=hall.proctor)
            assert (await until(reader, hand=None))["messages"][-1]["code"] == "hand_confirmed"


async def test_what_concerns_others_is_not_told(context: Context, hall: Hall) -> None:
    first, second = hall.seated
    async with serving(context) as served:
        http = served.http
        async with served.stream(STREAM, await log_in(http, first)) as reader:
            await until(reader, messages=[])
            await say(http, hall, "给第二位", second)
            await say(http, hall, "给第一位", first)
            assert [one["body"] for one in (await reader.next()).data["messages"]] == ["给第一位"]


async def test_it_ends_when_the_lease_moves_and_the_old_device_cannot_open_it_again(
    context: Context, hall: Hall
) -> None:
    first, _ = hall.seated
    async with serving(context) as served:
        token = await begin(served.http, first)
        async with served.stream(STREAM, token) as reader:
            await until(reader, state="in_progress")
            await give(served.http, hall.proctor, first, "release", STOPS)
            closed = await reader.next()
            assert (closed.name, closed.data) == ("closed", {"code": "lease_moved"})
            assert await reader.ended()
        refused = await served.http.get(STREAM, headers=token)
        assert (refused.status_code, refused.json()["code"]) == (409, "lease_moved")


async def test_it_ends_when_the_token_expires(context: Context, hall: Hall, clock: FixedClock) -> None:
    first, _ = hall.seated
    async with serving(context) as served, served.stream(STREAM, await log_in(served.http, first)) as reader:
        await until(reader, state="ready")
        clock.advance(context.settings.candidate_token_life)
        await say(served.http, hall, "叫醒", first)
        closed = await reader.next()
        assert (closed.name, closed.data) == ("closed", {"code": "invalid_token"})


async def test_a_token_of_no_attempt_opens_nothing(context: Context, hall: Hall) -> None:
    claims = CandidateClaims(hall.sitting_id, hall.room_id, 1)
    expires_at = context.clock.host_now() + timedelta(hours=1)
    token = {"Authorization": f"Bearer {issue_candidate_token(context.keyring.token_key, claims, expires_at)}"}
    async with serving(context) as served:
        refused = await served.http.get(STREAM, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")


async def test_one_attempt_keeps_no_more_than_two_streams_open(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with serving(context) as served, AsyncExitStack() as stack:
        token = await log_in(served.http, first)
        readers = []
        for _ in range(3):
            readers.append(await stack.enter_async_context(served.stream(STREAM, token)))
            await until(readers[-1], state="ready")
        closed = await readers[0].next()
        assert (closed.name, closed.data) == ("closed", {"code": "stream_replaced"})
        await say(served.http, hall, "还在", first)
        for reader in readers[1:]:
            assert (await reader.next()).data["messages"][0]["body"] == "还在"


async def test_a_last_event_id_does_no_harm(context: Context, hall: Hall) -> None:
    async with serving(context) as served:
        token = await log_in(served.http, hall.seated[0])
        async with served.stream(STREAM, token, last="3; DROP TABLE message") as reader:
            await until(reader, state="ready")


async def test_it_ends_in_good_order_when_the_service_stops(context: Context, hall: Hall) -> None:
    async with AsyncExitStack() as stack, serving(context) as served:
        token = await log_in(served.http, hall.seated[0])
        reader = await stack.enter_async_context(served.stream(STREAM, token))
        await until(reader, state="ready")
        served.app.state.services.stop()
        closed = await reader.next()
        assert (closed.name, closed.data) == ("closed", {"code": "service_stopping"})
        refused = await served.http.get(STREAM, headers=token)
        assert (refused.status_code, refused.json()["code"]) == (503, "service_stopping")
        await stack.aclose()


async def test_opening_a_stream_is_a_sign_of_life_and_its_staying_open_is_none(
    context: Context, hall: Hall, clock: FixedClock
) -> None:
    """A client that has died, or a cable that was pulled out, leaves the connection open."""
    async with serving(context) as served, AsyncExitStack() as stack:
        dead, _ = await _open(served, stack, hall)

        async def connections() -> list[str]:
            board = await served.http.get(f"/api/v1/proctor/rooms/{hall.room_id}", headers=hall.proctor)
            return sorted(row["connection"] for row in board.json()["attempts"])

        await eventually(connections, lambda found: found == ["online", "online"])
        clock.advance(STALE_AFTER)
        await say(served.http, hall, "请保持安静。")
        assert (await dead.next()).data["messages"]
        await heartbeat(served.http, await log_in(served.http, hall.seated[1]))
        assert await eventually(connections, lambda found: "online" in found) == ["online", "stale"]


async def test_streams_are_fed_without_a_statement_or_a_connection_of_their_own(context: Context) -> None:
    hall = await open_hall(context, candidates=30)
    reads: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "wanted AS MATERIALIZED" in statement:
            reads.append(statement)

    engine = context.database.engine.sync_engine
    async with serving(context) as served, AsyncExitStack() as stack:
        background = await _connections(context, lambda _: True)
        readers = await _open(served, stack, hall)
        event.listen(engine, "before_cursor_execute", note)
        try:
            await _connections(context, lambda held: held <= background)
            await say(served.http, hall, "全场请注意。")
            told = await asyncio.gather(*(reader.next() for reader in readers))
        finally:
            event.remove(engine, "before_cursor_execute", note)
    assert {one.data["messages"][0]["body"] for one in told} == {"全场请注意。"}
    assert 1 <= len(reads) < 10


async def _open(served: Served, stack: AsyncExitStack, hall: Hall) -> list[Reader]:
    """A stream of each candidate, its first event read."""
    readers = []
    for one in hall.seated:
        token = await log_in(served.http, one)
        reader = await stack.enter_async_context(served.stream(STREAM, token))
        await until(reader, state="ready")
        readers.append(reader)
    return readers


async def _connections(context: Context, holds: Callable[[int], bool]) -> int:
    """How many of the pool are in use, once it holds."""

    async def in_use() -> int:
        pool = context.database.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    return await eventually(in_use, holds)
