"""The exam's clock: the database's, in UTC; a fixed one can be put in its place."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

READ_CLOCK = text("SELECT coalesce(CAST(:fixed AS timestamptz), clock_timestamp())")


class Clock:
    """Reads the database's clock, so that the hosts' clocks do not matter.

    `fixed` is the injected time (aware) that statements use instead of the database's when it is not None.
    """

    fixed: datetime | None = None

    def host_now(self) -> datetime:
        """The host's time, for the expiry of tokens, which needs no database."""
        return self.fixed or datetime.now(UTC)

    async def now(self, session: AsyncSession) -> datetime:
        now: datetime = (await session.execute(READ_CLOCK, {"fixed": self.fixed})).scalar_one()
        return now
