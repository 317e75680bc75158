"""Runs migrations on the connection given by app.core.migrations, else on the configured database."""

import asyncio
from typing import Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers the tables
from alembic import context
from app.core.database import database_addresses
from app.core.settings import Settings
from app.models.base import Vocabulary


def render_item(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    return "sa.Text()" if kind == "type" and isinstance(item, Vocabulary) else False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, compare_server_default=True, render_item=render_item
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_configured_database() -> None:
    engine = create_async_engine(database_addresses(Settings()).owner)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_configured_database())
