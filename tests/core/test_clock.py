"""The exam's clock without asking the database: hosts agree, whatever their own clocks say."""

from datetime import UTC, datetime, timedelta

from app.core.clock import Clock
from app.core.database import Database
from tests.conftest import FixedClock

NEAR = timedelta(seconds=5)


async def test_it_goes_on_from_what_the_database_said(database: Database) -> None:
    clock = FixedClock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
    async with database.transaction() as session:
        told = await clock.now(session)
    clock.fixed = None
    assert told <= clock.host_now() < told + NEAR


def test_it_is_the_hosts_until_the_database_is_asked() -> None:
    assert abs(Clock().host_now() - datetime.now(UTC)) < NEAR
