"""Applications that are used again: to make one, with all its routes, takes longer than most tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI

from app.core.context import Context
from app.main import create_app

_idle: list[FastAPI] = []


@contextmanager
def application(context: Context) -> Iterator[FastAPI]:
    """The application over `context`, for whoever leaves its routes and handlers as they are."""
    app = _idle.pop() if _idle else create_app(context)
    app.state.context = context
    yield app
    _idle.append(app)


@asynccontextmanager
async def started(context: Context) -> AsyncIterator[FastAPI]:
    """The application, with all that runs beside its requests."""
    with application(context) as app:
        async with app.router.lifespan_context(app):
            yield app
