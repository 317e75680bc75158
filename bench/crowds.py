"""Crowds as a run uses them: started, gathered, sent off at a moment, and asked what happened."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.crowd.plan import Scene, Told

STOP_PATIENCE = 10.0
PROMPTLY = 0.2
"""Seconds from sending the crowd off to its moment."""


class CrowdFailed(Exception):
    """The crowd did not play; the message is what it said."""


class Crowd:
    """Gathered: all its connections are open."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def send_off(self, at: float | None = None) -> float:
        """At the moment `at` (seconds since the epoch), else at once; the moment."""
        moment = time.time() + PROMPTLY if at is None else at
        assert self._process.stdin is not None  # noqa: S101 -- a pipe
        self._process.stdin.write(f"{moment!r}\n")
        self._process.stdin.flush()
        return moment

    def told(self) -> Told:
        """Waits for the end. Raises CrowdFailed."""
        return Told(**json.loads(_line(self._process)))


@contextmanager
def gathered(scene: Scene) -> Iterator[Crowd]:
    """Raises CrowdFailed when its connections cannot be opened."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(asdict(scene)))
        command = [sys.executable, "-m", "bench.crowd", str(plan)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            _line(process)
            yield Crowd(process)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_PATIENCE)


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None  # noqa: S101 -- a pipe
    line = process.stdout.readline()
    if not line:
        raise CrowdFailed(f"the crowd ended with status {process.wait()}")
    return line
