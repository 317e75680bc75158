"""`kaochang serve --workers 2`: real processes on one port."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.conftest import ROOT, SECRET
from tests.serving import PATIENCE, eventually

START_PATIENCE, STOP_PATIENCE = 60.0, 30.0


class Workers:
    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self.process = process
        self.http = http

    def pids(self) -> set[int]:
        """Of the processes that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}

    def libraries(self) -> set[str]:
        """Names of folders from which any of them has loaded machine code."""
        maps = (Path(f"/proc/{pid}/maps").read_text() for pid in self.pids())
        return {name for map_ in maps for name in map_.split("/")}

    def memory(self, figure: str) -> dict[int, int]:
        """MiB of each by its identifier; `figure` as in proc_pid_status(5), VmRSS or VmHWM."""
        statuses = {pid: Path(f"/proc/{pid}/status").read_text().splitlines() for pid in self.pids()}
        return {
            pid: int(line.split()[1]) // 1024
            for pid, lines in statuses.items()
            for line in lines
            if line.startswith(f"{figure}:")
        }

    async def ready(self) -> bool:
        try:
            return (await self.http.get("/api/v1/readyz")).is_success
        except httpx.TransportError:
            return False


@asynccontextmanager
async def two_workers(database_url: str, folder: Path) -> AsyncIterator[Workers]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {
        "KAOCHANG_DATABASE_URL": database_url,
        "KAOCHANG_SECRET_KEY": SECRET,
        "KAOCHANG_DATA_DIR": str(folder),
        "KAOCHANG_LOG_LEVEL": "error",
    }
    command = (str(Path(sys.executable).with_name("kaochang")), "serve", "--port", str(port), "--workers", "2")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
            workers = Workers(process, http)
            await eventually(workers.ready, within=START_PATIENCE)
            yield workers
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_PATIENCE)
            except TimeoutError:
                process.kill()
                raise
