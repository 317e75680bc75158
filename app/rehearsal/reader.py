"""Follows streams, each for one person, whatever becomes of the connection: resumes, logs in again, changes servers."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import cycle

import httpx
from httpx_sse import SSEError

from app.rehearsal.screens import Screen
from app.rehearsal.server import Caller, Refused, ServerClock
from app.rehearsal.staff import StaffMember
from app.rehearsal.times import Times

CUTS = (0.3, 0.6), (0.65, 0.9)
"""Each reader loses the connection once in each of these parts of the window."""

AWAY = 0.5
"""Seconds for which a reader whose connection was cut stays away."""

COME_BACK = 2.0
"""Seconds after which it comes back when a stream has ended by itself; what the servers ask for."""


class Reader:
    """`resumed` counts the returns that were told what was missed, `renewed` those that were told everything.

    `connect` opens a connection to the server after the one with that address.
    `logins` counts the returns with a new token.
    """

    def __init__(self, member: StaffMember, path: str, screen: Screen, connect: Callable[[str], Caller]) -> None:
        self.screen = screen
        self.resumed = 0
        self.renewed = 0
        self.logins = 0
        self.name = member.username
        self._member = member
        self._path = path
        self._connect = connect
        self._caller = member.caller
        self._mark: str | None = None

    async def follow(self, cuts: Sequence[datetime], clock: ServerClock) -> None:
        """Until it is cancelled. At each of `cuts` the connection is lost: the reader comes back to the same server, or
        to the next one, by turns. Raises Refused when it is turned away for good, Unreachable."""
        moves = cycle((False, True))
        for cut in sorted(cuts):
            with suppress(TimeoutError):
                async with asyncio.timeout((cut - clock.now()).total_seconds()):
                    await self._stay()
            await asyncio.sleep(AWAY)
            if next(moves):
                self._caller = self._connect(self._caller.address)
        await self._stay()

    @property
    def server(self) -> str:
        """Where it reads, or read last."""
        return self._caller.address

    async def _stay(self) -> None:
        while True:
            try:
                code = await self._read()
            except Refused as refused:
                if refused.code != "invalid_token" and not refused.away:
                    raise
                code = refused.code
            except (httpx.TransportError, SSEError) as error:
                code = type(error).__name__
            if code == "invalid_token":
                await self._member.log_in()
                self.logins += 1
            else:
                await asyncio.sleep(COME_BACK)

    async def _read(self) -> str:
        """One connection, to its end; the code of why it ended."""
        self._caller.token = self._member.caller.token
        self.screen.opened(self._caller.address)
        returning = self._mark is not None
        async with self._caller.stream(self._path, self._mark) as events:
            async for event in events:
                if event.event == "closed":
                    return str(json.loads(event.data)["code"])
                whole = event.event == "snapshot"
                self._mark = event.id
                self.screen.show(event.data, whole=whole)
                if returning:
                    returning = False
                    self.renewed += whole
                    self.resumed += not whole
        return "cut"


@asynccontextmanager
async def following(
    readers: Sequence[Reader], times: Times, clock: ServerClock, source: random.Random
) -> AsyncIterator[None]:
    """All of them read while the block runs. Raises what one of them raises, and so ends the block."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(reader.follow([times.at(source.uniform(*part)) for part in CUTS], clock))
                for reader in readers
            ]
            yield
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
