"""A candidate in front of the exam client."""

from collections.abc import Mapping

from playwright.async_api import Locator, expect

from tests.e2e.windows import Window
from tests.halls import Seated

LATER = 15_000
"""Milliseconds that a test waits for what other people or the clock bring about."""


class Candidate:
    def __init__(self, window: Window, who: Seated) -> None:
        self.window = window
        self.page = window.page
        self.who = who

    def part(self, name: str) -> Locator:
        return self.page.locator(f'[data-test="{name}"]')

    async def log_in(self) -> None:
        """As with a scanner, which ends with Enter."""
        await self.page.goto("/")
        await self.part("ticket").fill(self.who.ticket_number)
        await self.part("ticket").press("Enter")
        await expect(self.part("identity")).to_be_focused()
        await self.part("identity").fill(self.who.id_number)
        await self.part("identity").press("Enter")

    async def start(self) -> None:
        """Accepts the rules and starts as soon as the room lets it."""
        await self.part("accept").check()
        await self.part("start").click(timeout=LATER)
        await expect(self.part("writing")).to_be_visible(timeout=LATER)

    async def enter(self) -> None:
        await self.log_in()
        await self.start()

    async def return_to_full_screen(self) -> None:
        """A page that is loaded anew asks for it, since only a press may begin it."""
        await expect(self.part("writing")).to_be_visible(timeout=LATER)
        await self.part("full-screen").click()

    async def show(self, number: int) -> None:
        """By the answer card, which a narrow window opens first."""
        if await self.part("open-card").is_visible():
            await self.part("open-card").click()
        await self.part(f"cell-{number}").click()
        await expect(self.part("item")).to_have_attribute("data-number", str(number))

    async def answer(self, answers: Mapping[int, str]) -> None:
        """With the mouse; these items are not answered yet."""
        for number, letters in answers.items():
            await self.show(number)
            for letter in letters:
                await self.part(f"option-{letter}").click()
            await self.expect_chosen(letters)

    async def expect_chosen(self, letters: str) -> None:
        for letter in letters:
            await expect(self.part(f"option-{letter}")).to_have_attribute("aria-checked", "true")

    async def expect_answers(self, answers: Mapping[int, str]) -> None:
        """The page shows exactly these for these items."""
        for number, letters in answers.items():
            await self.show(number)
            await self.expect_chosen(letters)
            await expect(self.part("item").locator("[aria-checked=true]")).to_have_count(len(letters))

    async def expect_saving(self, state: str) -> None:
        await expect(self.part("saving")).to_have_attribute("data-state", state, timeout=LATER)

    async def hand_in(self) -> None:
        """Confirmed twice; the receipt is shown."""
        await self.part("hand-in").click()
        await self.part("hand-in-next").click()
        await self.part("hand-in-confirm").click()
        await self.expect_receipt()

    async def expect_receipt(self) -> None:
        await expect(self.part("receipt-code")).to_be_visible(timeout=LATER)
