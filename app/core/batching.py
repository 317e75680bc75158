"""Group commit: requests that arrive while others are served are the next batch, and are served together."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

from app.core.problems import Problem
from app.core.repeating import is_unavailable, repeated

Ask = TypeVar("Ask")
Reply = TypeVar("Reply")

RETRY_AFTER = {"Retry-After": "2"}
BUSY_PAUSE = 0.01
"""Seconds before the next batch when all of the last one was busy."""

BUSY_PATIENCE = 5.0
"""Seconds that a request waits for what another command holds before it is refused."""


class Later(Enum):
    """What is asked for is held by another command: it is served with a later batch."""

    busy = "busy"


Outcome: TypeAlias = Reply | Exception | Later
Serve: TypeAlias = Callable[[Sequence[Ask]], Awaitable[Sequence[Outcome[Reply]]]]


@dataclass
class _Waiting(Generic[Ask, Reply]):
    ask: Ask
    reply: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.monotonic)


class Batcher(Generic[Ask, Reply]):
    """`serve` is given at most `limit` requests and answers each, in their order: a reply, a refusal, or Later.

    It may be given the same requests again (`app.core.repeating`), also when it has served them and nobody was told.
    """

    def __init__(self, serve: Serve[Ask, Reply], limit: int) -> None:
        self._serve = serve
        self._limit = limit
        self._waiting: deque[_Waiting[Ask, Reply]] = deque()
        self._arrived = asyncio.Event()
        self._closing = False

    async def ask(self, ask: Ask) -> Reply:
        """Raises what `serve` refuses the request with; Problem `database_unavailable` (503) when it is busy too long
        or the process is about to stop."""
        if self._closing:
            raise Problem("database_unavailable", headers=RETRY_AFTER)
        waiting: _Waiting[Ask, Reply] = _Waiting(ask)
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.reply

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serves while the block runs, and at its end what has been accepted."""
        task = asyncio.create_task(self._serve_forever())
        try:
            yield
        finally:
            self._closing = True
            self._arrived.set()
            await task

    async def _serve_forever(self) -> None:
        while not self._closing or self._waiting:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
                if await self._serve_together(batch) == len(batch):
                    await asyncio.sleep(BUSY_PAUSE)

    async def _serve_together(self, batch: Sequence[_Waiting[Ask, Reply]]) -> int:
        """How many were busy. When the batch fails as a whole, each is tried alone, unless the database is away."""
        try:
            outcomes = await repeated(lambda: self._serve([waiting.ask for waiting in batch]))
        except Exception as error:
            if is_unavailable(error):
                for waiting in batch:
                    _settle(waiting.reply, Problem("database_unavailable", headers=RETRY_AFTER))
                return 0
            if len(batch) == 1:
                _settle(batch[0].reply, error)
                return 0
            return sum([await self._serve_together([waiting]) for waiting in batch])
        busy = 0
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, Later):
                _settle(waiting.reply, outcome)
            elif time.monotonic() - waiting.since > BUSY_PATIENCE:
                _settle(waiting.reply, Problem("database_unavailable", headers=RETRY_AFTER))
            else:
                busy += 1
                self._waiting.append(waiting)
        return busy


def _settle(future: asyncio.Future[Reply], outcome: Reply | Exception) -> None:
    """Who asked may have gone away meanwhile."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
