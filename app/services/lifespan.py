"""What runs beside the requests of one process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.core.context import Context
from app.services.saving import SaveQueue
from app.services.sweeper import sweeping


@dataclass(frozen=True)
class Running:
    saves: SaveQueue


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[Running]:
    """The save queue and, unless a fixed clock leaves it to the caller, the sweeper."""
    saves = SaveQueue(context.database, context.clock, context.settings.save_queue_limit)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(saves.running())
        if context.clock.fixed is None:
            await stack.enter_async_context(sweeping(context))
        yield Running(saves)
