"""Plays the plan named on the command line: see `bench.crowd`."""

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
    scene = scene_of(json.loads(Path(sys.argv[1]).read_text()))
    sys.stdout.write(json.dumps(asdict(uvloop.run(play(scene)))) + "\n")
