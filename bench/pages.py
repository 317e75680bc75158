"""`python -m bench.pages`: a candidate's first visit in Chromium on a slowed processor, beside the budget."""

import asyncio
import os
import shutil
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import socket
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Response, async_playwright

from app.routers.pages import PAGES, install_pages

SCRIPT_KIB = 150.0
"""Budget of compressed script at the first load."""

FIRST_PAINT_MS = 1000.0
"""Budget of the first contentful paint on this machine, slowed."""

SLOWDOWN = 4
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass(frozen=True)
class Visit:
    """`script` is in bytes as transferred, `first_paint` in milliseconds since the navigation."""

    script: int
    first_paint: float


class Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The built pages alone, as the service serves them: the first view of a candidate calls nothing else."""
    app = FastAPI()
    install_pages(app)
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def visit(browser: Browser, address: str) -> Visit:
    """One first visit, with nothing kept from the others."""
    context = await browser.new_context()
    try:
        page = await context.new_page()
        developer = await context.new_cdp_session(page)
        await developer.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        scripts: list[Response] = []
        page.on("response", lambda response: _collect(scripts, response))
        await page.goto(address, wait_until="networkidle")
        handle = await page.wait_for_function(PAINT)
        sizes = [await script.request.sizes() for script in scripts]
        return Visit(sum(size["responseBodySize"] for size in sizes), await handle.json_value())
    finally:
        await context.close()


def _collect(scripts: list[Response], response: Response) -> None:
    if response.request.resource_type == "script":
        scripts.append(response)


async def measure(visits: int, executable: str) -> list[Visit]:
    async with served() as address, async_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = await playwright.chromium.launch(executable_path=executable, args=sandbox)
        try:
            return [await visit(browser, address) for _ in range(visits)]
        finally:
            await browser.close()


def main(
    visits: Annotated[int, typer.Option(help="次数，取中位数 Visits; the median counts", min=1)] = 7,
    browser: Annotated[str, typer.Option(help="Chromium 的路径 Where Chromium is")] = "",
) -> None:
    """考生页面首次加载的脚本大小和首次绘制 First load of the candidate's page, beside the budget."""
    executable = browser or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not executable or not (PAGES / "index.html").is_file():
        typer.secho("需要 Chromium 和已构建的网页（make pages）Chromium and built pages are needed", err=True, fg="red")
        raise typer.Exit(1)
    measured = asyncio.run(measure(visits, executable))
    script = max(one.script for one in measured) / 1024
    paint = statistics.median(one.first_paint for one in measured)
    worst = max(one.first_paint for one in measured)
    typer.echo(f"脚本 script       {script:7.1f} KiB   预算 budget {SCRIPT_KIB:.0f} KiB")
    typer.echo(
        f"首次绘制 paint   {paint:7.0f} ms    预算 budget {FIRST_PAINT_MS:.0f} ms"
        f"   （{visits} 次，最慢 worst {worst:.0f}，处理器减速 slowed {SLOWDOWN}×）"
    )
    if script > SCRIPT_KIB or paint > FIRST_PAINT_MS:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
