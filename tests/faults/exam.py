"""An exam at a site that is being broken: who takes part, from the opening of the room until all is graded."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.services import rooms
from tests.faults.proctor import Proctor
from tests.faults.site import Site
from tests.faults.wire import Wire
from tests.faults.writer import Pace, Writer
from tests.halls import Hall, open_hall

DURATION = timedelta(hours=6)
GRACE = timedelta(seconds=4)
LOGINS_A_SECOND = 15
COMMAND_EVERY = 1.5
COMES_BACK = 60.0
AFTER_THE_END = 120.0

UNDONE = """
SELECT count(*) AS count FROM attempt
WHERE sitting_id = $1 AND (state IN ('in_progress', 'interrupted') OR grading_needed)
"""


@dataclass(frozen=True)
class Plan:
    """`window` is from the opening to the common end; everybody hands in at the bell, unless half are left to the
    clock."""

    candidates: int
    window: timedelta = timedelta(hours=5)
    half_by_clock: bool = False
    pace: Pace = Pace()  # noqa: RUF009 -- frozen


def plan_of_the_end(candidates: int, pace: Pace) -> Plan:
    """A short exam whose end is what matters."""
    return Plan(candidates, window=timedelta(seconds=8 + candidates / 10), half_by_clock=True, pace=pace)


@dataclass
class Exam:
    """`ends_at` is the common end; `saved` is set by each acknowledged save, `bell` tells to hand in; `trouble` counts
    what came instead of answers."""

    site: Site
    hall: Hall
    ends_at: datetime
    writers: Sequence[Writer]
    proctor: Proctor
    trouble: Counter[str]
    saved: asyncio.Event
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> list[float]:
        """When each change was acknowledged (monotonic), in order."""
        return sorted(moment for writer in self.writers for moment in writer.acknowledged.values())

    def be_unruly(self, unruly: bool) -> None:
        """A third of the saves are sent several times, their parts the wrong way round, with saves of long ago after
        them."""
        for writer in self.writers:
            writer.unruly = unruly

    async def until_saving(self) -> None:
        """Returns when somebody's save is acknowledged from now on. Raises TimeoutError when nobody's is."""
        self.saved.clear()
        async with asyncio.timeout(COMES_BACK):
            await self.saved.wait()

    async def until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


Course = Callable[[Exam], Awaitable[None]]


async def hold(site: Site, plan: Plan, course: Course, source: random.Random) -> Exam:
    """A whole exam, over and graded. `course` runs as soon as everybody has saved something; then comes the bell."""
    async with _opened(site, plan, source) as exam:
        async with asyncio.TaskGroup() as people:
            for place, writer in enumerate(exam.writers):
                bell = None if plan.half_by_clock and place % 2 else exam.bell
                people.create_task(writer.sit(place / LOGINS_A_SECOND, bell))
            await asyncio.gather(*(writer.saved.wait() for writer in exam.writers))
            people.create_task(_act_now_and_then(exam))
            await course(exam)
            exam.bell.set()
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

        def wire() -> Wire:
            connection = Wire(site.address, trouble, source)
            stack.push_async_callback(connection.close)
            return connection

        saved = asyncio.Event()
        writers = [Writer(who, wire(), plan.pace, source, saved) for who in hall.seated]
        yield Exam(site, hall, ends_at, writers, Proctor(hall, wire(), source), trouble, saved)


async def _act_now_and_then(exam: Exam) -> None:
    while not exam.bell.is_set():
        await exam.proctor.act()
        await asyncio.sleep(COMMAND_EVERY)


async def _until_graded(exam: Exam) -> None:
    give_up = time.monotonic() + AFTER_THE_END
    while (await exam.site.database.fetch(UNDONE, exam.hall.sitting_id))[0]["count"]:
        assert time.monotonic() < give_up, "attempts are left that nobody hands in or grades"
        await asyncio.sleep(0.2)
