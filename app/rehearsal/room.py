"""The proctors' part: one room from check-in to the seal."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.attempts import SubmittedBy
from app.domain.reasons import Reason
from app.domain.states import NEVER_STARTED, UNFINISHED
from app.rehearsal.server import ServerClock
from app.rehearsal.staff import StaffMember
from app.schemas.board import AttemptRow, RoomSnapshot
from app.schemas.proctoring import (
    AttemptChanged,
    CommandCreate,
    GrantCreate,
    ResumeCreate,
    RoomChanged,
    StartCreate,
)

WATCH_EVERY, WATCH_CLOSELY = timedelta(seconds=2), timedelta(seconds=0.25)
OPEN_ATTEMPT = UNFINISHED | NEVER_STARTED
SWEEP_PATIENCE = timedelta(seconds=90)


@dataclass(frozen=True)
class Watched:
    """The room when nobody wrote any more; `sweep_lag`: the longest seen from deadline and grace to handed in."""

    rows: dict[str, AttemptRow]
    sweep_lag: timedelta | None


class Room:
    def __init__(
        self, id_: UUID, name: str, proctors: Sequence[StaffMember], clock: ServerClock, grace: timedelta
    ) -> None:
        self.name = name
        self.grace = grace
        self._proctors = proctors
        self._clock = clock
        self._path = f"/proctor/rooms/{id_}"

    async def open(self, expected: frozenset[str]) -> dict[str, UUID]:
        """Checks everyone in whose ticket is in `expected`, starts the room; attempts by ticket number.

        The sitting's start lies before it, since the window is shorter than an exam: the end stays where it is.
        """
        await self._command("open_check_in", "check-in")
        attempts = {row.ticket_number: row.id for row in (await self.snapshot()).attempts}
        for ticket, attempt in attempts.items():
            if ticket in expected:
                path = f"/proctor/attempts/{attempt}/check-in"
                await self._proctors[0].call("check_in", "POST", path, AttemptChanged)
        await self._command("start_room", "start", StartCreate(keep_end=True))
        return attempts

    async def snapshot(self) -> RoomSnapshot:
        return await self._proctors[-1].call("snapshot", "GET", self._path, RoomSnapshot)

    async def watch(self, ends_at: datetime, ended: Callable[[str, int], None]) -> Watched:
        """Looks at the room until every attempt is over, more closely after the common end.

        `ended` is told the room's name and how many are over. Gives up SWEEP_PATIENCE after the last deadline: then
        rows are left that are not over.
        """
        lag: timedelta | None = None
        seen: set[UUID] = set()
        while True:
            snapshot = await self.snapshot()
            now = snapshot.server_time
            for row in snapshot.attempts:
                if row.submitted_by is SubmittedBy.deadline and row.submitted_at is not None and row.id not in seen:
                    seen.add(row.id)
                    lag = max(lag or timedelta(0), now - row.submitted_at - self.grace)
            waiting = [row for row in snapshot.attempts if row.state in OPEN_ATTEMPT]
            ended(self.name, len(snapshot.attempts) - len(waiting))
            last = max([ends_at, *(row.deadline_at for row in waiting if row.deadline_at is not None)])
            if not waiting or now > last + self.grace + SWEEP_PATIENCE:
                return Watched({row.ticket_number: row for row in snapshot.attempts}, lag)
            pause = WATCH_EVERY if now < ends_at - WATCH_EVERY else WATCH_CLOSELY
            await asyncio.sleep(pause.total_seconds())

    async def close_and_seal(self) -> None:
        await self._command("close_room", "close")
        for proctor in self._proctors[:2]:
            await proctor.call("seal_room", "POST", f"{self._path}/seal", RoomChanged)

    async def release(self, attempt: UUID) -> None:
        await self._act("release", attempt, CommandCreate(reason=Reason.technical_device))

    async def grant(self, attempt: UUID, extra: timedelta) -> None:
        seconds = int(extra.total_seconds())
        await self._act("grant", attempt, GrantCreate(extra_seconds=seconds, reason=Reason.candidate_accommodation))

    async def interrupt(self, attempt: UUID) -> None:
        """The clock stops."""
        await self._act("interrupt", attempt, CommandCreate(reason=Reason.technical_device))

    async def resume(self, attempt: UUID) -> None:
        await self._act("resume", attempt, ResumeCreate())

    async def _act(self, command: str, attempt: UUID, body: CommandCreate | GrantCreate | ResumeCreate) -> None:
        path = f"/proctor/attempts/{attempt}/{'grants' if command == 'grant' else command}"
        await self._proctors[0].call(command, "POST", path, AttemptChanged, body)

    async def _command(self, name: str, command: str, body: StartCreate | None = None) -> None:
        await self._proctors[0].call(name, "POST", f"{self._path}/{command}", RoomChanged, body)
