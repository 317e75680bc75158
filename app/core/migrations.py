"""Brings a database to a revision of the schema."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command
from app.core.database import Addresses, Database
from app.core.embedded import StartError
from app.core.partitions import make_partitions
from app.core.rights import grant_rights

MIGRATIONS = next(
    folder
    for folder in (Path(__file__).parents[1] / "alembic", Path(__file__).parents[2] / "alembic")
    if folder.is_dir()
)
ADVISORY_LOCK = 0x6B616F6368616E67
INSUFFICIENT_PRIVILEGE = "42501"


def migration_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(addresses: Addresses) -> None:
    """To the newest schema as the owner, and gives the service's role, if that is another one, its rights.

    Raises StartError when the role that migrates may not.
    """
    owner, service = make_url(addresses.owner), make_url(addresses.service)
    database = Database(addresses.owner, pool_size=1)
    try:
        await migrate_to(database.engine, service=None if owner.username == service.username else service)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise StartError(
            "数据库须先升级，而本服务的数据库角色无权升级：请以表的所有者设置 KAOCHANG_MIGRATION_DATABASE_URL，"
            "并执行 kaochang migrate。\n"
            "The database must be migrated first, which the service's role may not do: set "
            "KAOCHANG_MIGRATION_DATABASE_URL, as the owner of the tables, and run kaochang migrate."
        ) from error
    finally:
        await database.dispose()


async def migrate_to(engine: AsyncEngine, revision: str = "head", service: URL | None = None) -> None:
    """Upgrades to `revision`, with parts of `response_history` for the years to come and rights for the role of
    `service`; processes that start together wait for each other."""

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        command.upgrade(migration_config(connection), revision)
        make_partitions(connection)
        if service is not None:
            grant_rights(connection, str(service.username), service.password)

    async with engine.begin() as connection:
        await connection.run_sync(run)
