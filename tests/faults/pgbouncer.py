"""PgBouncer with the shipped configuration, between the service and the database; it can be killed."""

import asyncio
import re
import shutil
import subprocess
from asyncio.subprocess import DEVNULL
from configparser import ConfigParser
from pathlib import Path

import asyncpg

from app.core.rights import SERVICE_ROLE
from tests.faults.ports import free_port
from tests.faults.volume import database_user

SHIPPED = Path(__file__).parents[2] / "deploy" / "pgbouncer" / "pgbouncer.ini"
FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
NEEDED = (1, 21)
STARTED = 10.0


class NoPgBouncer(Exception):
    """None is here that carries prepared statements; says what is."""


class PgBouncer:
    """`connections` are those that it has with the database; clients are `kaochang_service` with `password`."""

    def __init__(self, program: str, folder: Path, database_port: int, password: str, connections: int) -> None:
        self.port = free_port()
        self.log = folder / "pgbouncer.log"
        self._program = program
        self._file = folder / "pgbouncer.ini"
        self._password = password
        self._process: asyncio.subprocess.Process | None = None
        users = folder / "userlist.txt"
        users.write_text(f'"{SERVICE_ROLE}" "{password}"\n')
        self._file.write_text(_adapted(database_port, self.port, users, connections))

    async def start(self) -> None:
        """Returns once it gives connections of the database."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._program, str(self._file), stdin=DEVNULL, stdout=DEVNULL, stderr=log, user=database_user()
            )
        async with asyncio.timeout(STARTED):
            while not await self._gives_connections():
                assert self._process.returncode is None, self.log.read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """With all its connections; does nothing if it does not run."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def connect(self) -> asyncpg.Connection:
        """As the service is."""
        return await asyncpg.connect(
            host="127.0.0.1", port=self.port, user=SERVICE_ROLE, password=self._password, database="kaochang"
        )

    async def _gives_connections(self) -> bool:
        try:
            connection = await self.connect()
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True


def find_pgbouncer() -> str:
    """The program. Raises NoPgBouncer."""
    program = shutil.which("pgbouncer", path=FOLDERS)
    if program is None:
        raise NoPgBouncer(f"no pgbouncer in {FOLDERS}")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    version = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < NEEDED:
        raise NoPgBouncer(f"{program} carries no prepared statements: {said.splitlines()[0]}")
    return program


def _adapted(database_port: int, port: int, users: Path, connections: int) -> str:
    """Only where it listens, where the database and the password are, and how many connections there are."""
    shipped = ConfigParser(interpolation=None)
    shipped.read(SHIPPED, encoding="utf-8")
    database = shipped["databases"]["kaochang"]
    place = f"host=127.0.0.1 port={database_port} dbname=postgres"
    database, replaced = re.subn(r"host=\S+ port=\S+ dbname=\S+", place, database)
    assert replaced == 1
    own = {"listen_addr": "127.0.0.1", "listen_port": port, "auth_file": users, "default_pool_size": connections}
    settings = dict(shipped["pgbouncer"]) | own | {"reserve_pool_size": 0}
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    return f"[databases]\nkaochang = {database}\n[pgbouncer]\n{lines}"
