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
    """Gathered: all its connections are open. It writes what happened into the file `outcome` when it ends."""

    def __init__(self, process: "subprocess.Popen[str]", outcome: Path) -> None:
        self._process = process
        self._outcome = outcome

    def send_off(self, at: float | None = None) -> float:
        """At the moment `at` (seconds since the epoch), else at once; the moment."""
        moment = time.time() + PROMPTLY if at is None else at
        assert self._process.stdin is not None  # noqa: S101 -- a pipe
        self._process.stdin.write(f"{moment!r}\n")
        self._process.stdin.flush()
        return moment

    def told(self) -> Told:
        """Waits for the end. Raises CrowdFailed."""
        if status := self._process.wait():
            raise CrowdFailed(f"the crowd ended with status {status}")
        return Told(**json.loads(self._outcome.read_text()))


@contextmanager
def gathered(scene: Scene) -> Iterator[Crowd]:
    """Raises CrowdFailed when its connections cannot be opened."""
    with tempfile.TemporaryDirectory() as folder:
        plan, outcome = Path(folder) / "plan.json", Path(folder) / "outcome.json"
        plan.write_text(json.dumps(asdict(scene)))
        command = [sys.executable, "-m", "bench.crowd", str(plan), str(outcome)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            _wait_until_gathered(process)
            yield Crowd(process, outcome)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_PATIENCE)


def _wait_until_gathered(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None  # noqa: S101 -- a pipe
    if not process.stdout.readline():
        raise CrowdFailed(f"the crowd ended with status {process.wait()}")
