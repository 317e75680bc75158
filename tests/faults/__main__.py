"""`python -m tests.faults`, `make soak`: exams of many candidates under faults at random."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.core.logging import configure_logging
from app.core.settings import Settings
from bench.machine import describe
from tests.faults import table
from tests.faults.course import Figure, Strike, figures, strike
from tests.faults.exam import Course, Exam, Plan, hold, plan_of_the_end
from tests.faults.faults import AT_RANDOM, MISS_THE_END, Fault, restarts
from tests.faults.site import SERVERS, Site, open_site
from tests.faults.verdict import audit_breaches, breaches
from tests.faults.writer import Pace

ANSWERS_A_SECOND = 200
JITTER = (0.5, 1.5)

Minutes = Annotated[float, typer.Option(help="随机故障持续的分钟数 Minutes of faults at random")]
Every = Annotated[float, typer.Option(help="两次故障相隔的秒数，上下浮动 Seconds from one fault to the next, about")]
Candidates = Annotated[int, typer.Option(help="考生人数 Candidates")]
Restarts = Annotated[int, typer.Option("--restarts", help="最后连续重启的次数 Kills and restarts in a row afterwards")]
Seed = Annotated[int | None, typer.Option(help="随机种子 Of the course of the faults")]
Write = Annotated[bool, typer.Option("--write", help="把结果写入 docs/reliability.md Put the result there")]


def main(
    minutes: Minutes = 15,
    every: Every = 30,
    candidates: Candidates = 500,
    in_a_row: Restarts = 100,
    seed: Seed = None,
    write: Write = False,
) -> None:
    """长时间故障演练 Every fault once, then at random, then restarts in a row; at last nobody is there at the end."""
    configure_logging(Settings(log_format="console", log_level="warning"))
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    typer.echo(f"种子 seed {seed}")
    soak = Soak(random.Random(seed), candidates)  # noqa: S311 -- reproducible by intention
    asyncio.run(soak.run(timedelta(minutes=minutes), every, in_a_row))
    report = soak.report(f"A fault each {every:g} s or so for {minutes:g} minutes, seed {seed}.")
    typer.echo(report)
    for breach in soak.breaches:
        typer.secho(breach, fg="red")
    if write:
        table.write(report)
    raise typer.Exit(1 if soak.breaches else 0)


@dataclass
class Soak:
    """What was found in the exams held so far."""

    source: random.Random
    candidates: int
    acknowledged: int = 0
    figures: list[Figure] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    trouble: Counter[str] = field(default_factory=Counter)

    async def run(self, lasting: timedelta, every: float, in_a_row: int) -> None:
        mean = self.candidates * Pace.changes / ANSWERS_A_SECOND
        pace = Pace(pause=(JITTER[0] * mean, JITTER[1] * mean))
        async with open_site(self.source) as site:
            strikes: list[Strike] = []

            async def long(exam: Exam) -> None:
                ends = time.monotonic() + lasting.total_seconds()
                faults = _endless(self.source)
                while (began := time.monotonic()) < ends:
                    strikes.append(await _strike(exam, next(faults)))
                    await asyncio.sleep(began + every * self.source.uniform(*JITTER) - time.monotonic())
                strikes.append(await _strike(exam, restarts(in_a_row)))

            async def short(exam: Exam) -> None:
                strikes.append(await _strike(exam, MISS_THE_END))

            await self._hold(site, Plan(self.candidates, pace=pace), long, strikes)
            strikes.clear()
            await self._hold(site, plan_of_the_end(self.candidates, pace), short, strikes)
            self.breaches += await audit_breaches(site)

    async def _hold(self, site: Site, plan: Plan, course: Course, strikes: Sequence[Strike]) -> None:
        exam = await hold(site, plan, course, self.source)
        self.acknowledged += len(exam.acknowledged)
        self.trouble += exam.trouble
        self.figures += await figures(exam, strikes)
        self.breaches += await breaches(exam)

    def report(self, course: str) -> str:
        machine = describe(Path.cwd())
        lost = sum(one.lost for one in self.figures)
        return (
            f"{datetime.now(UTC):%Y-%m-%d}, commit {machine.commit}, {machine.processor}, {machine.cores} cores, for "
            f"all of it: {self.candidates} candidates, {SERVERS} server processes, PostgreSQL and its synchronous "
            f"standby. {course}\n\n"
            f"**{self.acknowledged} acknowledged saves, {lost} lost, {len(self.breaches)} breaches.** What clients got "
            f"instead of an answer, and sent again: {_counts(self.trouble)}.\n\n{table.render(self.figures)}"
        )


def _endless(source: random.Random) -> Iterator[Fault]:
    """Each once before any comes again."""
    while True:
        yield from source.sample(AT_RANDOM, len(AT_RANDOM))


async def _strike(exam: Exam, fault: Fault) -> Strike:
    [struck] = await strike(exam, fault)
    said = struck.impossible or f"{struck.repaired - struck.began:.1f} s"
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {fault.zh} {fault.en}: {said}")
    return struck


def _counts(trouble: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(trouble.items())) or "nothing"


if __name__ == "__main__":
    typer.run(main)
