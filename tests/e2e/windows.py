"""Windows of a real browser; what must never happen in one is written down while it is open."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError, async_playwright

DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}

PATIENCE = 10_000
"""Milliseconds that a press or a look at the page waits for its element."""

OFFLINE = "ERR_INTERNET_DISCONNECTED"
"""What the console says of a request without a network."""

TELL_OF_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.effectiveDirective} ${event.blockedURI}`));
"""

AT_REST = """
async () => {
  await document.fonts.ready;
  const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.allSettled(ending.map((one) => one.finished));
}
"""


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium. Without it the test fails in continuous integration, and is skipped elsewhere."""
    executable = shutil.which("chromium")
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed (.ci/install)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass
class Window:
    """One person's window in a context of its own. `faults` are errors on the console, exceptions, violations of the
    content policy, and requests to elsewhere; `expected` are parts of messages that the test brings about itself, and
    with each the end of the address that it is about."""

    context: BrowserContext
    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    expected: list[tuple[str, str]] = field(default_factory=list)

    def expect_refusal(self, status: int, path: str) -> None:
        """The browser's console tells of every answer that is not a success."""
        self.expected.append((f"status of {status}", path))

    async def lose_network(self) -> None:
        self.expected.append((OFFLINE, ""))
        await self.context.set_offline(True)

    async def regain_network(self) -> None:
        await self.context.set_offline(False)

    async def come_to_rest(self) -> None:
        """Nothing moves any more, and every font is there."""
        await self.page.evaluate(AT_REST)

    def listen(self) -> None:
        self.context.on("console", self._said)
        self.context.on("weberror", self._threw)
        self.context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        url = message.location["url"]
        expected = any(part in message.text and url.endswith(end) for part, end in self.expected)
        if message.type == "error" and not expected:
            self.faults.append(f"console: {message.text} ({url})")

    def _threw(self, error: WebError) -> None:
        self.faults.append(f"exception: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.faults.append(f"left the origin: {request.url}")


async def open_window(browser: Browser, origin: str, locale: str = "zh-CN", **options: Any) -> Window:
    """For a reader of `locale`; of a desktop's size unless the options say otherwise."""
    context = await browser.new_context(
        base_url=origin, locale=locale, timezone_id="Asia/Shanghai", reduced_motion="reduce", **(DESKTOP | options)
    )
    await context.add_init_script(TELL_OF_POLICY)
    if locale != "zh-CN":
        await context.add_init_script(f'localStorage.setItem("kaochang.locale", "{locale}")')
    context.set_default_timeout(PATIENCE)
    window = Window(context, await context.new_page(), origin)
    window.listen()
    return window
