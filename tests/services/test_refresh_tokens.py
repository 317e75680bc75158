"""A login that ends takes with it the token that is being made at that very moment."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.core.context import Context
from app.core.database import Database
from app.core.problems import Problem
from app.models.staff import RefreshToken
from app.services import authentication, refresh_tokens
from tests.conftest import PASSWORD, Login

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


async def until_someone_waits(database: Database) -> None:
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as session:
                if (await session.execute(WAITING)).scalar_one():
                    return


async def test_no_token_outlives_a_reuse_that_races_with_a_refresh(context: Context, login: Login) -> None:
    await login("proctor", "wang.fang")
    used = (await authentication.log_in(context, "wang.fang", PASSWORD, "test", None)).refresh_token
    newest = (await authentication.refresh(context, used)).refresh_token
    now = context.clock.host_now()
    async with context.database.transaction() as session:
        link = await refresh_tokens.find(session, newest)
        assert link is not None
        assert await refresh_tokens.use(session, link, now)
        refresh_tokens.issue(session, link.staff_id, family=link.family, scopes=None, now=now, life=timedelta(hours=1))
        await session.flush()
        reuse = asyncio.create_task(authentication.refresh(context, used))
        await until_someone_waits(context.database)
    with pytest.raises(Problem, match="refresh_token_reused"):
        await reuse
    async with context.database.transaction() as session:
        alive = select(RefreshToken).where(col(RefreshToken.revoked_at).is_(None))
        assert (await session.execute(alive)).scalars().all() == []
