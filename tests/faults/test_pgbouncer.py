"""The service through PgBouncer in transaction mode, with the shipped configuration, and with fewer connections of the
database than the service has open: an exam goes on, and nothing acknowledged is lost when PgBouncer is killed."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Addresses, Database
from app.core.keyring import Keyring
from app.core.migrations import migrate
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from tests.faults.exam import Exam, Plan, hold
from tests.faults.pgbouncer import NoPgBouncer, PgBouncer, find_pgbouncer
from tests.faults.ports import free_port
from tests.faults.postgres import PostgreSQL
from tests.faults.relay import Relay
from tests.faults.servers import Server
from tests.faults.site import SECRET, Site, open_to_all
from tests.faults.verdict import audit_breaches, breaches
from tests.faults.volume import Volume
from tests.halls import begin, changes, open_hall
from tests.serving import PATIENCE, Reader, eventually

PASSWORD = "of-the-service"
CONNECTIONS = 4
"""Of PgBouncer with the database; the service opens up to 20 a process with PgBouncer."""

CANDIDATES = 16
KILLS = 3

BACKENDS = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{SERVICE_ROLE}'"  # noqa: S608


@dataclass(frozen=True)
class Pooled:
    site: Site
    pgbouncer: PgBouncer


@asynccontextmanager
async def open_pooled_site(source: random.Random) -> AsyncIterator[Pooled]:
    """Two server processes, PgBouncer, PostgreSQL; nothing of it is left afterwards."""
    program = find_pgbouncer()
    async with AsyncExitStack() as stack:
        folder = open_to_all(
            stack.enter_context(TemporaryDirectory(prefix="kaochang-pooled-", ignore_cleanup_errors=True))
        )
        database = PostgreSQL(await stack.enter_async_context(Volume(folder / "a")), free_port())
        stack.push_async_callback(database.stop)
        await database.make()
        direct = f"127.0.0.1:{database.port}/postgres"
        owner = f"postgresql+asyncpg://postgres@{direct}"
        await migrate(Addresses(f"postgresql+asyncpg://{SERVICE_ROLE}:{PASSWORD}@{direct}", owner))
        pgbouncer = PgBouncer(program, folder, database.port, PASSWORD, CONNECTIONS)
        stack.push_async_callback(pgbouncer.kill)
        await pgbouncer.start()
        environment = {
            "KAOCHANG_DATABASE_URL": f"postgresql://{SERVICE_ROLE}:{PASSWORD}@127.0.0.1:{pgbouncer.port}/kaochang",
            "KAOCHANG_LISTEN_DATABASE_URL": f"postgresql://{SERVICE_ROLE}:{PASSWORD}@{direct}",
            "KAOCHANG_SECRET_KEY": SECRET,
            "KAOCHANG_DATA_DIR": str(folder),
        }
        servers = [Server(free_port(), environment, folder) for _ in range(2)]
        for server in servers:
            stack.push_async_callback(server.stop)
            await server.start()
        door = await stack.enter_async_context(Relay([server.port for server in servers], source))
        past = Database(owner)
        stack.push_async_callback(past.dispose)
        settings = Settings(data_dir=folder, database_url=owner, secret_key=SecretStr(SECRET))
        context = Context(settings, past, Keyring(SECRET), Clock())
        yield Pooled(Site(context, [database], [], servers, door, environment), pgbouncer)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pooled() -> AsyncIterator[Pooled]:
    source = random.Random(20_270_307)  # noqa: S311 -- the same course each time
    async with AsyncExitStack() as stack:
        try:
            site = await stack.enter_async_context(open_pooled_site(source))
        except NoPgBouncer as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
        yield site


async def test_a_candidate_logs_in_saves_is_seen_and_hands_in(pooled: Pooled) -> None:
    hall = await open_hall(pooled.site.context)
    stream = f"/api/v1/proctor/rooms/{hall.room_id}/stream"
    one, other = pooled.site.servers
    async with (
        httpx.AsyncClient(base_url=one.address) as candidate,
        httpx.AsyncClient(base_url=other.address, timeout=PATIENCE) as screen,
        screen.stream("GET", stream, headers=hall.proctor) as answer,
    ):
        board = Reader(answer)
        assert (await board.next()).name == "snapshot"
        headers = await begin(candidate, hall.seated[0])
        saved = await candidate.put("/api/v1/exam/responses", headers=headers, json=changes({1: "B", 2: "C"}))
        assert [said["outcome"] for said in saved.json()["responses"]] == ["saved", "saved"]
        while not any(row.get("answered") == 2 for row in (await board.next()).data.get("attempts", ())):
            pass
        receipt = await candidate.post("/api/v1/exam/submit", headers=headers, json={"last_sequence": 2})
        assert receipt.status_code == 200, receipt.text


async def test_notifications_arrive_past_it(pooled: Pooled) -> None:
    async def notified() -> bool:
        ready = [(await server.ask("/api/v1/readyz", {})).json() for server in pooled.site.servers]
        return all(one["announcements"] == "notified" for one in ready)

    await eventually(notified)


async def test_when_it_is_killed_in_the_middle_of_an_exam_nothing_acknowledged_is_lost(pooled: Pooled) -> None:
    async def kill_again_and_again(exam: Exam) -> None:
        for _ in range(KILLS):
            await pooled.pgbouncer.kill()
            await asyncio.sleep(0.5)
            await pooled.pgbouncer.start()
            await exam.until_saving()

    source = random.Random(7)  # noqa: S311 -- the same course each time
    exam = await hold(pooled.site, Plan(CANDIDATES), kill_again_and_again, source)
    assert await breaches(exam) == []
    assert await audit_breaches(pooled.site) == []
    assert exam.trouble, "it was noticed"


async def test_prepared_statements_are_carried_to_the_few_connections_that_there_are(pooled: Pooled) -> None:
    [row] = await pooled.site.database.fetch(BACKENDS)
    assert row["count"] <= CONNECTIONS + len(pooled.site.servers), "and each process listens past it"
    connection = await pooled.pgbouncer.connect()
    carried = await connection.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'PGBOUNCER%'")
    await connection.close()
    assert carried > 0
