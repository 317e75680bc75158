"""A site of its own for a rehearsal: a data folder with standard, bank and staff, and the server process."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from app.commands.environment import open_context
from app.core.permissions import Role
from app.core.settings import Settings
from app.domain.actors import SYSTEM
from app.domain.bank_import import gather
from app.domain.item_states import ItemState
from app.services import bank, staff, standards

ROOT = Path(__file__).parents[2]
DATA = ROOT / "app" / "data"
ROLES = (Role.admin, Role.officer, Role.chief)
PASSWORD = "演练 nobody-guesses 91xw"
START_PATIENCE = 40.0


class Site:
    """`server` runs inside the block; `kill` and `start` may take it away and bring it back on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.logins = folder / "logins.json"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def kaochang(self) -> str:
        """The installed command."""
        return str(Path(sys.executable).with_name("kaochang"))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        subprocess.run([sys.executable, "-m", __name__, str(self.folder)], check=True, cwd=ROOT)  # noqa: S603 -- own
        staff_ = [{"role": role, "username": role, "password": PASSWORD} for role in ROLES]
        self.logins.write_text(json.dumps({"address": self.address, "staff": staff_}))
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=30)
        self._stop_database()

    def start(self) -> None:
        """Returns once the server is ready."""
        command = [self.kaochang, "serve", "--port", str(self.port), "--data-dir", str(self.folder)]
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603 -- own
        give_up = time.monotonic() + START_PATIENCE
        while not self._is_ready():
            assert self._server.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < give_up, "the server does not become ready"
            time.sleep(0.1)

    def kill(self) -> None:
        """As by a power cut: no handler runs."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.wait()

    def _stop_database(self) -> None:
        """After a kill the embedded database outlives its servers."""
        postmaster = self.folder / "postgres" / "postmaster.pid"
        if postmaster.exists():
            os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGINT)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/v1/readyz", timeout=2).is_success
        except httpx.TransportError:
            return False


async def prepare(folder: Path) -> None:
    """The shipped standard and bank, and an account of each of ROLES, named by it."""
    async with open_context(Settings(data_dir=folder)) as context, context.database.transaction() as session:
        now = await context.clock.now(session)
        for path in sorted((DATA / "standards").glob("*.yaml")):
            await standards.load(session, path.read_text(encoding="utf-8"), SYSTEM, now)
        files = {path.name: path.read_text(encoding="utf-8") for path in (DATA / "item_banks").glob("*/*.yaml")}
        for content in gather(files):
            await bank.load(session, content, ItemState.active, SYSTEM, now)
        for role in ROLES:
            await staff.create(
                session, username=role, name="站点人员", roles=[role], password=PASSWORD, actor=SYSTEM, now=now
            )


if __name__ == "__main__":
    asyncio.run(prepare(Path(sys.argv[1])))
