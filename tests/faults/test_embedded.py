"""The embedded database outlives a server that is killed; the next one joins it and has all that was acknowledged."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database
from app.core.embedded import start_embedded
from app.core.keyring import load_keyring
from app.core.settings import Settings
from tests.faults.ports import free_port
from tests.faults.servers import Server
from tests.halls import begin, changes, open_hall


@pytest.fixture
def folder() -> Path:
    """Goes after the database has stopped, which is when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="kaochang-faults-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    server = Server(free_port(), {"KAOCHANG_DATA_DIR": str(folder)}, folder)
    await server.start()
    yield server
    await server.stop()


async def test_what_was_acknowledged_is_there_after_a_kill(folder: Path, server: Server) -> None:
    settings = Settings(data_dir=folder)
    database = Database(start_embedded(folder))
    hall = await open_hall(Context(settings, database, load_keyring(settings), Clock()))
    await database.dispose()
    async with httpx.AsyncClient(base_url=server.address) as http:
        headers = await begin(http, hall.seated[0])
        saved = await http.put("/api/v1/exam/responses", headers=headers, json=changes({1: "B"}))
        assert saved.json()["responses"][0]["outcome"] == "saved"
        await server.kill()
        await server.start()
        stored = await http.get("/api/v1/exam/responses", headers=headers)
    assert [(one["number"], one["answer"]) for one in stored.json()["responses"]] == [(1, "B")]
