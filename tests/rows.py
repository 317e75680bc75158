"""The rows that commands on exam day may change, to be compared before and after a refusal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.core.context import Context
from app.core.database import as_role

OWNER = "postgres"

TABLES = (
    "sitting",
    "sitting_paper",
    "room",
    "room_proctor",
    "room_seal",
    "sealed_record",
    "entry",
    "attempt",
    "attempt_paper",
    "time_grant",
    "interruption",
    "message",
    "receipt",
    "grading_run",
    "result",
    "audit_event",
    "idempotent_answer",
)
EVERY_ROW = text(" UNION ALL ".join(f"SELECT '{name}', to_jsonb(t)::text FROM {name} t" for name in TABLES))  # noqa: S608


async def rows_of(context: Context) -> list[tuple[str, str]]:
    """Every row of `TABLES` with the name of its table."""
    async with context.database.transaction() as session:
        return sorted((table, row) for table, row in (await session.execute(EVERY_ROW)).all())


@asynccontextmanager
async def as_owner(context: Context) -> AsyncIterator[AsyncConnection]:
    """A transaction of the owner of the tables, who may do what the service may not."""
    owner = create_async_engine(as_role(context.database.engine.url.render_as_string(hide_password=False), OWNER))
    async with owner.begin() as connection:
        yield connection
    await owner.dispose()


async def sql(context: Context, statement: str, **values: Any) -> list[Any]:
    """Runs a statement that no command gives, as the owner of the tables; the rows that it returns."""
    async with as_owner(context) as connection:
        done: Any = await connection.execute(text(statement), values)
        return list(done.all()) if done.returns_rows else []
