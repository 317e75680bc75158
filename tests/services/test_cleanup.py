"""What has served its time is deleted, and nothing else."""

from dataclasses import replace
from datetime import timedelta

from app.core.context import Context
from app.core.database import Database
from app.core.ids import new_id
from app.core.permissions import Role
from app.models.audit import IdempotentAnswer
from app.models.staff import LoginFailure, RefreshToken
from app.services import cleanup
from app.services.cleanup import BATCH, EVERY, Cleanup, clean_up
from tests.conftest import FixedClock
from tests.halls import add_staff
from tests.rows import sql

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def names(context: Context) -> set[str]:
    rows = await sql(
        context,
        "SELECT subject FROM login_failure UNION ALL SELECT convert_from(token_hash, 'UTF8') FROM refresh_token"
        " UNION ALL SELECT key FROM idempotent_answer",
    )
    return {name for (name,) in rows}


async def fill(context: Context, clock: FixedClock, answers: int = 1) -> None:
    """One row of each kind on either side of its limit, named after what becomes of it."""
    now = clock.host_now()
    staff_id = (await add_staff(context, Role.officer)).account()
    async with context.database.transaction() as session:
        for name, age in (("keep-failure", DAY), ("drop-failure", DAY + HOUR)):
            session.add(LoginFailure(subject=name, failures=3, last_at=now - age))
        rotated, ended = new_id(), new_id()
        for name, family, age in (
            ("keep-used", rotated, 5 * DAY),
            ("keep-valid", rotated, -HOUR),
            ("drop-used", ended, 5 * DAY),
            ("drop-last", ended, DAY + HOUR),
            ("keep-ended-today", new_id(), HOUR),
        ):
            session.add(
                RefreshToken(
                    token_hash=name.encode(),
                    family=family,
                    staff_id=staff_id,
                    issued_at=now - age - HOUR,
                    expires_at=now - age,
                )
            )
        ages = [("keep-answer", 7 * DAY), *((f"drop-answer-{number}", 7 * DAY + HOUR) for number in range(answers))]
        for name, age in ages:
            session.add(IdempotentAnswer(actor_id=staff_id, key=name, request_hash="", created_at=now - age))


async def test_only_what_is_old_enough_is_deleted(context: Context, clock: FixedClock) -> None:
    """Used refresh tokens stay while their login lasts: one that comes again tells of a theft."""
    await fill(context, clock)
    assert await clean_up(context)
    assert {name.split("-")[0] for name in await names(context)} == {"keep"}
    assert len(await names(context)) == 5


async def test_a_turn_is_one_batch_and_the_next_follows_at_once(context: Context, clock: FixedClock) -> None:
    await fill(context, clock, answers=BATCH + 1)
    one = Cleanup(context)
    await one.turn()
    assert sum(name.startswith("drop") for name in await names(context)) == 1
    await one.turn()
    assert not any(name.startswith("drop") for name in await names(context))


async def test_it_is_done_once_an_hour(context: Context, clock: FixedClock) -> None:
    one = Cleanup(context)
    await one.turn()
    await fill(context, clock)
    clock.advance(EVERY - timedelta(seconds=1))
    await one.turn()
    assert "drop-failure" in await names(context)
    clock.advance(timedelta(seconds=1))
    await one.turn()
    assert "drop-failure" not in await names(context)


async def test_one_process_does_it_at_a_time(context: Context, clock: FixedClock) -> None:
    await fill(context, clock)
    async with context.database.transaction() as session:
        await session.execute(cleanup.ONE_AT_A_TIME)
        assert await clean_up(context)
        assert "drop-failure" in await names(context)
    assert await clean_up(context)
    assert "drop-failure" not in await names(context)


async def test_a_database_that_is_away_does_not_stop_the_sweeper(context: Context) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    await Cleanup(replace(context, database=away)).turn()
