"""`kaochang serve --workers 2`: processes are replaced, and stop together."""

import asyncio
import os
import signal
from pathlib import Path

from app.core.database import as_role
from tests.serving import eventually
from tests.worker_processes import START_PATIENCE, two_workers


async def test_a_worker_that_is_killed_is_replaced_and_all_stop_when_told(database_url: str, tmp_path: Path) -> None:
    async with two_workers(as_role(database_url, "postgres"), tmp_path) as workers:

        async def two_serve() -> bool:
            return len(workers.pids()) == 2

        await eventually(two_serve, within=START_PATIENCE)
        first = workers.pids()
        os.kill(min(first), signal.SIGKILL)

        async def replaced() -> bool:
            return len(workers.pids()) == 2 and workers.pids() != first

        await eventually(replaced, within=START_PATIENCE)
        await eventually(workers.ready, within=START_PATIENCE)
        workers.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_PATIENCE):
            await workers.process.wait()
        assert not await workers.ready()
