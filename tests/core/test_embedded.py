"""The embedded database refuses what would lose data, says why in both languages, and keeps what it was given."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections import namedtuple
from pathlib import Path

import pytest

from app.core.embedded import MINIMUM_FREE_BYTES, EmbeddedDatabaseError, exclusive_folder, start_embedded

RUN_STATEMENT = """
import asyncio, sys
from pathlib import Path
import asyncpg
from sqlalchemy.engine import make_url
from app.core.embedded import start_embedded

async def run(url, statement):
    connection = await asyncpg.connect(user=url.username, database=url.database, host=url.query["host"])
    print(await connection.fetchval(statement))
    await connection.close()

asyncio.run(run(make_url(start_embedded(Path(sys.argv[1]))), sys.argv[2]))
"""
SERVE = "from app.cli import app; app()"

Usage = namedtuple("Usage", "total used free")


async def python(code: str, *arguments: str) -> tuple[int | None, str, str]:
    """Exit status, output and errors of another Python process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAOCHANG_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *arguments, stdout=PIPE, stderr=PIPE, env=environment
    )
    output, errors = await asyncio.wait_for(process.communicate(), timeout=60)
    return process.returncode, output.decode(), errors.decode()


async def test_data_survive_a_restart(tmp_path: Path) -> None:
    create = "CREATE TABLE kept AS SELECT 42 AS answer"
    for statement, expected in ((create, "None"), ("SELECT answer FROM kept", "42")):
        status, output, errors = await python(RUN_STATEMENT, str(tmp_path), statement)
        assert (status, output.strip()) == (0, expected), errors
        assert not (tmp_path / "postgres" / "postmaster.pid").exists(), "the server goes with its last process"


async def test_commits_are_on_disk_before_they_are_answered(tmp_path: Path) -> None:
    status, output, errors = await python(
        RUN_STATEMENT,
        str(tmp_path),
        "SELECT current_setting('synchronous_commit') || current_setting('fsync') || current_setting('TimeZone')",
    )
    assert (status, output.strip()) == (0, "ononUTC"), errors


async def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with exclusive_folder(tmp_path):
        status, _, errors = await python(SERVE, "serve", "--data-dir", str(tmp_path), "--port", "1")
    assert status == 1
    assert "正被另一个考场服务使用" in errors
    assert "in use by another Kaochang server" in errors
    assert "Traceback" not in errors


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), exclusive_folder(tmp_path):
        raise RuntimeError
    with exclusive_folder(tmp_path):
        assert (tmp_path / "server.lock").exists()


def test_a_folder_with_other_content_is_refused_and_left_alone(tmp_path: Path) -> None:
    thesis = tmp_path / "postgres" / "thesis.doc"
    thesis.parent.mkdir()
    thesis.write_text("three years of work")
    with pytest.raises(EmbeddedDatabaseError, match=r"(?s)不是空目录.*neither empty nor a database"):
        start_embedded(tmp_path)
    assert list(thesis.parent.iterdir()) == [thesis]


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = MINIMUM_FREE_BYTES - 1
    monkeypatch.setattr("app.core.embedded.shutil.disk_usage", lambda _: Usage(free, 0, free))
    with pytest.raises(EmbeddedDatabaseError, match=r"(?s)磁盘空间不足.*disk is full"):
        start_embedded(tmp_path / "new")
    assert not (tmp_path / "new").exists()
