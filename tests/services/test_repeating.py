"""What is served together, and reads, survive a deadlock, a serialisation failure and a lost connection: they are done
again, and answered once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.context import Context
from app.core.rights import SERVICE_ROLE
from tests.conftest import execute
from tests.halls import Hall, begin, changes, log_in, open_hall
from tests.proctors import GRANT
from tests.rows import as_owner, sql
from tests.serving import eventually

WAITING = text("""
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
""")
SECOND_SAVES = "SELECT count(*) FROM response_history WHERE attempt_id = :id AND sequence = 2"
STARTS = "SELECT count(*) FROM audit_event WHERE subject_id = :id AND action = 'attempt.start'"
GRANTS = "SELECT count(*) FROM time_grant WHERE attempt_id = :id"

THE_ANSWER = "UPDATE response SET answer = answer WHERE attempt_id = :id"
THE_ATTEMPT = "SELECT 1 FROM attempt WHERE id = :id FOR UPDATE"
THE_CHAIN = "SELECT 1 FROM audit_head WHERE chain = :sitting FOR UPDATE"
ALL_ATTEMPTS = "LOCK TABLE attempt IN ACCESS EXCLUSIVE MODE"
RESPONSES = "/api/v1/exam/responses"


class Rival:
    """Another transaction of the same database, in the way of the service."""

    def __init__(self, connection: AsyncConnection, hall: Hall) -> None:
        self._connection = connection
        self._values = {"id": hall.seated[0].attempt_id, "sitting": hall.sitting_id}

    async def take(self, statement: str) -> None:
        query = text(statement)
        await self._connection.execute(query, {name: self._values[name] for name in query.compile().params})

    async def until_somebody_waits(self) -> list[int]:
        """Processes of the database that this transaction keeps waiting."""
        await eventually(self._somebody_waits)
        return await self._waiting()

    async def _somebody_waits(self) -> bool:
        return bool(await self._waiting())

    async def _waiting(self) -> list[int]:
        return list((await self._connection.execute(WAITING)).scalars())


Disturb = Callable[[Rival, str], Awaitable[None]]


async def deadlock(rival: Rival, wanted: str) -> None:
    """Wants what they hold, who wait for what it holds; they are the first to notice."""
    await rival.until_somebody_waits()
    await rival.take(wanted)


async def lost_connection(rival: Rival, _wanted: str) -> None:
    for pid in await rival.until_somebody_waits():
        await rival.take(f"SELECT pg_terminate_backend({pid}, 5000)")


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


@pytest.fixture
async def repeatable_read(postgres: str, context: Context) -> None:
    """The service's connections refuse to change what another transaction changed meanwhile."""
    name = context.database.engine.url.database
    setting = "SET default_transaction_isolation = 'repeatable read'"
    await execute(postgres, f"ALTER ROLE {SERVICE_ROLE} IN DATABASE {name} {setting}")


@asynccontextmanager
async def rival_of(context: Context, hall: Hall, taken: str) -> AsyncIterator[Rival]:
    """It gives back what it has taken at the end of the block."""
    async with as_owner(context) as owner:
        rival = Rival(owner, hall)
        await rival.take("SET LOCAL deadlock_timeout = '1min'")
        await rival.take(taken)
        yield rival


async def count(context: Context, query: str, hall: Hall) -> int:
    [row] = await sql(context, query, id=hall.seated[0].attempt_id)
    return int(row[0])


def failed_flushes(context: Context) -> float:
    value = context.metrics.registry.get_sample_value("kaochang_task_failures_total", {"task": "save_flush"})
    return value or 0.0


async def save_first(http: httpx.AsyncClient, hall: Hall) -> dict[str, str]:
    headers = await begin(http, hall.seated[0])
    saved = await http.put(RESPONSES, headers=headers, json=changes({1: "A"}))
    assert saved.json()["responses"][0]["outcome"] == "saved"
    return headers


@pytest.mark.parametrize("disturb", [deadlock, lost_connection])
async def test_a_disturbed_save_is_done_again_and_answered_once(
    http: httpx.AsyncClient, context: Context, hall: Hall, disturb: Disturb
) -> None:
    headers = await save_first(http, hall)
    async with rival_of(context, hall, THE_ANSWER) as rival:
        saving = asyncio.create_task(http.put(RESPONSES, headers=headers, json=changes({1: "B"}, first=2)))
        await disturb(rival, THE_ATTEMPT)
        assert await count(context, SECOND_SAVES, hall) == 0
    answer = await saving
    assert answer.json()["responses"] == [{"number": 1, "outcome": "saved", "reason": None}]
    assert await count(context, SECOND_SAVES, hall) == 1
    assert failed_flushes(context) == 1


async def test_a_save_that_cannot_be_serialised_is_done_again(
    context: Context, hall: Hall, repeatable_read: None, http: httpx.AsyncClient
) -> None:
    headers = await save_first(http, hall)
    async with rival_of(context, hall, THE_ANSWER) as rival:
        saving = asyncio.create_task(http.put(RESPONSES, headers=headers, json=changes({1: "B"}, first=2)))
        await rival.until_somebody_waits()
    answer = await saving
    assert answer.json()["responses"][0]["outcome"] == "saved"
    assert await count(context, SECOND_SAVES, hall) == 1
    assert failed_flushes(context) == 1


@pytest.mark.parametrize("disturb", [deadlock, lost_connection])
async def test_a_disturbed_start_is_done_again_and_recorded_once(
    http: httpx.AsyncClient, context: Context, hall: Hall, disturb: Disturb
) -> None:
    headers = await log_in(http, hall.seated[0])
    async with rival_of(context, hall, THE_CHAIN) as rival:
        starting = asyncio.create_task(http.post("/api/v1/exam/start", headers=headers))
        await disturb(rival, THE_ATTEMPT)
    answer = await starting
    assert (answer.status_code, answer.json()["state"]) == (200, "in_progress")
    assert await count(context, STARTS, hall) == 1


@pytest.mark.parametrize(("method", "path", "body"), [("POST", "/exam/events", {"events": []}), ("GET", "/exam", None)])
async def test_a_read_whose_connection_is_lost_is_done_again(
    http: httpx.AsyncClient, context: Context, hall: Hall, method: str, path: str, body: Any
) -> None:
    headers = await begin(http, hall.seated[0])
    async with rival_of(context, hall, ALL_ATTEMPTS) as rival:
        reading = asyncio.create_task(http.request(method, f"/api/v1{path}", headers=headers, json=body))
        await lost_connection(rival, "")
    assert (await reading).status_code == 200


async def test_a_disturbed_command_is_refused_and_done_once_when_it_comes_again(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    await begin(http, hall.seated[0])
    path = f"/api/v1/proctor/attempts/{hall.seated[0].attempt_id}/grants"
    headers = hall.proctor | {"Idempotency-Key": "a grant, once"}
    async with rival_of(context, hall, THE_CHAIN) as rival:
        granting = asyncio.create_task(http.post(path, headers=headers, json=GRANT))
        await deadlock(rival, THE_ATTEMPT)
    refused = await granting
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    for _ in range(2):
        assert (await http.post(path, headers=headers, json=GRANT)).status_code == 200
    assert await count(context, GRANTS, hall) == 1
