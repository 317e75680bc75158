"""`kaochang serve --workers 2`: processes are replaced, and stop together."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL
from pathlib import Path
from typing import Any

import pytest
from uvicorn.config import STARTUP_FAILURE

from app.commands.workers import WorkerApp
from app.core.database import as_role
from app.core.settings import Settings
from tests.conftest import ROOT, SECRET
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


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    url = as_role(database_url, "postgres")
    return Settings(data_dir=tmp_path, secret_key=SECRET, database_url=url, migration_database_url=url)


async def test_a_worker_told_to_stop_while_it_starts_is_stopped_by_the_server(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own part in stopping begins when it has started: before, there is nothing that it could stop."""

    def of_the_server(*_: object) -> None: ...

    before = signal.signal(signal.SIGTERM, of_the_server)
    told: asyncio.Queue[Any] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    monkeypatch.setattr("app.commands.workers.create_app", lambda _: starting)
    for whole_process in ("configure_logging", "keep_collections_short"):
        monkeypatch.setattr(f"app.commands.workers.{whole_process}", lambda *_: None)

    async def starting(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert signal.getsignal(signal.SIGTERM) is of_the_server
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    running = asyncio.create_task(WorkerApp(settings)({"type": "lifespan"}, told.get, said.put))
    try:
        await told.put({"type": "lifespan.startup"})
        assert (await said.get())["type"] == "lifespan.startup.complete"
        assert signal.getsignal(signal.SIGTERM) is not of_the_server
        await told.put({"type": "lifespan.shutdown"})
        await running
    finally:
        signal.signal(signal.SIGTERM, before)


WITHOUT_DATABASE = """
from app.commands.workers import WorkerApp, configured
from app.core.settings import Settings
import uvicorn
settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing", secret_key="x" * 48)
uvicorn.Server(configured(WorkerApp(settings), settings, host="127.0.0.1", port=0)).run()
"""


async def test_a_worker_that_cannot_start_ends_instead_of_listening() -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WITHOUT_DATABASE, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL
    )
    async with asyncio.timeout(START_PATIENCE):
        assert await worker.wait() == STARTUP_FAILURE
