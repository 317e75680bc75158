"""The migrations: up, down and up again on a real server, and what they build is what the models say."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers the tables
from alembic import command
from app.core.database import Database
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.migrations import MIGRATIONS, migrate_to, migration_config
from app.services.audit_verification import verify
from tests.conftest import SECRET, database_at, execute

ROOT = Path(__file__).parents[1]
VERSION_TABLE = "alembic_version"

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
LEFTOVERS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v', 'm')
UNION ALL
SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
UNION ALL
SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
CHECKS = """
SELECT conrelid::regclass::text || ': ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"

SCRIPTS = ScriptDirectory(str(MIGRATIONS))
REVISIONS = list(SCRIPTS.walk_revisions())


@pytest_asyncio.fixture
async def empty(postgres: str) -> AsyncIterator[AsyncEngine]:
    """A database without any table."""
    name = f"empty_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE template0")
    engine = create_async_engine(database_at(postgres, name))
    yield engine
    await engine.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def column_of(engine: AsyncEngine, query: str) -> set[str]:
    async with engine.connect() as connection:
        return set((await connection.execute(text(query))).scalars())


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(migration_config(sync), revision))


async def test_up_down_and_up_again(empty: AsyncEngine) -> None:
    await migrate_to(empty)
    first = [await column_of(empty, query) for query in (TABLES, CHECKS, INDEXES)]
    assert set(SQLModel.metadata.tables) | {VERSION_TABLE} == first[0]

    await downgrade(empty, "base")
    assert await column_of(empty, LEFTOVERS) == {VERSION_TABLE}

    await migrate_to(empty)
    assert [await column_of(empty, query) for query in (TABLES, CHECKS, INDEXES)] == first


async def test_migrating_a_migrated_database_changes_nothing(empty: AsyncEngine) -> None:
    await migrate_to(empty)
    before = await column_of(empty, LEFTOVERS)
    await migrate_to(empty)
    assert await column_of(empty, LEFTOVERS) == before


async def test_the_schema_is_that_of_the_models(empty: AsyncEngine) -> None:
    await migrate_to(empty)

    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_check_constraints_and_indexes_are_those_of_the_models(empty: AsyncEngine, postgres: str) -> None:
    """Autogeneration sees neither checks nor all of a partial index: both schemas are built and read back."""
    await migrate_to(empty)
    name = f"models_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE template0")
    engine = create_async_engine(database_at(postgres, name))
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    expected = [await column_of(engine, query) for query in (CHECKS, INDEXES)]
    await engine.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")
    assert len(expected[0]) == number_of_checks(SQLModel.metadata)
    assert [await column_of(empty, query) for query in (CHECKS, INDEXES)] == expected


def number_of_checks(metadata: MetaData) -> int:
    return sum(isinstance(rule, CheckConstraint) for table in metadata.tables.values() for rule in table.constraints)


async def test_events_from_before_the_chain_are_chained(empty: AsyncEngine) -> None:
    """More of one sitting than the migration takes at a time, some of another, and some of none."""
    await migrate_to(empty, "0002")
    sittings = (new_id(), new_id(), None)
    events = [
        {
            "id": new_id(),
            "sitting_id": sittings[0] if number > 30 else sittings[number % 3],
            "at": datetime(2027, 3, 6, 1, 0, 0, number, tzinfo=UTC),
            "details": f'{{"seconds": {number}, "share": 0.25, "reason": "设备故障", "areas": [null, true]}}',
        }
        for number in range(1100)
    ]
    async with empty.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO audit_event (id, sitting_id, at, actor_kind, action, subject, details) "
                "VALUES (:id, :sitting_id, :at, 'system', 'test.write', 'sitting', CAST(:details AS jsonb))"
            ),
            events,
        )
    await migrate_to(empty)
    database = Database(empty.url.render_as_string(hide_password=False))
    found = await verify(database, Keyring(SECRET).audit_public_key)
    await database.dispose()
    assert (found.chains, found.events, found.breaks) == (3, len(events), [])

    await downgrade(empty, "0002")
    assert len(await column_of(empty, "SELECT id FROM audit_event")) == len(events)


GRADED = """
INSERT INTO paper VALUES (:paper, :none, 5, 'A', 1, '[]', '[]',
    '{"items": [{"points": "1"}, {"points": "2"}, {"points": "0.5"}]}', '-', '-', 0.7, now());
INSERT INTO attempt_paper VALUES (:none, :none, :paper, 1, '[[2, []], [3, []], [1, []]]', '-');
INSERT INTO grading_run (sitting_id, id, attempt_id, paper_hash, frozen_hash, key_version, rule_version,
    multiple_choice, responses_digest, items, areas, total, maximum, pass_mark, passed, graded_at)
VALUES (:none, :none, :none, '-', '-', 1, 1, '-', '-', :items, '[]', 2, 3.5, 60, false, now());
"""


async def test_gradings_from_before_they_were_compact_are_made_so_and_back(empty: AsyncEngine) -> None:
    items = [
        {"number": 1, "position": 2, "answer": "ACD", "points": "2", "maximum": "2"},
        {"number": 2, "position": 3, "answer": "", "points": "0", "maximum": "0.5"},
        {"number": 3, "position": 1, "answer": "F", "points": "0", "maximum": "1"},
    ]
    await migrate_to(empty, "0007")
    values = {":none": str(new_id()), ":paper": str(new_id()), ":items": json.dumps(items)}
    statements = GRADED
    for name, value in values.items():
        statements = statements.replace(name, f"'{value}'")
    async with empty.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements.split(";\n")[:-1]:
            await connection.exec_driver_sql(statement)
    await migrate_to(empty)
    async with empty.begin() as connection:
        (run,) = (await connection.execute(text("SELECT answers, points FROM grading_run"))).all()
        await connection.execute(text("UPDATE grading_run SET items = '[]'"))
    assert (run.answers, run.points) == (["F", "ACD", ""], ["0", "2", "0"])

    await downgrade(empty, "0007")
    async with empty.connect() as connection:
        assert (await connection.execute(text("SELECT items FROM grading_run"))).scalar_one() == items


@pytest.mark.parametrize("script", REVISIONS, ids=lambda script: script.revision)
def test_every_migration_can_be_undone_and_waits_for_no_lock(script: Script) -> None:
    source = Path(script.path).read_text(encoding="utf-8")
    _, upgrade, undo = source.replace("def downgrade", "def upgrade").split("def upgrade() -> None:\n")
    for body in (upgrade, undo):
        lines = [line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert lines[0] == "op.execute(\"SET LOCAL lock_timeout = '5s'\")"
        assert len(lines) > 1
        assert "pass" not in lines


def test_history_has_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


async def test_alembic_works_from_the_root_of_the_repository(empty: AsyncEngine) -> None:
    """`check` fails when a migration is missing: it compares as a developer's `revision --autogenerate` would."""
    url = empty.url.render_as_string(hide_password=False)
    environment = {**os.environ, "KAOCHANG_DATABASE_URL": url, "KAOCHANG_SECRET_KEY": SECRET}
    for verb in (["upgrade", "head"], ["check"]):
        alembic = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "alembic", *verb, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await alembic.communicate()
        assert alembic.returncode == 0, output.decode()
