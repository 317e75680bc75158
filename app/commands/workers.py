"""Several processes on one port, watched and replaced by uvicorn's supervisor."""

import os
import socket
import tempfile

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from app.commands.configuring import configured
from app.commands.environment import open_context
from app.commands.memory import keep_collections_short
from app.commands.stopping import stop_gently
from app.core.database import database_addresses
from app.core.keyring import root_secret
from app.core.logging import configure_logging
from app.core.metrics import SHARED_FOLDER, forget_dead_processes
from app.core.settings import Settings
from app.main import create_app


class WorkerApp:
    """The application of one process, made when that starts: an open context cannot be handed over to it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            configure_logging(self._settings)
            forget_dead_processes()
            async with open_context(self._settings) as context:
                self._app = app = create_app(context)

                async def when_started(message: Message) -> None:
                    if message["type"] == "lifespan.startup.complete":
                        stop_gently(app, self._settings)
                        keep_collections_short()
                    await send(message)

                await app(scope, receive, when_started)
        elif self._app is not None:
            await self._app(scope, receive, send)


def run_workers(settings: Settings, count: int, listener: socket.socket) -> None:
    """Serves until told to stop; a process that dies is replaced.

    The embedded database is held by this process; the others are told its address and the root secret.
    """
    addresses = database_addresses(settings)
    told = settings.model_copy(
        update={
            "database_url": addresses.service,
            "migration_database_url": addresses.owner,
            "secret_key": SecretStr(root_secret(settings)),
        }
    )
    with tempfile.TemporaryDirectory(prefix="kaochang-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        config = configured(WorkerApp(told), settings, workers=count)
        Multiprocess(config, [listener]).run()
