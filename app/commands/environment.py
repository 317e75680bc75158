"""Opens the context a command works in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import typer

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database, database_addresses
from app.core.embedded import StartError
from app.core.keyring import load_keyring
from app.core.migrations import migrate
from app.core.problems import Problem
from app.core.settings import Settings

T = TypeVar("T")


@asynccontextmanager
async def open_context(settings: Settings) -> AsyncIterator[Context]:
    """The context over the configured database, brought to the newest schema."""
    addresses = database_addresses(settings)
    await migrate(addresses)
    database = Database(addresses.service, settings.pool_size, addresses.listen)
    try:
        yield Context(settings, database, load_keyring(settings), Clock())
    finally:
        await database.dispose()


def run_in_context(work: Callable[[Context], Awaitable[T]], settings: Settings | None = None) -> T:
    """Runs `work`; a refusal is printed and ends the command with status 1."""

    async def run() -> T:
        async with open_context(settings or Settings()) as context:
            return await work(context)

    with refusals_printed():
        return asyncio.run(run())


@contextmanager
def refusals_printed() -> Iterator[None]:
    """Prints a refusal in Chinese and English and ends the command with status 1."""
    try:
        yield
    except Problem as problem:
        typer.secho(f"{problem.detail('zh-CN')}\n{problem.detail('en')}", err=True, fg="red")
        for error in problem.errors:
            zh, en = error.render("zh-CN"), error.render("en")
            typer.secho(f"  {error.place}: {zh['detail']} {en['detail']}", err=True)
        raise typer.Exit(1) from problem
    except StartError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error
