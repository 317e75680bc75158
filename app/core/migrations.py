"""Brings a database to a revision of the schema."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command

MIGRATIONS = next(
    folder
    for folder in (Path(__file__).parents[1] / "alembic", Path(__file__).parents[2] / "alembic")
    if folder.is_dir()
)
ADVISORY_LOCK = 0x6B616F6368616E67


def migration_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate_to(engine: AsyncEngine, revision: str = "head") -> None:
    """Upgrades to `revision`; processes that start together wait for each other."""

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        command.upgrade(migration_config(connection), revision)

    async with engine.begin() as connection:
        await connection.run_sync(run)
