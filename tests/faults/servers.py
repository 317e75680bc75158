"""Server processes that can be killed, each on a port of its own and with a host clock of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path

import httpx

READY = 60.0
STOPPED = 30.0
CLOCK_FOLLOWS = 5.0
NEAR = timedelta(seconds=5)


class NoFakeClock(Exception):
    """libfaketime does not work here."""


class Server:
    """`kaochang serve`; what it says goes to `log`."""

    def __init__(self, port: int, environment: Mapping[str, str], folder: Path) -> None:
        self.port = port
        self.log = folder / f"{port}.log"
        self._clock = folder / f"{port}.clock"
        self._environment = {**os.environ, **environment, **_faked_by(self._clock)}
        self._process: asyncio.subprocess.Process | None = None
        self._write_clock(timedelta(0))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns once it is ready."""
        command = [str(Path(sys.executable).with_name("kaochang")), "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdout=log, stderr=log, env=self._environment
            )
        await self.ready()

    async def ready(self) -> None:
        """Returns once it says so."""
        assert self._process is not None
        async with asyncio.timeout(READY), httpx.AsyncClient(timeout=2) as http:
            while not await self._is_ready(http):
                assert self._process.returncode is None, self.log.read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As by a power cut: no handler runs."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """In good order; does nothing if it has ended."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPPED):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise

    async def shift_clock(self, by: timedelta) -> None:
        """The host's clock jumps to the right time plus `by`. Raises NoFakeClock unless the process' answers say so."""
        self._write_clock(by)
        try:
            async with asyncio.timeout(CLOCK_FOLLOWS):
                while abs(await self._told_time() - datetime.now(UTC) - by) > NEAR:  # noqa: ASYNC110 -- another process
                    await asyncio.sleep(0.1)
        except TimeoutError as error:
            raise NoFakeClock(self.log.read_text()[:300]) from error

    async def ask(self, path: str, headers: Mapping[str, str]) -> httpx.Response:
        """This process, past the door."""
        async with httpx.AsyncClient() as http:
            return await http.get(f"{self.address}{path}", headers=headers)

    async def _told_time(self) -> datetime:
        """The Date header is the host's."""
        return parsedate_to_datetime((await self.ask("/api/v1/healthz", {})).headers["date"])

    async def _is_ready(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get(f"{self.address}/api/v1/readyz")).is_success
        except httpx.TransportError:
            return False

    def _write_clock(self, shift: timedelta) -> None:
        new = self._clock.with_suffix(".new")
        new.write_text(f"{shift.total_seconds():+.0f}\n")
        new.replace(self._clock)


def _faked_by(clock: Path) -> dict[str, str]:
    """A running process' wall clock follows the file; its monotonic counter does not."""
    package = find_spec("libfaketime")
    if package is None or package.origin is None:
        return {}
    library = Path(package.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
