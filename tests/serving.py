"""Real servers in the event loop of a test: for streams, of which a client without a socket sees only the end."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from httpx_sse import EventSource

from app.commands.serve import Server
from app.core.context import Context
from tests.applications import application

PATIENCE = 20.0
"""Seconds that a test waits for what must come."""


@dataclass(frozen=True)
class Served:
    """One server process' worth of the application, and a client of it."""

    app: FastAPI
    http: httpx.AsyncClient

    @asynccontextmanager
    async def stream(self, path: str, headers: dict[str, str], last: str | None = None) -> AsyncIterator["Reader"]:
        mark = {} if last is None else {"Last-Event-ID": last}
        async with self.http.stream("GET", path, headers=headers | mark) as answer:
            assert answer.status_code == 200, (await answer.aread()).decode()
            yield Reader(answer)


class Event:
    def __init__(self, name: str, id_: str, data: dict[str, Any]) -> None:
        self.name = name
        self.id = id_
        self.data = data


class Reader:
    """Reads one stream, event by event; what only keeps the connection alive is no event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._events = (event async for event in EventSource(answer).aiter_sse() if event.data)

    async def next(self) -> Event:
        async with asyncio.timeout(PATIENCE):
            event = await anext(self._events)
        return Event(event.event, event.id, json.loads(event.data))

    async def ended(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            return await anext(self._events, None) is None


async def eventually(holds: Callable[[], Awaitable[bool]], within: float = PATIENCE) -> None:
    """Returns once it holds; asks again and again. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        held = await holds()
        while not held:
            await asyncio.sleep(0.05)
            held = await holds()


@asynccontextmanager
async def serving(context: Context) -> AsyncIterator[Served]:
    """The application over `context` on a loopback port of its own."""
    with application(context) as app, socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        started = asyncio.Event()
        server = Server(app, uvicorn.Config(app, log_config=None), started.set)
        task = asyncio.create_task(server.serve([listener]))
        async with asyncio.timeout(PATIENCE):
            await started.wait()
        limits = httpx.Limits(max_connections=None)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits) as http:
                yield Served(app, http)
        finally:
            server.should_exit = True
            async with asyncio.timeout(PATIENCE):
                await task
