"""Every page of the three clients, in both languages: axe-core has no serious finding."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.e2e.conftest import Site, Windows
from tests.e2e.tours import boards_tour, candidates_tour, desks_tour, moved_tour, results_tour
from tests.e2e.world import World, open_world

AXE = (Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
FINDINGS = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`))
"""
LOCALES = ("zh-CN", "en")


@pytest_asyncio.fixture(scope="module")
async def world(site: Site) -> AsyncIterator[World]:
    async with open_world(site.context, site.address) as world:
        yield world


async def findings_at(stop: str, page: Page) -> list[str]:
    """Of axe-core, which is put into the page once for each document."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    return [f"{stop}: {finding}" for finding in await page.evaluate(FINDINGS)]


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_candidate_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    findings = []
    for tour in (
        lambda window: candidates_tour(world, window, world.waiting.pop()),
        lambda window: results_tour(world, window),
        lambda window: moved_tour(world, window, world.waiting.pop()),
    ):
        window = await windows(locale)
        async for stop in tour(window):
            findings += await findings_at(stop, window.page)
    assert findings == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_proctor_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    window = await windows(locale)
    assert [finding async for stop in boards_tour(world, window) for finding in await findings_at(stop, window.page)] == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_an_officer_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    window = await windows(locale)
    assert [finding async for stop in desks_tour(world, window) for finding in await findings_at(stop, window.page)] == []
