"""The history of answers in parts by the quarter in which a sitting was made."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.context import Context
from app.core.database import Database
from app.core.ids import new_id
from app.core.migrations import migrate_to
from app.core.partitions import AHEAD, SCHEMA, Quarter, quarter_of, quarters_after
from tests.rows import sql

moments = st.integers(1_600_000_000, 32_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))

PARTS = f"SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}'"  # noqa: S608
ADD = "INSERT INTO response_history VALUES (:sitting, :sitting, 1, 1, 'A', 1, now(), now())"
PART_OF = "SELECT tableoid::regclass::text FROM response_history WHERE sitting_id = :sitting"


@given(moments, st.integers(0, 2**12 - 1), st.integers(0, 2**62 - 1))
def test_an_id_lies_in_the_quarter_in_which_it_was_made(moment: datetime, more: int, chance: int) -> None:
    milliseconds = int(moment.timestamp() * 1000)
    made = UUID(int=milliseconds << 80 | 7 << 76 | more << 64 | 2 << 62 | chance)
    quarter = quarter_of(moment)
    assert made.version == new_id().version
    assert quarter.first_id <= made < quarter.after.first_id


def test_quarters_begin_with_january_april_july_october() -> None:
    assert quarter_of(datetime(2027, 3, 31, 23, 59, tzinfo=UTC)) == Quarter(2027, 1)
    assert quarter_of(datetime(2027, 4, 1, 7, 59, tzinfo=UTC).astimezone()) == Quarter(2027, 2)
    assert Quarter(2027, 4).after == Quarter(2028, 1)


def test_only_quarters_that_have_not_begun_are_made() -> None:
    now = datetime(2027, 10, 1, tzinfo=UTC)
    assert [quarter.name for quarter in islice(quarters_after(now), 2)] == ["q2028_1", "q2028_2"]


async def test_what_is_written_goes_into_the_part_of_its_sitting(context: Context) -> None:
    now = datetime.now(UTC)
    (following,) = islice(quarters_after(now), 1)
    far = quarter_of(now + timedelta(days=20 * 366))
    for sitting, part in (
        (quarter_of(now).first_id, "first"),
        (following.first_id, following.name),
        (far.first_id, "other"),
    ):
        await sql(context, ADD, sitting=sitting)
        assert await sql(context, PART_OF, sitting=sitting) == [(f"{SCHEMA}.{part}",)]


async def test_migrating_makes_what_is_missing_of_the_years_to_come(context: Context) -> None:
    before = {name for (name,) in await sql(context, PARTS)}
    assert len(before) == AHEAD + len({"first", "other"})
    last = max(before - {"first", "other"})
    await sql(context, f"DROP TABLE {SCHEMA}.{last}")
    owner = Database(context.database.engine.url.set(username="postgres").render_as_string(hide_password=False))
    await migrate_to(owner.engine)
    await owner.dispose()
    assert {name for (name,) in await sql(context, PARTS)} == before


async def test_the_service_reaches_the_parts_through_the_whole_only(database: Database) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.transaction() as session:
            await session.execute(text(f"SELECT 1 FROM {SCHEMA}.first"))  # noqa: S608


async def test_a_part_that_is_detached_takes_its_sittings_along(context: Context) -> None:
    old, new = UUID(int=1 << 80), quarter_of(datetime.now(UTC)).after.first_id
    for sitting in (old, new):
        await sql(context, ADD, sitting=sitting)
    await sql(context, f"ALTER TABLE response_history DETACH PARTITION {SCHEMA}.first")
    assert await sql(context, "SELECT sitting_id FROM response_history") == [(new,)]
    assert await sql(context, f"SELECT sitting_id FROM {SCHEMA}.first") == [(old,)]  # noqa: S608
