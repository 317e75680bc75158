"""`kaochang serve`: the HTTP service."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn
import uvloop
from fastapi import FastAPI

from app.commands.configuring import configured
from app.commands.environment import open_context, refusals_printed
from app.commands.memory import keep_collections_short
from app.commands.stopping import stop_gently
from app.commands.workers import run_workers
from app.core.context import Context
from app.core.embedded import StartError, exclusive_folder
from app.core.logging import configure_logging
from app.core.rights import alterable
from app.core.settings import Settings
from app.main import create_app

log = structlog.get_logger()

BACKLOG = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址 Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="端口 Port")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="数据目录 Data folder")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="进程数 Processes on the one port")] = 1,
) -> None:
    """启动服务 Serve the HTTP interface."""
    given = {"host": host, "port": port, "data_dir": data_dir}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    configure_logging(settings)
    held = exclusive_folder(settings.data_dir) if settings.database_url is None else nullcontext()
    with refusals_printed(), held:
        if workers == 1:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(settings))
        else:
            asyncio.run(_prepare(settings))
            with _listener(settings) as listener:
                run_workers(settings, workers, listener)


async def _serve(settings: Settings) -> None:
    async with open_context(settings) as context:
        await _warn_of_rights(context)
        await make_server(context).serve()


async def _prepare(settings: Settings) -> None:
    """Brings the database to the newest schema before the first process works with it."""
    async with open_context(settings) as context:
        await _warn_of_rights(context)


def _listener(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    except OSError as error:
        raise _port_in_use(settings.host, settings.port) from error


def _port_in_use(host: str, port: int) -> StartError:
    return StartError(
        f"无法监听 {host}:{port}：端口可能已被占用，请用 --port 另选。\n"
        f"Cannot listen on {host}:{port}: is the port in use? Choose another --port."
    )


async def _warn_of_rights(context: Context) -> None:
    async with context.database.transaction() as session:
        if tables := await alterable(session):
            log.warning("audit_log_alterable", tables=tables, remedy="KAOCHANG_MIGRATION_DATABASE_URL")


class Server(uvicorn.Server):
    """Calls `when_started` once it listens; ends the streams before it waits for the connections to end."""

    def __init__(self, app: FastAPI, config: uvicorn.Config, when_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._settings: Settings = app.state.context.settings
        self._when_started = when_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as error:
            raise _port_in_use(self.config.host, self.config.port) from error
        if self.started:
            stop_gently(self._app, self._settings)
            keep_collections_short()
            self._when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.services.stop()
        await super().shutdown(sockets)


def _stop_in_good_order(*_: object) -> None:
    """uvicorn raises SIGTERM again when it has shut down: so that the embedded database is stopped too."""
    sys.exit(0)


def make_server(context: Context, when_started: Callable[[], None] = lambda: None) -> uvicorn.Server:
    settings = context.settings
    signal.signal(signal.SIGTERM, _stop_in_good_order)
    app = create_app(context)
    config = configured(app, settings, host=settings.host, port=settings.port)
    return Server(app, config, when_started)
