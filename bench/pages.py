"""`python -m bench.pages`: a candidate's first visit in Chromium on a slowed processor, beside the budget."""

import asyncio
import statistics
from dataclasses import dataclass
from typing import Annotated

import typer
from fastapi import FastAPI
from playwright.async_api import Browser, Response

from bench.browser import chromium, required, served

SCRIPT_KIB = 150.0
"""Budget of compressed script at the first load."""

FIRST_PAINT_MS = 1000.0
"""Budget of the first contentful paint on this machine, slowed."""

SLOWDOWN = 4
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass(frozen=True)
class Visit:
    """`script` is in bytes as transferred, `first_paint` in milliseconds since the navigation."""

    script: int
    first_paint: float


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
    """The first view of a candidate calls nothing but the pages themselves."""
    async with served(FastAPI()) as address, chromium(executable) as browser:
        return [await visit(browser, address) for _ in range(visits)]


def main(
    visits: Annotated[int, typer.Option(help="次数，取中位数 Visits; the median counts", min=1)] = 7,
    browser: Annotated[str, typer.Option(help="Chromium 的路径 Where Chromium is")] = "",
) -> None:
    """考生页面首次加载的脚本大小和首次绘制 First load of the candidate's page, beside the budget."""
    measured = asyncio.run(measure(visits, required(browser)))
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
