"""CPU seconds and memory of processes, from /proc (proc(5))."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Sequence[int]) -> float:
    """Of these processes and all below them, those that ended and were waited for included."""
    return sum(_own_seconds(pid) for root in pids for pid in _tree(root))


def machine_seconds() -> float:
    """Of all processes: user, nice, system, irq and softirq, the first line of /proc/stat without idle and iowait."""
    user, nice, system, _, _, irq, softirq, *_ = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq))) / TICKS


def peak_mib(pids: Sequence[int]) -> float:
    """The largest resident set that one of these processes, or one below it, ever had."""
    return max((_status_kib(pid, "VmHWM") for root in pids for pid in _tree(root)), default=0) / 1024


def proportional_mib(pids: Sequence[int]) -> float:
    """Of these processes and all below them; memory that several share is counted once."""
    return sum(_rollup_kib(pid) for root in pids for pid in _tree(root)) / 1024


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = (PROC / f"{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _tree(int(child))


def _own_seconds(pid: int) -> float:
    """utime, stime, and cutime, cstime of the children waited for: fields 14 to 17."""
    try:
        stat = (PROC / f"{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(field) for field in stat.rpartition(")")[2].split()[11:15]) / TICKS


def _status_kib(pid: int, name: str) -> int:
    return _kib(PROC / f"{pid}/status", name)


def _rollup_kib(pid: int) -> int:
    return _kib(PROC / f"{pid}/smaps_rollup", "Pss")


def _kib(path: Path, name: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
