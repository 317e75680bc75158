"""Every page of the three clients, in both languages: axe-core has no serious finding."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.board import Staff
from tests.e2e.conftest import Site, Windows
from tests.e2e.tours import boards_tour, candidates_tour, desks_tour, moved_tour, results_tour
from tests.e2e.windows import Window
from tests.e2e.world import World, open_world

AXE = (Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
FINDINGS = """
async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`))
"""
LOCALES = ("zh-CN", "en")
LOOKS = 4


@pytest_asyncio.fixture(scope="module")
async def world(site: Site) -> AsyncIterator[World]:
    async with open_world(site.context, site.address) as world:
        yield world


async def findings_at(window: Window) -> list[str]:
    """Of axe-core; what only fades in does not count, so that findings are looked for again."""
    findings: list[str] = []
    for _ in range(LOOKS):
        await window.come_to_rest()
        if not await window.page.evaluate("'axe' in window"):
            await window.page.evaluate(AXE)
        findings = await window.page.evaluate(FINDINGS)
        if not findings:
            break
    return findings


async def findings_along(tour: AsyncIterator[str], window: Window) -> list[str]:
    return [f"{stop}: {finding}" async for stop in tour for finding in await findings_at(window)]


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_candidate_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    window = await windows(locale)
    assert await findings_along(candidates_tour(world, window, world.waiting.pop()), window) == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_who_reads_the_result_or_has_moved_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    published, moved = await windows(locale), await windows(locale)
    assert await findings_along(results_tour(world, published), published) == []
    assert await findings_along(moved_tour(world, moved, world.waiting.pop()), moved) == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_proctor_meets_no_barrier(world: World, windows: Windows, locale: str) -> None:
    window = await windows(locale)
    assert await findings_along(boards_tour(world, window), window) == []


async def test_nobody_at_a_desk_meets_a_barrier(world: World, windows: Windows) -> None:
    """The language is changed at each stop, there and back."""
    window = await windows()
    staff, findings = Staff(window), []
    async for stop in desks_tour(world, window):
        findings += [f"{stop}: {finding}" for finding in await findings_at(window)]
        await staff.read_in("en")
        findings += [f"{stop} in English: {finding}" for finding in await findings_at(window)]
        await staff.read_in("zh-CN")
    assert findings == []
