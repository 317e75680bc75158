"""What a run measures, and how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """The parts of a run by their letters; `a` and `b` are the limits, which every run measures."""

    bare = "a"
    upserts = "b"
    saves = "c"
    logins = "d"
    start_bell = "e"
    end_bell = "f"
    fan_out = "g"
    steady = "h"
    growth = "i"


TITLES = {
    Part.bare: "界限一：空路由 Limit 1: a bare route",
    Part.upserts: "界限二：单行写入 Limit 2: single-row upserts",
    Part.saves: "保存答案 Saves",
    Part.logins: "集中登录 Login storm",
    Part.start_bell: "开考 Start bell",
    Part.end_bell: "收卷 End bell",
    Part.fan_out: "实时看板 Stream fan-out",
    Part.steady: "平稳考试 Steady exam",
    Part.growth: "增长 Growth",
}


@dataclass(frozen=True)
class Plan:
    """Sizes: candidates, connections, server processes, seconds. `stored` are responses of exams long past."""

    name: str
    seconds: int
    """Of each measured point of the limits and of saves."""
    connections: Sequence[int]
    processes: Sequence[int]
    crowd_processes: int
    """Server processes in all parts but (c)."""
    savers: int
    """Candidates who save in (c): not fewer than connections, so that few have two requests on the way."""
    logins: int
    bell: int
    """Candidates of the bells."""
    watched: int
    """Candidates of the fan-out; two streams read each of their rooms."""
    watched_seconds: int
    steady: int
    steady_seconds: int
    growth: Sequence[int]
    stored: Sequence[int]


QUICK = Plan(
    name="quick",
    seconds=3,
    connections=(64, 512, 2000),
    processes=(1, 2),
    crowd_processes=2,
    savers=2000,
    logins=300,
    bell=300,
    watched=120,
    watched_seconds=6,
    steady=300,
    steady_seconds=12,
    growth=(100, 400),
    stored=(10_000,),
)

USUAL = Plan(
    name="usual",
    seconds=8,
    connections=(64, 512, 2000),
    processes=(1, 2),
    crowd_processes=2,
    savers=4000,
    logins=2000,
    bell=5000,
    watched=300,
    watched_seconds=20,
    steady=10_000,
    steady_seconds=300,
    growth=(500, 2000, 8000),
    stored=(10_000,),
)

GROWN = 10_000_000
"""Stored responses of the large database; filling it takes minutes."""
