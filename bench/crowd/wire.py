"""Connections of a crowd: HTTP/1.1 on loopback, parsed by httptools."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httptools

from bench.crowd.plan import Told

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds that an answer may take."""


class Lost(Exception):
    """The connection ended before the answer."""


class Wire(asyncio.Protocol):
    """One connection for one call at a time; opened when a call needs it."""

    def __init__(self, port: int, told: Told) -> None:
        self._port = port
        self._told = told
        self._transport: Any = None
        self._parser: Any = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._body: list[bytes] = []

    async def open(self) -> None:
        if self._transport is None:
            loop = asyncio.get_running_loop()
            self._parser = httptools.HttpResponseParser(self)
            await loop.create_connection(lambda: self, HOST, self._port)
            self._told.connects += 1

    async def call(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises Lost, TimeoutError; a server that closed an idle connection is connected to again."""
        try:
            return await self._call(request)
        except Lost:
            return await self._call(request)

    async def _call(self, request: bytes) -> tuple[int, bytes]:
        await self.open()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        self._told.bytes_sent += len(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._told.bytes_received += len(data)
        self._parser.feed_data(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost())

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body, self._body = b"".join(self._body), []
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), body))


class Stream(asyncio.Protocol):
    """Reads server-sent events (WHATWG HTML, 9.2): their data, one after the other."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._parser = httptools.HttpResponseParser(self)
        self._events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._rest = b""

    @classmethod
    async def follow(cls, port: int, request: bytes, told: Told) -> AsyncIterator[bytes]:
        """Until the server ends the stream. Raises Lost when it does not begin one."""
        loop = asyncio.get_running_loop()
        transport, stream = await loop.create_connection(lambda: cls(told), HOST, port)
        told.connects += 1
        transport.write(request)
        try:
            while (event := await stream._events.get()) is not None:
                if stream._parser.get_status_code() != 200:
                    raise Lost(event.decode())
                yield event
        finally:
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._told.bytes_received += len(data)
        self._parser.feed_data(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._events.put_nowait(None)

    def on_body(self, body: bytes) -> None:
        *events, self._rest = (self._rest + body.replace(b"\r\n", b"\n")).split(b"\n\n")
        for event in events:
            lines = [line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
            if lines:
                self._events.put_nowait(b"\n".join(lines))
