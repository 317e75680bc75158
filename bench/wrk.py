"""The generator of saves: wrk, a native program that takes little of the processors, with `saves.lua`."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.figures import Latency
from bench.spending import own_children

SCRIPT = Path(__file__).with_name("saves.lua")
THREADS = 2
TIMEOUT = "30s"

LACKING = """缺少 wrk：Debian、Ubuntu 用 apt-get install wrk，其他系统见 https://github.com/wg/wrk。
wrk is not installed: apt-get install wrk on Debian and Ubuntu; for others see https://github.com/wg/wrk."""


class Lacking(Exception):
    """There is no wrk; the message says how to get it."""


class Load(BaseModel):
    """`calls` answered requests, `saved` and `refused` answers by what the replies said, `sent` at most sent; `status`
    of a refusal, `lost` connections and timeouts, `last` sequence used, latency in milliseconds, `cpu` seconds."""

    model_config = ConfigDict(frozen=True)

    calls: int
    sent: int
    saved: int
    refused: int
    status: int
    lost: int
    last: int
    seconds: float
    p50: float
    p95: float
    p99: float
    longest: float
    cpu: float = 0.0

    @property
    def latency(self) -> Latency:
        return Latency(p50=self.p50, p95=self.p95, p99=self.p99, longest=self.longest)


def require() -> str:
    """The path of wrk. Raises Lacking."""
    found = shutil.which("wrk")
    if found is None:
        raise Lacking(LACKING)
    return found


def save(
    ports: Sequence[int],
    tokens: Sequence[str],
    answers: Sequence[tuple[str, str]],
    connections: int,
    seconds: int,
    first: int,
) -> Load:
    """Saves on so many connections, spread over the ports, each answer with a sequence from `first` on.

    The candidates are divided among the threads, and each thread talks to one port: so each candidate has one server.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as plan:
        plan.write(_plan(ports, tokens, answers, first))
        plan.flush()
        command = [require(), f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", TIMEOUT]
        command += ["-s", str(SCRIPT), f"http://127.0.0.1:{ports[0]}"]
        environment = os.environ | {"BENCH_PLAN": plan.name}
        with own_children() as children:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    load = Load.model_validate_json(done.stdout.strip().splitlines()[-1])
    return load.model_copy(update={"cpu": children.seconds})


def _plan(ports: Sequence[int], tokens: Sequence[str], answers: Sequence[tuple[str, str]], first: int) -> str:
    return (
        f"return {{ports = {_list(map(str, ports))}, tokens = {_list(map(_quoted, tokens))}, "
        f"answers = {_list(_list(map(_quoted, pair)) for pair in answers)}, first = {first}, threads = {THREADS}}}\n"
    )


def _list(parts: Iterable[str]) -> str:
    return "{" + ",".join(parts) + "}"


def _quoted(plain: str) -> str:
    """A Lua string of text without quotes and backslashes, such as tokens and answers."""
    return f'"{plain}"'
