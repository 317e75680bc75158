"""An exam with nothing but a thumb on a small phone, and with nothing but a keyboard."""

from playwright.async_api import Page, expect

from tests.e2e.candidate import Candidate
from tests.e2e.conftest import Site, Windows
from tests.e2e.records import answers_of
from tests.e2e.windows import PHONE
from tests.halls import open_hall, right_answers

TOUCHABLE = 44
"""Pixels of a target that a thumb finds (WCAG 2.5.5)."""


async def expect_no_sideways_scrolling(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


async def test_an_exam_fits_a_phone_of_360_pixels(site: Site, windows: Windows) -> None:
    hall = await open_hall(site.context, candidates=1)
    [who] = hall.seated
    candidate = Candidate(await windows(**PHONE), who)
    await candidate.page.goto("/")
    await expect_no_sideways_scrolling(candidate.page)
    await candidate.log_in()
    await expect(candidate.part("waiting")).to_be_visible()
    await expect_no_sideways_scrolling(candidate.page)
    await candidate.start()
    await expect(candidate.part("time-left")).to_be_in_viewport()
    right = await right_answers(hall, who)
    for number, letters in right.items():
        for letter in letters:
            option = candidate.part(f"option-{letter}")
            box = await option.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= TOUCHABLE
            await option.tap()
        await candidate.expect_chosen(letters)
        await expect_no_sideways_scrolling(candidate.page)
        if number < len(right):
            await candidate.part("next").tap()
    await candidate.part("open-card").tap()
    await expect(candidate.part("cell-1")).to_have_attribute("data-mark", "answered")
    await candidate.part("cell-3").tap()
    await expect(candidate.part("item")).to_have_attribute("data-number", "3")
    await candidate.hand_in()
    await expect_no_sideways_scrolling(candidate.page)
    assert await answers_of(hall, who) == right


class Keyboard:
    """The only hand; the focus goes where Tab takes it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._page.keyboard.press(key)

    async def reach(self, name: str, most: int = 40) -> None:
        """By Tab, and by nothing else."""
        for _ in range(most):
            if await self._page.locator(f'[data-test="{name}"]:focus').count():
                return
            await self.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")


async def test_an_exam_needs_no_mouse(site: Site, windows: Windows) -> None:
    hall = await open_hall(site.context, candidates=1)
    [who] = hall.seated
    candidate = Candidate(await windows(), who)
    keyboard = Keyboard(candidate.page)
    await candidate.log_in()
    await keyboard.reach("accept")
    await keyboard.press("Space")
    await expect(candidate.part("start")).to_be_enabled()
    await keyboard.reach("start")
    await keyboard.press("Enter")
    await expect(candidate.part("writing")).to_be_visible()

    right = await right_answers(hall, who)
    for number, letters in right.items():
        await keyboard.press(*("AB"["TF".index(letter)] if letter in "TF" else letter for letter in letters))
        await candidate.expect_chosen(letters)
        if number == 2:
            await keyboard.press("f")
        await keyboard.press("ArrowRight")
    await expect(candidate.part("cell-2")).to_have_attribute("data-flagged", "true")
    await keyboard.reach("hand-in")
    await keyboard.press("Enter")
    await keyboard.press("Escape")
    await expect(candidate.part("summary")).to_be_hidden()
    await keyboard.reach("hand-in")
    await keyboard.press("Enter")
    await keyboard.reach("hand-in-next")
    await keyboard.press("Enter")
    await keyboard.reach("hand-in-confirm")
    await keyboard.press("Enter")
    await candidate.expect_receipt()
    assert await answers_of(hall, who) == right
