"""Pages in Chromium, and a server for them within this process."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import typer
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright

from app.routers.pages import PAGES, install_pages

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of `app` with the built pages, as the service serves them."""
    install_pages(app)
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def chromium(executable: str) -> AsyncIterator[Browser]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=sandbox)
        try:
            yield browser
        finally:
            await browser.close()


def required(given: str) -> str:
    """Where Chromium is. Ends the command when there is none, or when the pages are not built."""
    executable = given or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not executable or not (PAGES / "index.html").is_file():
        typer.secho("需要 Chromium 和已构建的网页（make pages）Chromium and built pages are needed", err=True, fg="red")
        raise typer.Exit(1)
    return executable
