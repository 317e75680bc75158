"""`kaochang worker`: the sweeper without the HTTP service."""

import asyncio
import signal

from app.commands.environment import run_in_context
from app.core.context import Context
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.services.sweeper import sweeping


def worker() -> None:
    """后台任务 End due attempts, mark absences and grade, until stopped."""
    settings = Settings()
    configure_logging(settings)
    run_in_context(_sweep_until_stopped, settings)


async def _sweep_until_stopped(context: Context) -> None:
    stopped = asyncio.Event()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_, stopped.set)
    async with sweeping(context):
        await stopped.wait()
