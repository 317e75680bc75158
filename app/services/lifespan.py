"""What runs beside the requests of one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.core.context import Context


@dataclass(frozen=True)
class Running: ...


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[Running]:
    yield Running()
