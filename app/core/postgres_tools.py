"""PostgreSQL's own programs: a dump of a database, and back."""

import hashlib
import os
import shutil
import subprocess
from typing import IO

from sqlalchemy.engine import make_url

from app.core.embedded import CARRIED_BINARIES, CARRIED_VERSION, StartError

CHUNK = 1 << 20


class ToolError(StartError):
    """A program of PostgreSQL is missing or has failed."""


def dump(url: str, snapshot: str, target: IO[bytes], server_version: int) -> str:
    """Writes pg_dump's custom format of an exported snapshot to `target`; its SHA-256, hexadecimal.

    `url` is an address for SQLAlchemy, `server_version` the server's major version. Raises ToolError.
    """
    command = [
        _path("pg_dump", server_version),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=10000",
        f"--snapshot={snapshot}",
    ]
    digest = hashlib.sha256()
    with subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
        command, env=environment_of(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: PT018, S101 -- both are pipes
        while chunk := process.stdout.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
        said = process.stderr.read()
    _require_success("pg_dump", process.returncode, said)
    return digest.hexdigest()


def load(url: str, source: IO[bytes], server_version: int) -> None:
    """Reads such a dump into the database of `url`, in one transaction. Raises ToolError; then nothing was read."""
    environment = environment_of(url)
    command = [
        _path("pg_restore", server_version),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={environment['PGDATABASE']}",
    ]
    with subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stderr is not None  # noqa: PT018, S101 -- both are pipes
        try:
            with process.stdin as target:
                shutil.copyfileobj(source, target, CHUNK)
        except BrokenPipeError:
            pass  # its status and words tell why it stopped reading
        said = process.stderr.read()
    _require_success("pg_restore", process.returncode, said)


def environment_of(url: str) -> dict[str, str]:
    """The environment in which libpq finds the database of an address for SQLAlchemy; no password in an argument."""
    address = make_url(url)
    host, port = address.query.get("host"), None
    if isinstance(host, tuple):
        host, port = (",".join(parts) for parts in zip(*(one.rsplit(":", 1) for one in host), strict=True))
    mode = address.query.get("ssl", address.query.get("sslmode"))
    named = {
        "PGHOST": address.host or host,
        "PGPORT": address.port or port,
        "PGTARGETSESSIONATTRS": address.query.get("target_session_attrs"),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGSSLMODE": mode,
    }
    return {**os.environ, **{name: str(value) for name, value in named.items() if value is not None}}


def _path(name: str, server_version: int) -> str:
    """Of the carried program, which knows older servers too; of the system's for newer servers."""
    if server_version <= CARRIED_VERSION:
        return str(CARRIED_BINARIES / name)
    found = shutil.which(name)
    if found is None:
        raise ToolError(
            f"数据库为 PostgreSQL {server_version}，请安装同版本的 {name}。\n"
            f"The database is PostgreSQL {server_version}: install {name} of that version."
        )
    return found


def _require_success(name: str, status: int, said: bytes) -> None:
    if status != 0:
        text = said.decode(errors="replace").strip()
        raise ToolError(f"{name} 失败：{text}\n{name} failed: {text}")
