"""Two processes on one database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest_asyncio

from app.core.context import Context
from app.core.database import Database
from tests.applications import started


@pytest_asyncio.fixture
async def two(context: Context, database_url: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Clients of two applications on one database, each with its own connections and save queue."""
    async with AsyncExitStack() as stack:
        clients = []
        other = Database(database_url)
        stack.push_async_callback(other.dispose)
        for own in (context, Context(context.settings, other, context.keyring, context.clock)):
            app = await stack.enter_async_context(started(own))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            clients.append(await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://t")))
        yield clients[0], clients[1]
