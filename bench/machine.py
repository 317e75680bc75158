"""What the run ran on."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parents[1]
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "sqlalchemy", "asyncpg")


class Machine(BaseModel):
    model_config = ConfigDict(frozen=True)

    processor: str
    cores: int
    memory_gib: float
    file_system: str
    kernel: str
    python: str
    packages: dict[str, str]
    commit: str


def describe(folder: Path) -> Machine:
    """`folder` is where the database lies."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        file_system=file_system_of(folder),
        kernel=platform.release(),
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        commit=commit(),
    )


def commit() -> str:
    """The short name of the checked-out commit, with a `+` when the code that runs differs from it."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "unknown"
    name = _output(git, "rev-parse", "--short", "HEAD")
    return name + "+" * bool(_output(git, "status", "--porcelain", "--", "app", "alembic", "bench/*.py"))


def file_system_of(folder: Path) -> str:
    """The kind of the file system that holds the folder, as /proc/mounts names it."""
    lines = (line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines())
    holding = [(len(point), kind) for point, kind in lines if folder.resolve().is_relative_to(point)]
    return max(holding)[1]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _output(program: str, *words: str) -> str:
    done = subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 -- own
    return done.stdout.strip()
