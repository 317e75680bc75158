"""`kaochang serve`: the HTTP service."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.commands.environment import open_context
from app.core.embedded import EmbeddedDatabaseError, exclusive_folder
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.main import create_app


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址 Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="端口 Port")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="数据目录 Data folder")] = None,
) -> None:
    """启动服务 Serve the HTTP interface."""
    given = {"host": host, "port": port, "data_dir": data_dir}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    configure_logging(settings)
    try:
        with exclusive_folder(settings.data_dir) if settings.database_url is None else nullcontext():
            asyncio.run(serve_until_stopped(settings))
    except EmbeddedDatabaseError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


async def serve_until_stopped(settings: Settings) -> None:
    async with open_context(settings) as context:
        config = uvicorn.Config(create_app(context), host=settings.host, port=settings.port, log_config=None)
        await uvicorn.Server(config).serve()
