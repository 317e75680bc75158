"""The code of the release before goes on working while, and after, the schema is brought one step forward.

What the old code relies on: its tables and columns with their types, and that a row written without the new columns,
and without knowing of new rules, is still taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.migrations import migrate_to
from tests.test_migrations import REVISIONS, empty

__all__ = ["empty"]

COLUMNS = """
SELECT table_name, column_name, data_type,
    is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES' AS may_be_left_out
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
RULES = """
SELECT c.conrelid::regclass::text AS table_name, c.conname AS name, pg_get_constraintdef(c.oid) AS rule,
    coalesce((SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)), '{}') AS columns
FROM pg_constraint c
WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('c', 'f', 'u', 'p', 'x')
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
    replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '),
    coalesce((SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)), '{}')
FROM pg_index i JOIN pg_class t ON t.oid = i.indexrelid
WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace
"""

BEFORE_THE_FIRST_RELEASE = {
    "0003": "the audit log became a chain: its events cannot be written without their place in it",
}
"""Steps that the rule came too late for. Nothing was released before them; none may be added."""

STEPS = [
    (before.revision, after.revision)
    for before, after in pairwise(reversed(REVISIONS))
    if after.revision not in BEFORE_THE_FIRST_RELEASE
]

Name = tuple[str, str]


@dataclass(frozen=True)
class Schema:
    """Types of columns, columns that a new row may leave out, and rules with the columns they bind."""

    types: Mapping[Name, str]
    optional: frozenset[Name]
    rules: Mapping[Name, tuple[str, frozenset[str]]]

    @property
    def tables(self) -> set[str]:
        return {table for table, _ in self.types}


async def schema_of(engine: AsyncEngine) -> Schema:
    async with engine.connect() as connection:
        columns = (await connection.execute(text(COLUMNS))).all()
        rules = (await connection.execute(text(RULES))).all()
    return Schema(
        {(row.table_name, row.column_name): row.data_type for row in columns},
        frozenset((row.table_name, row.column_name) for row in columns if row.may_be_left_out),
        {(row.table_name, row.name): (row.rule, frozenset(row.columns)) for row in rules},
    )


def obstacles(before: Schema, after: Schema) -> list[str]:
    """What of the new schema the code of the old one would run into."""
    found = [
        f"{table}.{column} is gone or of another type"
        for (table, column), type_ in before.types.items()
        if after.types.get((table, column)) != type_
    ]
    new = set(after.types) - set(before.types)
    found += [f"{table}.{column} must be given" for table, column in new - after.optional if table in before.tables]
    found += [f"{table}.{column} must now be given" for table, column in before.optional - after.optional]
    for (table, name), (rule, columns) in after.rules.items():
        bound = {(table, column) for column in columns}
        if table in before.tables and before.rules.get((table, name), ("",))[0] != rule and not bound <= new:
            found.append(f"{table}: the rule {name} is new: {rule}")
    return sorted(found)


@pytest.mark.parametrize(("before", "after"), STEPS)
async def test_the_old_code_meets_no_obstacle(empty: AsyncEngine, before: str, after: str) -> None:
    await migrate_to(empty, before)
    old = await schema_of(empty)
    await migrate_to(empty, after)
    assert obstacles(old, await schema_of(empty)) == []


@pytest.mark.parametrize(
    ("statement", "obstacle"),
    [
        ("ALTER TABLE room DROP COLUMN seats_per_row CASCADE", "room.seats_per_row is gone or of another type"),
        ("ALTER TABLE room RENAME COLUMN name TO title", "room.name is gone or of another type"),
        ("ALTER TABLE room ALTER COLUMN seats TYPE bigint", "room.seats is gone or of another type"),
        ("ALTER TABLE room ADD COLUMN building text NOT NULL", "room.building must be given"),
        ("ALTER TABLE room ALTER COLUMN suspended_at SET NOT NULL", "room.suspended_at must now be given"),
        ("ALTER TABLE room ADD CONSTRAINT small CHECK (seats < 9)", "room: the rule small is new: CHECK ((seats < 9))"),
        ("DROP TABLE login_failure", "login_failure.subject is gone or of another type"),
    ],
)
async def test_an_obstacle_would_be_found(empty: AsyncEngine, statement: str, obstacle: str) -> None:
    await migrate_to(empty)
    old = await schema_of(empty)
    async with empty.begin() as connection:
        await connection.exec_driver_sql(statement)
    assert obstacle in obstacles(old, await schema_of(empty))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE room ADD COLUMN building text",
        "ALTER TABLE room ADD COLUMN floor int NOT NULL DEFAULT 1 CHECK (floor > 0)",
        "CREATE TABLE building (id uuid PRIMARY KEY)",
        "CREATE INDEX ON room (name)",
    ],
)
async def test_what_only_adds_is_none(empty: AsyncEngine, statement: str) -> None:
    await migrate_to(empty)
    old = await schema_of(empty)
    async with empty.begin() as connection:
        await connection.exec_driver_sql(statement)
    assert obstacles(old, await schema_of(empty)) == []
