"""`kaochang openapi`: the description of the HTTP interface, for generators of clients."""

import json
import secrets
from typing import Any

import typer

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database
from app.core.keyring import Keyring
from app.core.settings import Settings
from app.main import create_app

NOWHERE = "postgresql+asyncpg://nobody@nowhere/nothing"


def openapi() -> None:
    """接口说明（OpenAPI，JSON） The OpenAPI description as JSON."""
    typer.echo(json.dumps(describe(), ensure_ascii=False, indent=1))


def describe() -> dict[str, Any]:
    """The description, from the application alone: no database is opened and no secret is kept."""
    secret = secrets.token_urlsafe(32)
    return create_app(Context(Settings(secret_key=secret), Database(NOWHERE), Keyring(secret), Clock())).openapi()
