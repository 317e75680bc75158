"""Pictures of every page: `make screenshots` writes screenshots/, with `ARGS=--docs` the chosen ones to docs/pictures/.

pytest does not collect this file by itself, since it is no test.
"""

from collections.abc import AsyncIterator, Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.conftest import Site, Windows
from tests.e2e.tours import boards_tour, candidates_tour, desks_tour, moved_tour, results_tour
from tests.e2e.windows import DESKTOP, PHONE, Window
from tests.e2e.world import World, open_world

ROOT = Path(__file__).parents[2]
EVERY = ROOT / "screenshots"
DOCS = ROOT / "docs/pictures"
CHOSEN = {
    "candidate-waiting-zh-CN-desktop",
    "candidate-answering-zh-CN-desktop",
    "candidate-answering-en-desktop",
    "candidate-answering-zh-CN-phone",
    "candidate-hand-in-zh-CN-desktop",
    "candidate-result-zh-CN-desktop",
    "board-board-zh-CN-desktop",
    "board-board-en-desktop",
    "board-board-command-zh-CN-desktop",
    "desk-sitting-zh-CN-desktop",
    "desk-sitting-results-zh-CN-desktop",
    "desk-bank-coverage-zh-CN-desktop",
}
LOCALES = ("zh-CN", "en")
SIZES: dict[str, dict[str, Any]] = {"desktop": DESKTOP, "phone": PHONE}
COLOURS = 256
"""Of a picture in docs/, so that it stays small."""

Tour = Callable[[World, Window], AsyncIterator[str]]
TOURS: list[tuple[str, Tour]] = [
    ("candidate", lambda world, window: candidates_tour(world, window, world.waiting.pop())),
    ("candidate", results_tour),
    ("candidate", lambda world, window: moved_tour(world, window, world.waiting.pop())),
    ("board", boards_tour),
    ("desk", desks_tour),
]


def chosen(locale: str, size: str, client: str) -> list[str]:
    return [name for name in CHOSEN if name.startswith(f"{client}-") and name.endswith(f"-{locale}-{size}")]


async def test_pictures(site: Site, windows: Windows, request: pytest.FixtureRequest) -> None:
    docs = request.config.getoption("--docs")
    folder = DOCS if docs else EVERY
    folder.mkdir(parents=True, exist_ok=True)
    async with open_world(site.context, site.address) as world:
        for locale, (size, options), (client, tour) in product(LOCALES, SIZES.items(), TOURS):
            if docs and not chosen(locale, size, client):
                continue
            window = await windows(locale, **options)
            async for stop in tour(world, window):
                name = f"{client}-{stop}-{locale}-{size}"
                if not docs or name in CHOSEN:
                    await window.come_to_rest()
                    await window.page.screenshot(path=folder / f"{name}.png")
                if docs and name in CHOSEN:
                    shrink(folder / f"{name}.png")
            await window.context.close()


def shrink(picture: Path) -> None:
    with Image.open(picture) as image:
        image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
