"""A site of its own for a rehearsal: a data folder with standard, bank and staff, and the server process."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
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
    """`servers` processes on one embedded database run inside the block; `kill` and `start` may take one of them away
    and bring it back on the same port. The first holds the data folder, the others join its database by address."""

    def __init__(self, folder: Path, servers: int = 1, **settings: str) -> None:
        self.folder = folder
        self.ports = [_free_port() for _ in range(servers)]
        self.logins = folder / "logins.json"
        self._settings = settings
        self._servers: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def kaochang(self) -> str:
        """The installed command."""
        return str(Path(sys.executable).with_name("kaochang"))

    @property
    def addresses(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def address(self) -> str:
        return self.addresses[0]

    def __enter__(self) -> Self:
        subprocess.run([sys.executable, "-m", __name__, str(self.folder)], check=True, cwd=ROOT)  # noqa: S603 -- own
        staff_ = [{"role": role, "username": role, "password": PASSWORD} for role in ROLES]
        self.logins.write_text(json.dumps({"address": self.address, "staff": staff_}))
        self._launch(0)
        self._await(self._database_runs)
        for number in range(1, len(self.ports)):
            self._launch(number)
        for number in range(len(self.ports)):
            self._await(partial(self._is_ready, number))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in reversed(list(self._servers.values())):
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
        self._stop_database()

    def start(self, number: int = 0) -> None:
        """Returns once the server is ready."""
        self._launch(number)
        self._await(partial(self._is_ready, number))

    def _launch(self, number: int) -> None:
        command = [self.kaochang, "serve", "--port", str(self.ports[number]), "--data-dir", str(self.folder)]
        environment = os.environ | self._settings | (self._joining() if number else {})
        with self._log(number).open("ab") as log:
            self._servers[number] = subprocess.Popen(  # noqa: S603 -- own
                command, cwd=ROOT, stdout=log, stderr=log, env=environment
            )

    def _await(self, condition: Callable[[], bool]) -> None:
        give_up = time.monotonic() + START_PATIENCE
        while not condition():
            for number, server in self._servers.items():
                assert server.poll() is None, self._log(number).read_text()
            assert time.monotonic() < give_up, "the server does not become ready"
            time.sleep(0.1)

    def kill(self, number: int = 0) -> None:
        """As by a power cut: no handler runs."""
        server = self._servers.pop(number)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()

    def _joining(self) -> dict[str, str]:
        """As docs/operations.md tells it."""
        socket_folder = self._postmaster.read_text().splitlines()[4]
        return {
            "KAOCHANG_DATABASE_URL": f"postgresql://kaochang_service@/postgres?host={socket_folder}",
            "KAOCHANG_SECRET_KEY": (self.folder / "secret.key").read_text().strip(),
        }

    @property
    def _postmaster(self) -> Path:
        return self.folder / "postgres" / "postmaster.pid"

    def _database_runs(self) -> bool:
        return self._postmaster.exists() and self._postmaster.read_text().splitlines()[-1].strip() == "ready"

    def _log(self, number: int) -> Path:
        return self.folder / f"server{number}.log"

    def _stop_database(self) -> None:
        """After a kill the embedded database outlives its servers."""
        if self._postmaster.exists():
            os.kill(int(self._postmaster.read_text().splitlines()[0]), signal.SIGINT)

    def _is_ready(self, number: int) -> bool:
        try:
            return httpx.get(f"{self.addresses[number]}/api/v1/readyz", timeout=2).is_success
        except httpx.TransportError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
