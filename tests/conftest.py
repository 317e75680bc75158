"""The real PostgreSQL for every test: a database cloned from one built by the migrations."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import httpx
import hypothesis
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.core import passwords
from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Addresses, Database, as_role
from app.core.embedded import start_embedded
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.logging import configure_logging
from app.core.migrations import migrate
from app.core.own_process import OwnProcess
from app.core.passwords import hash_password
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from app.core.tokens import StaffClaims, issue_staff_token
from app.domain.actors import SYSTEM
from app.domain.bank_import import gather
from app.domain.item_states import ItemState
from app.models.staff import Staff
from app.services import bank, standards
from tests.applications import started

hypothesis.settings.register_profile("kaochang", deadline=None)
hypothesis.settings.load_profile("kaochang")

ROOT = Path(__file__).parents[1]
STANDARD_FILES = (
    ROOT / "app/data/standards/3-01-01-01_2020.yaml",
    ROOT / "tests/fixtures/standards/made-up_2026.yaml",
)
BANK_FILES = sorted((ROOT / "app/data/item_banks/3-01-01-01").glob("*.yaml"))
LOADED_AT = datetime(2027, 1, 1, tzinfo=UTC)

TEMPLATE = "template_kaochang"
MEMORY = Path("/dev/shm")  # noqa: S108 -- a name of its own is made in it
MEMORY_NEEDED = 1 << 30
SECRET = "a secret of the tests that is long enough"
P = ParamSpec("P")
T = TypeVar("T")

PASSWORD = "试卷 nobody-guesses 7f3e"


LONGEST = (
    "tests/routers/test_transitions.py",
    "tests/faults/test_faults.py",
    "tests/e2e",
    "tests/rehearsal/test_rehearse.py",
    "tests/commands/test_workers.py",
    "tests/faults",
    "tests/routers/test_streams.py",
    "tests/services/test_races.py",
    "tests/services/test_command_races.py",
)
"""Files and folders of tests that take longest, in that order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: a file is run by one process, and none should be left with a long one at the end."""

    def place(item: pytest.Item) -> int:
        return next((place for place, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST))

    items.sort(key=place)


class FixedClock(Clock):
    """Stands still until it is set or moved."""

    def __init__(self, now: datetime) -> None:
        self.fixed = now

    def advance(self, span: timedelta) -> datetime:
        assert self.fixed is not None
        self.fixed += span
        return self.fixed


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    configure_logging(Settings(log_format="console", log_level="warning"))


@pytest.fixture(scope="session", autouse=True)
def shipped_hash() -> Iterator[str]:
    """A password hash as it is shipped; from then on tests hash with the least work, or logins would take the most."""
    least = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    shipped = passwords._DUMMY_HASH
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", least)
        patch.setattr(passwords, "_DUMMY_HASH", least.hash("nobody has this password"))
        yield shipped


@pytest.fixture(scope="session")
def postgres_folder() -> Path:
    """In memory if there is room: there a clone of a database costs a tenth of what it costs on a disk.

    Not in pytest's own folder, which every start of pytest closes to others: for root, the server is another.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    folder = Path(tempfile.mkdtemp(prefix="kaochang-tests-", dir=MEMORY if in_memory else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest_asyncio.fixture(scope="session")
async def postgres(postgres_folder: Path) -> str:
    """The address of a PostgreSQL server of the tests' own, whose folder goes after it has stopped.

    It does not wait for the disk, if it is on one: no test of this server is about what a crash leaves.
    """
    url = start_embedded(postgres_folder)
    for setting in ("fsync = off", "max_wal_size = '128MB'"):
        await execute(url, f"ALTER SYSTEM SET {setting}")
    await execute(url, "SELECT pg_reload_conf()")
    return url


async def execute(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()


def database_at(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest_asyncio.fixture(scope="session")
async def template(postgres: str) -> str:
    """A database at the newest schema, with two standards and the shipped item bank, active; to be cloned."""
    await execute(postgres, f"CREATE DATABASE {TEMPLATE}")
    owner = database_at(postgres, TEMPLATE)
    addresses = Addresses(as_role(owner, SERVICE_ROLE), owner)
    await migrate(addresses)
    database = Database(addresses.service)
    async with database.transaction() as session:
        for path in STANDARD_FILES:
            await standards.load(session, path.read_text(encoding="utf-8"), SYSTEM, LOADED_AT)
        for content in gather({path.name: path.read_text(encoding="utf-8") for path in BANK_FILES}):
            await bank.load(session, content, ItemState.active, SYSTEM, LOADED_AT)
    await database.dispose()
    return TEMPLATE


@pytest_asyncio.fixture
async def database_url(postgres: str, template: str) -> AsyncIterator[str]:
    """A database of this test's own, as the service's role sees it."""
    name = f"test_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield as_role(database_at(postgres, name), SERVICE_ROLE)
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 3, 6, 1, 0, tzinfo=UTC))


class OwnProcessHere(OwnProcess):
    """Does the same at once, in this process: starting one for each assembly would take most of the tests' time."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)


@pytest.fixture
def context(database: Database, clock: FixedClock, tmp_path: Path) -> Context:
    settings = Settings(data_dir=tmp_path, secret_key=SECRET, candidate_request_burst=100_000)
    return Context(settings, database, Keyring(SECRET), clock, apart=OwnProcessHere())


@pytest_asyncio.fixture
async def http(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application over its own database, with nobody logged in."""
    async with started(context) as app:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield http


Login = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture(scope="session")
def password_hash(shipped_hash: str) -> str:
    """Of PASSWORD."""
    return hash_password(PASSWORD)


@pytest.fixture
def login(context: Context, password_hash: str) -> Login:
    """`await login(role, username=None)`: the headers of a fresh account with that role, logged in for a month."""

    async def log_in(role: str, username: str | None = None) -> dict[str, str]:
        now = context.clock.host_now()
        account = Staff(
            username=username or f"{role}-{new_id().hex[-12:]}",
            name=f"{role} 测试",
            password_hash=password_hash,
            roles=[role],
            created_at=now,
        )
        async with context.database.transaction() as session:
            session.add(account)
        token = issue_staff_token(context.keyring.token_key, StaffClaims(account.id, (role,)), now + timedelta(days=30))
        return {"Authorization": f"Bearer {token}"}

    return log_in
