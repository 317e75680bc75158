"""The real PostgreSQL for every test: a database cloned from one built by the migrations."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database
from app.core.embedded import start_embedded
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.migrations import migrate_to
from app.core.settings import Settings
from app.main import create_app

TEMPLATE = "template_kaochang"
SECRET = "a secret of the tests that is long enough"


class FixedClock(Clock):
    """Stands still until it is set or moved."""

    def __init__(self, now: datetime) -> None:
        self.fixed = now

    def advance(self, span: timedelta) -> datetime:
        assert self.fixed is not None
        self.fixed += span
        return self.fixed


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of the tests' own."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    yield start_embedded(folder)


async def execute(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()


def database_at(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest_asyncio.fixture(scope="session")
async def template(postgres: str) -> str:
    """A database at the newest schema, to be cloned."""
    await execute(postgres, f"CREATE DATABASE {TEMPLATE}")
    database = Database(database_at(postgres, TEMPLATE))
    await migrate_to(database.engine)
    await database.dispose()
    return TEMPLATE


@pytest_asyncio.fixture
async def database_url(postgres: str, template: str) -> AsyncIterator[str]:
    """A database of this test's own."""
    name = f"test_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield database_at(postgres, name)
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 3, 6, 1, 0, tzinfo=UTC))


@pytest.fixture
def context(database: Database, clock: FixedClock, tmp_path: Path) -> Context:
    settings = Settings(data_dir=tmp_path, secret_key=SECRET)  # type: ignore[arg-type]
    return Context(settings, database, Keyring(SECRET), clock)


@pytest_asyncio.fixture
async def http(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application over its own database, with nobody logged in."""
    app = create_app(context)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http
