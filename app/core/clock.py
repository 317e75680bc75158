"""The exam's clock: the database's, in UTC; a fixed one can be put in its place."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

READ_CLOCK = text("SELECT coalesce(CAST(:fixed AS timestamptz), clock_timestamp())")


class Clock:
    """Reads the database's clock, so that the hosts' clocks do not matter.

    `fixed` is the injected time (aware) that statements use instead of the database's when it is not None.
    """

    fixed: datetime | None = None
    _read: tuple[datetime, float] | None = None

    def host_now(self) -> datetime:
        """The time without asking the database, for the expiry of tokens: what it said last, and what this host's
        monotonic counter has counted since. So hosts agree, whatever their clocks say and however they jump.

        The host's own clock counts only until the database is first asked.
        """
        if self.fixed is not None:
            return self.fixed
        if self._read is None:
            return datetime.now(UTC)
        then, counter = self._read
        return then + timedelta(seconds=time.monotonic() - counter)

    async def now(self, session: AsyncSession) -> datetime:
        now: datetime = (await session.execute(READ_CLOCK, {"fixed": self.fixed})).scalar_one()
        self._read = now, time.monotonic()
        return now
