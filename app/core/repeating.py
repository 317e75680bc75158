"""Which failures of the database pass, and running again what may be run twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

T = TypeVar("T")

PAUSES = (0.05, 0.25)
"""Seconds before the second and the third try, about."""

JITTER = (0.5, 1.5)

LOST = ("08", "57P01", "57P02", "57P03")
"""Connections, by SQLSTATE or its class: broken, ended by an administrator or a crash, not yet possible."""

IN_THE_WAY = ("40001", "40P01")
"""Serialisation failure, deadlock: nothing was done, and the next try may find the way free."""

BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Of asyncpg itself, without a SQLSTATE: the connection is closed already, or closes in the middle of a word."""

UNAVAILABLE = ("08", "53", "57", "55P03", *IN_THE_WAY)
"""Away, starting, out of connections, memory or disk, or a lock not to be had."""


def is_unavailable(error: BaseException) -> bool:
    """Whether the same may succeed later, in seconds or minutes."""
    if isinstance(error, OSError | TimeoutError | PoolTimeoutError):
        return True
    return _connection_is_lost(error) or sqlstate(error).startswith(UNAVAILABLE)


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same may succeed at once: a lost connection, or transactions that stood in each other's way."""
    if isinstance(error, OSError):
        return not isinstance(error, TimeoutError)
    return _connection_is_lost(error) or sqlstate(error).startswith((*LOST, *IN_THE_WAY))


def sqlstate(error: BaseException) -> str:
    """Of an error of asyncpg, by itself or within SQLAlchemy's; empty for any other."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


async def repeated(run: Callable[[], Awaitable[T]]) -> T:
    """Its result after up to three tries. Only for what is as well done twice: a commit whose answer was lost may have
    been done."""
    for pause in PAUSES:
        try:
            return await run()
        except Exception as error:
            if not is_worth_repeating(error):
                raise
        await pause_about(pause)
    return await run()


async def pause_about(seconds: float) -> None:
    """So that those who were disturbed together do not come back together."""
    await asyncio.sleep(seconds * random.uniform(*JITTER))  # noqa: S311 -- no secret


def _connection_is_lost(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, BROKEN) and not isinstance(error, asyncpg.DataError)
