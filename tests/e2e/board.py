"""A proctor in front of a room's board."""

import re
from uuid import UUID

from playwright.async_api import Locator, expect

from tests.e2e.accounts import Account
from tests.e2e.windows import Window


class Staff:
    """Somebody at the staff desk."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    def part(self, name: str) -> Locator:
        return self.page.locator(f'[data-test="{name}"]')

    async def log_in(self, account: Account, path: str = "/") -> None:
        """Through the page, which then shows what was asked for."""
        await self.page.goto(f"/staff{path}")
        await self.page.locator("[name=username]").fill(account.username)
        await self.page.locator("[name=password]").fill(account.password)
        await self.page.locator("[name=password]").press("Enter")
        await self.page.wait_for_url(f"**/staff{path}")

    async def read_in(self, locale: str) -> None:
        """By the button, which names the other language."""
        await self.page.get_by_role("button", name={"en": "English", "zh-CN": "中文"}[locale], exact=True).click()
        await expect(self.page.locator("html")).to_have_attribute("lang", locale)

    async def log_out(self) -> None:
        """From the first page, so that nothing is being asked meanwhile."""
        await self.page.goto("/staff")
        await self.page.get_by_role("button", name=re.compile("退出登录|Log out")).click()
        await self.page.wait_for_url("**/staff/login")


class Board(Staff):
    async def open(self, account: Account, room_id: UUID) -> None:
        await self.log_in(account, f"/rooms/{room_id}")
        await expect(self.part("board")).to_be_visible()

    def seat(self, number: int) -> Locator:
        return self.part(f"seat-{number}")

    async def show(self, tab: str) -> None:
        """Of the panel beside the seats: candidate, desk, incidents, talk, timeline."""
        await self.page.locator(f"#tab-{tab}").click()

    async def command_room(self, action: str) -> None:
        await self.part(f"room-{action}").click()
        await self.part("room-run").click()
        await expect(self.part("room-run")).to_be_hidden()

    async def check_in(self, ticket: str) -> None:
        """At the desk, by a scan of the ticket."""
        await self.part("desk-scan").fill(ticket)
        await self.part("desk-scan").press("Enter")
        await self.part("desk-confirm").click()
        await expect(self.part("desk-done")).to_be_visible()

    async def command(self, seat: int, action: str, reason: str | None = None) -> None:
        """Gives one candidate a command, and closes the account of what became of it."""
        await self.show("candidate")
        await self.seat(seat).click()
        await self.part(f"act-{action}").click()
        if reason is not None:
            await self.part("reason").click()
            await self.part(f"reason-{reason}").click()
        await self.part("command-run").click()
        await self.part("command-close").click()

    async def send(self, text: str) -> None:
        """To those who are selected, or to the room."""
        await self.show("talk")
        await self.part("message-body").fill(text)
        await self.part("message-send").click()
        await expect(self.part("messages")).to_contain_text(text)
