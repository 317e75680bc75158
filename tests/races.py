"""What races are made of: calls that are given at once, and what became of them."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from sqlmodel import select

from app.core.context import Context
from app.core.database import Database
from app.models.audit import AuditEvent
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, begin

Call = Callable[[], Awaitable[object]]


async def race(seed: int, *calls: Call) -> list[object]:
    """All calls at once, each after some turns of the event loop."""
    source = random.Random(seed)  # noqa: S311 -- reproducible by intention

    async def later(turns: int, call: Call) -> object:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await call()

    return await asyncio.gather(*(later(source.randrange(40), call) for call in calls))


async def events_of(context: Context, action: str) -> Counter[UUID | None]:
    async with context.database.transaction() as session:
        query = select(AuditEvent.subject_id).where(AuditEvent.action == action)
        return Counter((await session.execute(query)).scalars())


async def all_begun(http: httpx.AsyncClient, hall: Hall) -> list[tuple[Seated, dict[str, str]]]:
    return [(who, await begin(http, who)) for who in hall.seated]


def sweeper_at(context: Context, database: Database, now: datetime | None) -> Context:
    assert now is not None
    return Context(context.settings, database, context.keyring, FixedClock(now + timedelta(microseconds=1)))
