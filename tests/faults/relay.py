"""A stretch of network between two programs, as a TCP relay in this process: it can be cut, frozen, slow and lossy."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

CHUNK = 1 << 16


@dataclass(frozen=True)
class Weather:
    """How bytes travel: seconds for each chunk, and the chances that it stalls, as after a lost packet that is sent
    again, or that the connection breaks."""

    latency: tuple[float, float] = (0.0, 0.0)
    stall: float = 0.0
    stalled: float = 0.0
    breaks: float = 0.0


FAIR = Weather()
FOUL = Weather(latency=(0.02, 0.15), stall=0.05, stalled=0.4, breaks=0.01)


class Relay:
    """From an own loopback port to those of `targets` in turn; one that does not take the connection is passed over."""

    def __init__(self, targets: Sequence[int], source: random.Random) -> None:
        self.targets = list(targets)
        self.weather = FAIR
        self._source = source
        self._next = 0
        self._up = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._drop()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def cut(self) -> None:
        """All connections break, and new ones are turned away."""
        self._up = False
        await self._drop()

    def freeze(self) -> None:
        """Nothing arrives any more, not even that a connection has ended: as when a host vanishes."""
        self._flows.clear()

    def mend(self) -> None:
        """What was held back arrives now."""
        self._up = True
        self._flows.set()

    async def _drop(self) -> None:
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, writer)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        far = await self._connect() if self._up else None
        if far is None:
            return
        far_reader, far_writer = far
        pumps = {
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            far_writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self.targets:
            self._next += 1
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.targets[self._next % len(self.targets)])
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until either side ends, or the weather breaks the connection."""
        while chunk := await reader.read(CHUNK):
            await self._flows.wait()
            weather = self.weather
            if weather is not FAIR:
                if self._source.random() < weather.breaks:
                    return
                stalled = weather.stalled if self._source.random() < weather.stall else 0.0
                await asyncio.sleep(self._source.uniform(*weather.latency) + stalled)
            writer.write(chunk)
            await writer.drain()
        await self._flows.wait()
