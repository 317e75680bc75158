"""The rows that commands on exam day may change, to be compared before and after a refusal."""

from typing import Any

from sqlalchemy import text

from app.core.context import Context

TABLES = (
    "sitting",
    "sitting_paper",
    "room",
    "room_proctor",
    "room_seal",
    "entry",
    "attempt",
    "attempt_paper",
    "time_grant",
    "interruption",
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


async def sql(context: Context, statement: str, **values: Any) -> list[Any]:
    """Runs a statement that no command gives; the rows that it returns."""
    async with context.database.transaction() as session:
        done: Any = await session.execute(text(statement), values)
        return list(done.all()) if done.returns_rows else []
