"""A site of a run: a database with standard, bank and papers, the keys of the service, and its server processes."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx
from pydantic import SecretStr

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Addresses, Database, as_role
from app.core.keyring import Keyring
from app.core.migrations import migrate
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from app.domain.actors import SYSTEM
from app.domain.bank_import import gather
from app.domain.composition import Composition
from app.domain.item_states import ItemState
from app.services import bank, papers, standards
from app.services.demonstration import DATA
from app.services.papers import Assembly
from bench.postgres import PostgreSQL
from bench.spending import Meter

T = TypeVar("T")

STANDARD, LEVEL, FORMS, SEED = "3-01-01-01", 5, 2, 1
TEMPLATE = "bench_template"
UNPACED = {"KAOCHANG_CANDIDATE_REQUEST_BURST": "1000000", "KAOCHANG_CANDIDATE_REQUEST_INTERVAL": "PT0.001S"}
"""A candidate of (c) saves more often than any client would: the pace is checked as ever, but nobody is too fast."""

START_PATIENCE, STOP_PATIENCE = 60.0, 30.0


@dataclass(frozen=True)
class Served:
    """Server processes on loopback, each on its own port."""

    ports: Sequence[int]
    meter: Meter


@dataclass(frozen=True)
class Site:
    """One database on the run's server, and what all processes of the service share."""

    postgres: PostgreSQL
    database: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def addresses(self) -> Addresses:
        owner = self.postgres.address(self.database)
        return Addresses(as_role(owner, SERVICE_ROLE), owner)

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.secret)

    def run(self, work: Callable[[Context], Awaitable[T]]) -> T:
        """Does `work` in a context of the database's owner."""

        async def run() -> T:
            database = Database(self.addresses.owner)
            settings = Settings(
                data_dir=self.postgres.folder, database_url=self.addresses.owner, secret_key=SecretStr(self.secret)
            )
            try:
                return await work(Context(settings, database, self.keyring, Clock()))
            finally:
                await database.dispose()

        return asyncio.run(run())

    @contextmanager
    def serving(self, processes: int) -> Iterator[Served]:
        """So many processes of `kaochang serve`, ready, which share the database."""
        environment = {
            "KAOCHANG_DATABASE_URL": self.addresses.service,
            "KAOCHANG_MIGRATION_DATABASE_URL": self.addresses.owner,
            "KAOCHANG_SECRET_KEY": self.secret,
            "KAOCHANG_DATA_DIR": str(self.postgres.folder),
            **UNPACED,
        }
        command = [str(Path(sys.executable).with_name("kaochang")), "serve"]
        with _started(command, processes, environment, self.postgres) as served:
            yield served


@contextmanager
def serving_bare(processes: int, postgres: PostgreSQL) -> Iterator[Served]:
    """So many processes of limit 1, ready."""
    with _started([sys.executable, "-m", "bench.bare"], processes, {}, postgres) as served:
        yield served


@contextmanager
def prepared(postgres: PostgreSQL) -> Iterator[tuple[str, Sequence[UUID]]]:
    """A database to be cloned, at the newest schema, with the shipped standard and bank; and its papers."""
    with postgres.database(TEMPLATE) as name:
        site = Site(postgres, name)
        asyncio.run(migrate(site.addresses))
        yield name, site.run(_stock)


async def _stock(context: Context) -> Sequence[UUID]:
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        for file in sorted((DATA / "standards").glob("*.yaml")):
            await standards.load(session, file.read_text(encoding="utf-8"), SYSTEM, now)
        files = {str(file): file.read_text(encoding="utf-8") for file in sorted(DATA.glob("item_banks/*/*.yaml"))}
        for one in gather(files):
            await bank.load(session, one, ItemState.active, SYSTEM, now)
    async with context.database.transaction() as session:
        request = Assembly(
            standard_code=STANDARD,
            edition=None,
            level=LEVEL,
            composition=Composition(),
            forms=FORMS,
            seed=SEED,
            own_level_share=0.7,
            target_difficulty=None,
            difficulty_tolerance=0.05,
        )
        return [paper.id for paper in await papers.assemble(session, context.apart, request, SYSTEM, now)]


@contextmanager
def _started(
    command: Sequence[str], processes: int, environment: dict[str, str], postgres: PostgreSQL
) -> Iterator[Served]:
    with ExitStack() as stack:
        ports = [_free_port() for _ in range(processes)]
        started = [
            stack.enter_context(_process([*command, "--port", str(port)], environment, postgres.folder / f"{port}.log"))
            for port in ports
        ]
        for port, process in zip(ports, started, strict=True):
            _wait_until_ready(port, process, postgres.folder / f"{port}.log")
        yield Served(ports, Meter([process.pid for process in started], [postgres.pid]))


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.unlink(missing_ok=True)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Raises RuntimeError, with the end of its log, when it ends or does not become ready in time."""
    give_up = time.monotonic() + START_PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/v1/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"a server does not become ready: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
