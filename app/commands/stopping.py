"""Stopping in good order: first no more new work, then the end."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType

from fastapi import FastAPI

from app.core.settings import Settings

GRACE = 10
"""Seconds that open requests have to end."""

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than a client's pause between two signs of life."""


def stop_gently(app: FastAPI, settings: Settings) -> None:
    """From now on a signal to stop first turns readiness red and ends the streams, whose readers come back elsewhere.

    The server's own handler, which must be in place, follows after `settings.stop_delay`, in which a balancer learns
    of it.
    """
    loop = asyncio.get_running_loop()

    def gently(inherited: Callable[[int, FrameType | None], object]) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            app.state.services.stop()
            loop.call_soon_threadsafe(loop.call_later, settings.stop_delay.total_seconds(), inherited, number, frame)

        return handle

    for number in (signal.SIGTERM, signal.SIGINT):
        inherited = signal.getsignal(number)
        if callable(inherited):
            signal.signal(number, gently(inherited))
