"""Plays the plan of the first file named on the command line and writes what happened into the second: see
`bench.crowd`."""

import asyncio
import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

import uvloop

from bench.crowd.plan import Bell, Scene, Told, scene_of
from bench.crowd.scenes import gather_bell, gather_writing


async def play(scene: Scene) -> Told:
    told = Told()
    ready = await (gather_bell(scene, told) if isinstance(scene, Bell) else gather_writing(scene, told))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    at = float(await asyncio.to_thread(sys.stdin.readline))
    before, loop, now = _cpu(), asyncio.get_running_loop(), time.time()
    told.began, told.late = max(at, now), max(0.0, now - at)
    await ready(loop.time() + at - now)
    told.ended = time.time()
    told.cpu = _cpu() - before
    return told


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    plan, outcome = map(Path, sys.argv[1:])
    scene = scene_of(json.loads(plan.read_text()))
    outcome.write_text(json.dumps(asdict(uvloop.run(play(scene)))))
