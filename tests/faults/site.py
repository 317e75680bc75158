"""A site that can be broken: a primary and a synchronous standby, two server processes, and the network between them.

clients — door — servers — lines — PostgreSQL; door and lines are relays.
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Addresses, Database
from app.core.keyring import Keyring
from app.core.migrations import migrate
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from tests.faults.ports import free_port
from tests.faults.postgres import PostgreSQL
from tests.faults.relay import Relay
from tests.faults.servers import Server
from tests.faults.volume import Volume

SECRET = "a secret of the faults that is long enough"
SERVERS = 2


@dataclass
class Site:
    """`context` is the owner's, past all relays; `lines[i]` leads to `databases[i]`, of which one is the primary."""

    context: Context
    databases: list[PostgreSQL]
    lines: list[Relay]
    servers: list[Server]
    door: Relay
    environment: dict[str, str]
    primary: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    @property
    def database(self) -> PostgreSQL:
        return self.databases[self.primary]

    @property
    def standby(self) -> PostgreSQL:
        return self.databases[1 - self.primary]

    @property
    def line(self) -> Relay:
        return self.lines[self.primary]

    async def kaochang(self, *arguments: str) -> tuple[int | None, str]:
        """Exit status and output of the installed command."""
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("kaochang")),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | self.environment,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()


@asynccontextmanager
async def open_site(source: random.Random) -> AsyncIterator[Site]:
    """All of it running; nothing of it is left afterwards."""
    async with AsyncExitStack() as stack:
        folder = open_to_all(
            stack.enter_context(TemporaryDirectory(prefix="kaochang-faults-", ignore_cleanup_errors=True))
        )
        databases = []
        for name in ("a", "b"):
            volume = await stack.enter_async_context(Volume(folder / name))
            databases.append(PostgreSQL(volume, free_port()))
            stack.push_async_callback(databases[-1].stop)
        await databases[0].make()
        lines = [await stack.enter_async_context(Relay([one.port], source)) for one in databases]
        addresses = Addresses(*(_address(user, [one.port for one in databases]) for user in (SERVICE_ROLE, "postgres")))
        await migrate(addresses)
        await databases[1].follow(databases[0])
        environment = {
            "KAOCHANG_DATABASE_URL": _address(SERVICE_ROLE, [line.port for line in lines]),
            "KAOCHANG_MIGRATION_DATABASE_URL": _address("postgres", [line.port for line in lines]),
            "KAOCHANG_SECRET_KEY": SECRET,
            "KAOCHANG_DATA_DIR": str(folder),
        }
        servers = [Server(free_port(), environment, folder) for _ in range(SERVERS)]
        for server in servers:
            stack.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers))
        door = await stack.enter_async_context(Relay([server.port for server in servers], source))
        database = Database(addresses.owner)
        stack.push_async_callback(database.dispose)
        settings = Settings(data_dir=folder, database_url=addresses.owner, secret_key=SecretStr(SECRET))
        context = Context(settings, database, Keyring(SECRET), Clock())
        yield Site(context, databases, lines, servers, door, environment)


def open_to_all(folder: str) -> Path:
    """So that PostgreSQL's account, which is not root, gets in."""
    path = Path(folder)
    path.chmod(0o755)
    return path


def _address(user: str, ports: list[int]) -> str:
    """Whichever of the databases takes writes."""
    hosts = "&".join(f"host=127.0.0.1:{port}" for port in ports)
    return f"postgresql+asyncpg://{user}@/postgres?{hosts}&target_session_attrs=read-write"
