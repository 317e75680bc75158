"""Connections: those of before a restart are not given out, those to a vanished host are given up, and another host is
found."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.core.connecting import Connector
from app.core.database import Database
from app.core.repeating import is_unavailable
from tests.conftest import execute

KEPT = 4
SOON = 10.0
IMPATIENT = 0.3


async def open_connections(database: Database) -> list[int]:
    """As many as it keeps, all returned to the pool; the process ids of their backends."""
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(database.raw_connection()) for _ in range(KEPT)]
        return [connection.get_server_pid() for connection in connections]


async def end_backends(postgres: str, pids: list[int]) -> None:
    for pid in pids:
        await execute(postgres, f"SELECT pg_terminate_backend({pid}, 5000)")


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=KEPT)
    yield database
    await database.dispose()


async def test_after_a_restart_no_request_gets_an_old_connection(small: Database, postgres: str) -> None:
    await end_backends(postgres, await open_connections(small))
    async with small.raw_connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    async with AsyncExitStack() as stack:
        for _ in range(KEPT):
            session = await stack.enter_async_context(small.transaction())
            await session.execute(text("SELECT 1"))


async def test_whoever_waits_for_a_vanished_host_learns_that_it_is_lost(small: Database) -> None:
    async def wait() -> None:
        async with small.transaction() as session:
            await session.execute(text("SELECT 1"))
            connected.set()
            await session.execute(text("SELECT pg_sleep(60)"))

    connected = asyncio.Event()
    waiting = asyncio.create_task(wait())
    await connected.wait()
    small.abandon()
    with pytest.raises(DBAPIError) as lost:
        await asyncio.wait_for(waiting, SOON)
    assert is_unavailable(lost.value), "a 503, to be tried again"
    async with small.raw_connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


@asynccontextmanager
async def vanished() -> AsyncIterator[tuple[int, list[object]]]:
    """The port of a host that takes connections and never says a word, and who came."""
    came: list[object] = []

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer.get_extra_info("peername"))
        try:
            await reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1")
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()


def nobody() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_vanished_host_is_passed_over_and_then_no_longer_asked_first(postgres: str) -> None:
    url = make_url(postgres)
    connect = Connector(IMPATIENT)
    async with vanished() as (silent, came):
        for _ in range(2):
            connection = await connect(
                host=["127.0.0.1", "127.0.0.1", url.query["host"]],
                port=[silent, nobody(), 5432],
                user=url.username,
                database=url.database,
                target_session_attrs="read-write",
            )
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
    assert len(came) == 1


async def test_when_no_host_takes_writes_it_is_as_if_the_database_were_away(postgres: str) -> None:
    url = make_url(postgres)
    host = {"host": [url.query["host"]] * 2, "port": [5432] * 2}
    with pytest.raises(ConnectionError):
        await Connector()(**host, user=url.username, database=url.database, target_session_attrs="standby")
