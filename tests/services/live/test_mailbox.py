"""The mailbox over restarts, between processes, and when nothing is announced."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database
from app.core.ids import new_id
from app.domain.messages import MessageKind
from app.domain.states import SittingState
from app.models.message import Message
from app.models.sitting import Sitting
from app.services.live.topics import RoomTopic
from tests.applications import started
from tests.conftest import FixedClock
from tests.halls import Hall, begin, log_in, open_hall
from tests.mail import confirm, eventually, heartbeat, received, say, states
from tests.proctors import save
from tests.serving import serving

NEVER = timedelta(hours=1)


@asynccontextmanager
async def process(context: Context, *, fallback: timedelta = NEVER) -> AsyncIterator[httpx.AsyncClient]:
    """One more server process on the database of `context`, which reads again on its own only so often."""
    database = Database(context.database.engine.url.render_as_string(hide_password=False))
    settings = context.settings.model_copy(update={"live_fallback": fallback})
    async with (
        started(replace(context, database=database, settings=settings)) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        yield http
    await database.dispose()


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=2)


async def test_a_message_sent_in_one_process_reaches_the_candidate_of_another(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with process(context) as one, process(context) as other:
        token = await log_in(other, first)
        [sent] = await say(one, hall, "请保持安静。", first)
        [message] = await received(other, token)
        assert message["id"] == sent["id"]
        await eventually(lambda: states(one, hall), lambda known: known == {sent["id"]: "delivered"})
        await confirm(one, token, sent["id"])
        await received(other, token, count=0)


async def test_a_message_survives_the_process_and_is_delivered_by_the_next(context: Context, hall: Hall) -> None:
    first, second = hall.seated
    async with process(context) as old:
        token = await log_in(old, first)
        sent = await say(old, hall, "请保持安静。")
        await received(old, token)
    async with process(context) as new:
        known = await states(new, hall)
        assert {one["attempt_id"]: known[one["id"]] for one in sent} == {
            str(first.attempt_id): "delivered",
            str(second.attempt_id): "pending",
        }
        for one in (first, second):
            [message] = await received(new, await log_in(new, one))
            assert message["body"] == "请保持安静。"


async def test_what_nobody_announces_is_found_at_the_fallback_interval(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with process(context, fallback=timedelta(seconds=0.2)) as http:
        token = await log_in(http, first)
        assert await heartbeat(http, token) == []
        now = context.clock.host_now()
        async with context.database.transaction() as session:
            session.add(
                Message(
                    sitting_id=hall.sitting_id,
                    batch_id=new_id(),
                    room_id=hall.room_id,
                    attempt_id=first.attempt_id,
                    kind=MessageKind.notice,
                    body="没有通知的消息",
                    details={},
                    sent_at=now,
                )
            )
        [message] = await received(http, token)
        assert message["body"] == "没有通知的消息"


async def test_a_database_that_comes_back_is_read_whole_and_nothing_is_lost(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with process(context) as http:
        token = await log_in(http, first)
        [sent] = await say(http, hall, "断线以前", first)
        async with context.database.raw_connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

        async def messages() -> list[dict[str, Any]]:
            answer = await http.post("/api/v1/exam/events", headers=token, json={})
            found: list[dict[str, Any]] = answer.json().get("messages", [])
            return found

        [message] = await eventually(messages, bool)
        assert message["id"] == sent["id"]


async def test_the_mailbox_does_not_read_for_every_saved_answer(context: Context, hall: Hall) -> None:
    """What was announced before may still be read meanwhile, so a few readings are left to it."""
    first, _ = hall.seated
    reads: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "wanted AS MATERIALIZED" in statement:
            reads.append(statement)

    settings = context.settings.model_copy(update={"live_fallback": NEVER})
    async with serving(replace(context, settings=settings)) as served:
        heard: list[RoomTopic] = []
        served.app.state.services.announcements.subscribe(heard.extend)
        token = await begin(served.http, first)
        event.listen(context.database.engine.sync_engine, "before_cursor_execute", note)
        try:
            for number in range(1, 6):
                await save(served.http, token, number % 4 + 1, "B", number)
                await eventually(_counted(heard), number.__le__)
        finally:
            event.remove(context.database.engine.sync_engine, "before_cursor_execute", note)
    assert len(reads) <= 2


async def test_a_stream_tells_the_time_of_the_database(context: Context, clock: FixedClock) -> None:
    running = replace(context, clock=Clock())
    async with serving(running) as served:
        clock.fixed = running.clock.host_now()
        hall = await open_hall(context)
        token = await log_in(served.http, hall.seated[0])
        before = await _database_time(running)
        async with served.stream("/api/v1/exam/stream", token) as reader:
            told = datetime.fromisoformat((await reader.next()).data["server_time"])
        assert before <= told <= await _database_time(running)


async def test_messages_of_a_sitting_that_is_over_are_carried_no_more(context: Context, hall: Hall) -> None:
    first, _ = hall.seated
    async with process(context) as http:
        await say(http, hall, "散场", first)
    async with context.database.transaction() as session:
        sitting = await session.get_one(Sitting, hall.sitting_id)
        sitting.state = SittingState.closed
    async with process(context) as http:
        assert await heartbeat(http, await log_in(http, first)) == []


def _counted(heard: list[RoomTopic]) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        return sum(topic.progress for topic in heard)

    return count


async def _database_time(context: Context) -> datetime:
    async with context.database.transaction() as session:
        return await context.clock.now(session)
