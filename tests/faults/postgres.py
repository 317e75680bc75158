"""PostgreSQL servers that can be killed and promoted: the carried binaries, each on a loopback port of its own."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

from app.core.embedded import CARRIED_BINARIES, CONFIGURATION
from tests.faults.volume import CommandFailed, Volume

SETTINGS = """
fsync = on
full_page_writes = on
max_wal_size = 96MB
min_wal_size = 32MB
wal_sender_timeout = 5s
wal_retrieve_retry_interval = 200ms
"""
STANDBY = "standby"
GONE = 10.0


class PostgreSQL:
    """One server; its data lie on `volume`."""

    def __init__(self, volume: Volume, port: int) -> None:
        self.volume = volume
        self.port = port
        self._data = volume.folder / "data"

    async def make(self) -> None:
        """A new cluster, running."""
        await self._pg("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", f"--pgdata={self._data}")
        await self.volume.run(
            "sh", "-c", 'printf %s "$1" >> "$0"', str(self._data / "postgresql.conf"), CONFIGURATION + SETTINGS
        )
        await self.start()

    async def follow(self, primary: "PostgreSQL") -> None:
        """Becomes the synchronous standby of `primary`, whatever was here before; running."""
        await self.volume.run("rm", "-rf", str(self._data))
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={STANDBY}"
        await self._pg(
            "pg_basebackup",
            f"--pgdata={self._data}",
            "--write-recovery-conf",
            "--checkpoint=fast",
            f"--dbname={source}",
        )
        await self.start()
        await primary.fetch(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
        await primary.fetch("SELECT pg_reload_conf()")

    async def start(self) -> None:
        """After a kill it recovers first. Raises CommandFailed."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        log = str(self.volume.folder / "log")
        try:
            await self._pg(
                "pg_ctl", "start", "--wait", f"--pgdata={self._data}", f"--log={log}", f"--options={options}"
            )
        except CommandFailed as failed:
            raise CommandFailed(f"{failed}\n{await self.volume.run('tail', '-n20', log)}") from failed

    async def start_if_down(self) -> None:
        try:
            await self._pg("pg_ctl", "status", f"--pgdata={self._data}")
        except CommandFailed:
            await self.start()

    async def stop(self) -> None:
        """At once; nothing happens if it does not run."""
        with suppress(CommandFailed):
            await self._pg("pg_ctl", "stop", "--wait", "--mode=immediate", f"--pgdata={self._data}")

    async def kill(self) -> None:
        """SIGKILL to the postmaster, which is stopped first so that it makes no more backends, and to all of them;
        returns when the system has forgotten them, for else they could not be started again."""
        postmaster = int((await self.volume.run("head", "-n1", str(self._data / "postmaster.pid"))).strip())
        os.kill(postmaster, signal.SIGSTOP)
        family = (postmaster, *_children(postmaster))
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(GONE):
            for pid in family:
                while _is_known(pid):  # noqa: ASYNC110 -- another process, which tells nobody
                    await asyncio.sleep(0.02)

    async def promote(self) -> None:
        """A standby becomes the primary, and waits for no other standby."""
        await self._pg("pg_ctl", "promote", "--wait", f"--pgdata={self._data}")
        await self.fetch("ALTER SYSTEM RESET synchronous_standby_names")
        await self.fetch("SELECT pg_reload_conf()")

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        """The rows of one statement, as the owner, past every relay."""
        connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user="postgres", database="postgres")
        try:
            rows: Sequence[Any] = await connection.fetch(statement, *values)
            return rows
        finally:
            await connection.close()

    async def _pg(self, program: str, *arguments: str) -> str:
        return await self.volume.run(str(CARRIED_BINARIES / program), *arguments)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_known(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
