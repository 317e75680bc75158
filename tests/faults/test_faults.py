"""Everything is broken once in the course of one exam: nothing acknowledged is lost, and every attempt ends as it
should. `make soak` does the same for longer and with more candidates."""

import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.faults.course import Figure, Strike, figures, longest_gap, strike
from tests.faults.exam import Exam, Plan, hold, plan_of_the_end
from tests.faults.faults import AT_RANDOM, MISS_THE_END, restarts
from tests.faults.site import Site, open_site
from tests.faults.verdict import audit_breaches, breaches
from tests.faults.writer import Pace

FAULTS = {fault.name: fault for fault in (*AT_RANDOM, restarts(5), MISS_THE_END) if fault.name != "kill_servers"}
"""Servers are killed by the restarts, and all at once at the end."""

TOGETHER = (
    ("kill_database",),
    ("clock_forward", "clock_back", "cut_off_the_clients"),
    ("cut_off_the_database",),
    ("hold_up_the_database",),
    ("fill_the_disk",),
    ("fail_over",),
    ("lose_the_primary_host",),
    ("restarts", "repeat_and_reorder", "spoil_the_network"),
)
CANDIDATES = 24


@dataclass(frozen=True)
class Held:
    """`last` is the exam of which nobody was there at the end."""

    site: Site
    last: Exam
    strikes: dict[str, Strike]
    figures: dict[str, Figure]
    breaches: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held() -> AsyncIterator[Held]:
    source = random.Random(20_270_306)  # noqa: S311 -- the same course each time
    long: list[Strike] = []
    short: list[Strike] = []

    async def break_everything(exam: Exam) -> None:
        for names in TOGETHER:
            long.extend(await strike(exam, *(FAULTS[name] for name in names)))

    async def break_the_end(exam: Exam) -> None:
        short.extend(await strike(exam, MISS_THE_END))

    async with open_site(source) as site:
        first = await hold(site, Plan(CANDIDATES), break_everything, source)
        last = await hold(site, plan_of_the_end(CANDIDATES, Pace()), break_the_end, source)
        found = [*await breaches(first), *await breaches(last), *await audit_breaches(site)]
        costs = [*await figures(first, long), *await figures(last, short)]
        by_name = {one.fault.name: one for one in (*long, *short)}
        yield Held(site, last, by_name, {one.fault.name: one for one in costs}, found)


def test_every_fault_strikes() -> None:
    struck = [name for names in (*TOGETHER, [MISS_THE_END.name]) for name in names]
    assert sorted(struck) == sorted(FAULTS)


def test_nothing_is_wrong_afterwards(held: Held) -> None:
    assert held.breaches == []


@pytest.mark.parametrize("name", FAULTS)
def test_no_acknowledged_save_is_lost(held: Held, name: str) -> None:
    if reason := held.strikes[name].impossible:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    assert held.figures[name].lost == 0
    if name != MISS_THE_END.name:
        assert held.figures[name].acknowledged > 0, "saves go on during the fault or after it"


async def test_the_clock_ends_what_was_due_while_nobody_was_there(held: Held) -> None:
    query = "SELECT count(*) FROM attempt WHERE sitting_id = $1 AND submitted_by = 'deadline'"
    [row] = await held.site.database.fetch(query, held.last.hall.sitting_id)
    assert row["count"] >= CANDIDATES // 2


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("DELETE FROM response_history WHERE sitting_id = $1 AND sequence = 1", "lost"),
        ("UPDATE response SET answer = '' WHERE sitting_id = $1", "not the newest answer"),
        ("UPDATE receipt SET payload = payload || '{\"items\": 1}' WHERE sitting_id = $1", "receipt not genuine"),
        ("UPDATE grading_run SET responses_digest = '-' WHERE sitting_id = $1", "other answers handed in or graded"),
        ("UPDATE attempt SET deadline_at = deadline_at + interval '1 s' WHERE sitting_id = $1", "deadline"),
        ("UPDATE attempt SET submitted_at = deadline_at + interval '1 s' WHERE sitting_id = $1", "after the deadline"),
        ("UPDATE attempt SET granted = granted + interval '3 s' WHERE sitting_id = $1", "granted"),
        ("DELETE FROM audit_event WHERE chain = $1 AND details ->> 'to' = 'submitted'", "hand-ins"),
    ],
)
async def test_the_verdict_notices_what_is_wrong(held: Held, tampering: str, told: str) -> None:
    await held.site.database.fetch(tampering, held.last.hall.sitting_id)
    assert any(told in breach for breach in await breaches(held.last))


def test_the_time_away_is_between_two_acknowledgements() -> None:
    assert longest_gap([1.0, 2.0, 2.5, 6.0, 6.1], since=2.2, until=3.0) == 3.5
    assert longest_gap([1.0], since=2.0, until=5.0) == 4.0, "nobody came back"
    assert longest_gap([], since=2.0, until=5.0) == 3.0
