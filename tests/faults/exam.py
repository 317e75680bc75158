"""An exam at a site that is being broken: the candidates, a proctor who grants time, and what all of them were told."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import UUID

from app.domain.reasons import Reason
from app.services import rooms
from tests.faults.site import Site
from tests.faults.wire import Wire
from tests.faults.writer import Ending, Pace, Writer
from tests.halls import Hall, open_hall

DURATION = timedelta(minutes=45)
GRACE = timedelta(seconds=4)
EXTRA = timedelta(seconds=3)
COMMAND_EVERY = 1.5
PAUSED = 1.0
AFTER_THE_END = 120.0

UNDONE = """
SELECT count(*) AS count FROM attempt
WHERE sitting_id = $1 AND (state IN ('in_progress', 'interrupted') OR grading_needed)
"""


@dataclass(frozen=True)
class Plan:
    """`window` is from now to the common end; who ends early does so within its last `early` part."""

    candidates: int
    window: timedelta
    pace: Pace = Pace()
    early: float = 0.3


@dataclass
class Exam:
    """`granted` has the time that each attempt was told to have been given; `trouble` what came instead of answers."""

    site: Site
    hall: Hall
    ends_at: datetime
    writers: Sequence[Writer]
    granted: Counter[UUID] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> list[float]:
        """When each save was acknowledged (monotonic), in order."""
        return sorted(moment for writer in self.writers for moment in writer.acknowledged.values())

    def be_unruly(self, unruly: bool) -> None:
        """Every save is sent several times, its parts the wrong way round, with saves of long ago after it."""
        for writer in self.writers:
            writer.unruly = unruly

    async def until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


Course = Callable[[Exam], Awaitable[None]]


async def hold(site: Site, plan: Plan, course: Course, source: random.Random) -> Exam:
    """A whole exam, over and graded, during which `course` runs from the first acknowledged saves on."""
    async with _opened(site, plan, source) as exam:
        spread = exam.ends_at - datetime.now(UTC)
        async with asyncio.TaskGroup() as people:
            for writer in exam.writers:
                people.create_task(writer.sit(spread * plan.early * source.random()))
            people.create_task(_proctor(exam, source))
            while len(exam.acknowledged) < len(exam.writers):
                await asyncio.sleep(0.1)
            await course(exam)
        await _until_graded(exam)
        return exam


@asynccontextmanager
async def _opened(site: Site, plan: Plan, source: random.Random) -> AsyncIterator[Exam]:
    """Everybody is checked in, the room runs, and the end is `plan.window` away."""
    ends_at = (datetime.now(UTC) + plan.window).replace(microsecond=0)
    hall = await open_hall(
        site.context,
        candidates=plan.candidates,
        started=False,
        starts_at=ends_at - DURATION,
        duration_minutes=DURATION // timedelta(minutes=1),
        late_entry_minutes=DURATION // timedelta(minutes=1),
        grace_seconds=GRACE // timedelta(seconds=1),
    )
    async with site.context.database.transaction() as session:
        now = await site.context.clock.now(session)
        await rooms.open_check_in(session, hall.proctors[0], hall.room_id, now)
        await rooms.start(session, hall.proctors[0], hall.room_id, now, keep_end=True)
    await hall.check_in_all()
    trouble: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        writers = []
        for who, ending in zip(hall.seated, cycle((Ending.clock, Ending.early, Ending.clock, Ending.bell))):
            wire = Wire(site.address, trouble, source)
            stack.push_async_callback(wire.close)
            writers.append(Writer(who, wire, ending, plan.pace, source))
        yield Exam(site, hall, ends_at, writers, trouble=trouble)


async def _proctor(exam: Exam, source: random.Random) -> None:
    """Until the end, now and then grants time to someone who writes, or stops somebody's clock for a while."""
    wire = Wire(exam.site.address, exam.trouble, source)
    wire.headers = exam.hall.proctor
    try:
        while datetime.now(UTC) < exam.ends_at:
            await asyncio.sleep(COMMAND_EVERY)
            path = f"/proctor/attempts/{(attempt := source.choice(exam.hall.seated).attempt_id)}"
            if source.random() < 0.5:
                body = {"extra_seconds": int(EXTRA.total_seconds()), "reason": Reason.candidate_accommodation}
                if await _done(wire, f"{path}/grants", body):
                    exam.granted[attempt] += int(EXTRA.total_seconds())
            elif await _done(wire, f"{path}/interrupt", {"reason": Reason.technical_device}):
                await asyncio.sleep(PAUSED)
                assert await _done(wire, f"{path}/resume", {})
    finally:
        await wire.close()


async def _done(wire: Wire, path: str, body: dict[str, object]) -> bool:
    """False when it came too early or too late for this candidate."""
    answer = await wire.call("POST", path, body)
    assert answer.status_code in (200, 409), answer.text
    return answer.is_success


async def _until_graded(exam: Exam) -> None:
    give_up = time.monotonic() + AFTER_THE_END
    while (await exam.site.database.fetch(UNDONE, exam.hall.sitting_id))[0]["count"]:
        assert time.monotonic() < give_up, "attempts are left that nobody hands in or grades"
        await asyncio.sleep(0.2)
