"""What a server process does not load before somebody needs it: with all of it, it would be half as large again."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.core.database import as_role
from tests.builders import STANDARD
from tests.conftest import Login
from tests.serving import eventually
from tests.worker_processes import START_PATIENCE, two_workers

START = "import sys; import app.cli; import app.main; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a process that has made ready to serve."""
    command = [sys.executable, "-c", START]
    made = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return set(made.stdout.split())


@pytest.mark.parametrize(
    ("library", "needed_for"),
    [
        ("ortools", "assembling papers"),
        ("pandas", "nothing but ortools"),
        ("numpy", "nothing but ortools and openpyxl"),
        ("openpyxl", "spreadsheets"),
        ("typst", "printing"),
        ("fontTools", "printing"),
        ("pypdf", "printing"),
        ("segno", "printing"),
        ("zxcvbn", "new passwords"),
        ("matplotlib", "the picture of a rehearsal"),
    ],
)
def test_a_server_is_small_because_it_loads_a_library_only_when_needed(
    loaded: set[str], library: str, needed_for: str
) -> None:
    assert library not in loaded, f"loaded at the start, and only needed for {needed_for}"


async def test_nor_does_assembling_papers_load_the_solver(database_url: str, login: Login, tmp_path: Path) -> None:
    """Nor the preview and the report on the bank, which use it too."""
    officer = await login("officer")
    wanted = {"standard_code": STANDARD, "level": 5}
    async with two_workers(as_role(database_url, "postgres"), tmp_path) as workers:
        for method, path, body, status in (
            ("POST", "/papers/assemble", wanted | {"seed": 1}, 201),
            ("POST", "/papers/assemble", wanted | {"forms": 9}, 409),
            ("POST", "/papers/blueprint", wanted, 200),
            ("GET", f"/banks/{STANDARD}/report", None, 200),
        ):
            answer = await workers.http.request(method, f"/api/v1{path}", json=body, headers=officer, timeout=60)
            assert answer.status_code == status, answer.text
        assert not {"ortools", "numpy", "pandas"} & workers.libraries()


async def test_many_who_log_in_at_once_take_the_memory_of_one_hash(database_url: str, tmp_path: Path) -> None:
    """64 MiB in each process (argon2id); an unknown name takes what a known one does."""
    async with two_workers(as_role(database_url, "postgres"), tmp_path) as workers:

        async def both_loaded() -> bool:
            return [size > 120 for size in workers.memory("VmRSS").values()] == [True, True]

        await eventually(both_loaded, within=START_PATIENCE)
        before = workers.memory("VmRSS")
        forms = [{"username": f"nobody-{number}", "password": "wrong"} for number in range(16)]
        async with httpx.AsyncClient(base_url=workers.http.base_url, timeout=60) as http:
            answers = await asyncio.gather(*(http.post("/api/v1/auth/token", data=form) for form in forms))
        assert {answer.status_code for answer in answers} == {401}
        most = workers.memory("VmHWM")
    assert 64 <= max(most[pid] - before[pid] for pid in before) < 2 * 64
