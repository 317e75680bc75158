"""Connecting to a database on several hosts, of which one takes writes and any may have vanished."""

from typing import Any

import asyncpg

HOST_TIMEOUT = 5.0
"""Seconds after which a host that does not answer is passed over."""

PASSED_OVER = (OSError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)
"""Away or vanished, starting, or a standby."""


class Connector:
    """`asyncpg.connect` with a time limit for each host, where asyncpg has one for all: the first could use it up.

    The host that was right last is asked first, so that a vanished one delays only the first connection after it.
    """

    def __init__(self, host_timeout: float = HOST_TIMEOUT) -> None:
        self._host_timeout = host_timeout
        self._first = 0

    async def __call__(self, *, host: Any = None, port: Any = None, **arguments: Any) -> Any:
        """`host` and `port` are lists for several. Raises OSError when none of several can be used."""
        if not isinstance(host, list):
            return await asyncpg.connect(host=host, port=port, timeout=self._host_timeout, **arguments)
        for place in (*range(self._first, len(host)), *range(self._first)):
            try:
                connection = await asyncpg.connect(
                    host=host[place], port=port[place], timeout=self._host_timeout, **arguments
                )
            except PASSED_OVER as error:
                last = error
            else:
                self._first = place
                return connection
        raise ConnectionError("no host of the database can be used") from last
