"""One server over one database, and one browser, for all tests of the pages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database, as_role
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings
from tests.conftest import SECRET, database_at, execute
from tests.e2e.windows import Window, open_browser, open_window
from tests.serving import serving


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--docs", action="store_true", help="the pictures of docs/ instead of all (tests/e2e/screenshots.py)"
    )


@dataclass(frozen=True)
class Site:
    """`context` is the server's own; its clock is the database's, which nobody sets."""

    context: Context
    address: str


Windows = Callable[..., Awaitable[Window]]


@pytest_asyncio.fixture(scope="session")
async def site(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    name = f"e2e_{new_id().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    database = Database(as_role(database_at(postgres, name), SERVICE_ROLE))
    settings = Settings(data_dir=tmp_path_factory.mktemp("e2e"), secret_key=SECRET)
    context = Context(settings, database, Keyring(SECRET), Clock())
    async with serving(context) as served:
        yield Site(context, str(served.http.base_url))
    await database.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture
async def windows(site: Site, browser: Browser) -> AsyncIterator[Windows]:
    """`await windows(locale="zh-CN", **options)`: one more window. No fault may have come up in any of them."""
    opened: list[Window] = []

    async def one_more(locale: str = "zh-CN", **options: Any) -> Window:
        opened.append(await open_window(browser, site.address, locale, **options))
        return opened[-1]

    yield one_more
    for window in opened:
        await window.context.close()
    assert [fault for window in opened for fault in window.faults] == []
