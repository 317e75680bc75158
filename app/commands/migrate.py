"""`kaochang migrate`: the newest schema, and the rights of the service's role."""

import asyncio

import typer

from app.commands.environment import refusals_printed
from app.core.database import database_addresses
from app.core.migrations import migrate as migrate_database
from app.core.settings import Settings


def migrate() -> None:
    """升级数据库 Bring the database to the newest schema, as its owner, and give the service's role its rights."""
    with refusals_printed():
        asyncio.run(migrate_database(database_addresses(Settings())))
    typer.echo("数据库已是最新 The database is up to date.")
