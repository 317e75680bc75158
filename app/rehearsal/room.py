"""One room from check-in to its last hand-in, as its proctors see it on their screens."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from app.domain.attempts import SubmittedBy
from app.domain.reasons import Reason
from app.domain.states import NEVER_STARTED, UNFINISHED, RoomCommand, RoomState
from app.rehearsal.desk import BrokenRule, Desk
from app.rehearsal.known import Known
from app.rehearsal.screens import RoomScreen, Screen, SittingScreen
from app.rehearsal.server import ServerClock
from app.rehearsal.staff import StaffMember
from app.schemas.board import AttemptRow, RoomSnapshot
from app.schemas.proctoring import CommandCreate, RoomChanged, StartCreate

OPEN_ATTEMPT = UNFINISHED | NEVER_STARTED
SWEEP_PATIENCE = timedelta(seconds=90)
SEEN_PATIENCE = 30.0
LOOK_AGAIN = 1.0
ONE_BY_ONE = 2
"""Candidates that are checked in one by one; the others by one command."""


@dataclass(frozen=True)
class Watched:
    """The room when nobody wrote any more; `sweep_lag`: the longest seen from deadline and grace to handed in."""

    rows: dict[str, AttemptRow]
    sweep_lag: timedelta | None


class Room:
    """`proctors` have a screen each, in the same order. `known` is filled when the room is opened; `present` are those
    who were checked in. `calm` is set once nothing more is done to the room as a whole until it closes."""

    def __init__(
        self,
        id_: UUID,
        name: str,
        proctors: Sequence[StaffMember],
        chief: StaffMember,
        sitting: SittingScreen,
        clock: ServerClock,
        *,
        grace: timedelta,
        fallback: timedelta,
        acts: Counter[str],
    ) -> None:
        self.name = name
        self.path = f"/proctor/rooms/{id_}"
        self.proctors = proctors
        self.known: dict[UUID, Known] = {}
        self.present: list[Known] = []
        self.calm = asyncio.Event()
        self.screens = [RoomScreen(name, self.known, fallback) for _ in proctors]
        self.desk = Desk(self.path, proctors, chief, self.known, acts)
        self._id = id_
        self._all_screens: list[Screen] = [*self.screens, sitting]
        self._turns = cycle(reversed(proctors))
        self._clock = clock
        self._grace = grace
        self._acts = acts
        self._commands = 0

    async def open(self, expected: frozenset[str]) -> None:
        """Checks everyone in whose ticket is in `expected`, starts the room.

        The sitting's start lies before it, since the window is shorter than an exam: the end stays where it is.
        """
        await self._command(RoomCommand.check_in, RoomState.check_in)
        sights = [screen.attempts for screen in self.screens]
        for row in (await self.snapshot()).attempts:
            self.known[row.id] = Known(row.ticket_number, row.id, sights)
        self.present = [known for known in self.known.values() if known.ticket in expected]
        for known in self.present[:ONE_BY_ONE]:
            await self.desk.check_in(known)
        if together := self.present[ONE_BY_ONE:]:
            await self.desk.check_in_set(together)
        await self._command(RoomCommand.start, RoomState.running, StartCreate(keep_end=True))

    async def snapshot(self) -> RoomSnapshot:
        return await next(self._turns).call("snapshot", "GET", self.path, RoomSnapshot)

    async def suspend(self, pause: timedelta) -> None:
        """Once all screens show it, and after `pause`, another proctor resumes the room. Raises BrokenRule."""
        reason = CommandCreate(reason=Reason.environment_power)
        await self._command(RoomCommand.suspend, RoomState.suspended, reason)
        await self._clock.until(self._clock.now() + pause)
        await self._seen(RoomState.suspended)
        for known in self.known.values():
            known.paused = True
        await self._command(RoomCommand.resume, RoomState.running)

    async def close(self) -> None:
        await self._command(RoomCommand.close, RoomState.closed)

    async def watch(self, ends_at: datetime, ended: Callable[[str, int], None]) -> Watched:
        """Looks at a screen until every attempt is over.

        `ended` is told the room's name and how many are over. Gives up SWEEP_PATIENCE after the last deadline: then
        rows are left that are not over.
        """
        screen = self.screens[0]
        lag: timedelta | None = None
        seen: set[UUID] = set()
        while True:
            rows = screen.attempts.rows.values()
            for row in rows:
                if row.submitted_by is SubmittedBy.deadline and row.submitted_at is not None and row.id not in seen:
                    seen.add(row.id)
                    now = screen.server_time or row.submitted_at
                    lag = max(lag or timedelta(0), now - row.submitted_at - self._grace)
            over = sum(row.state not in OPEN_ATTEMPT for row in rows)
            ended(self.name, over)
            last = max([ends_at, *(row.deadline_at for row in rows if row.deadline_at is not None)])
            if over == len(self.known) or self._clock.now() > last + self._grace + SWEEP_PATIENCE:
                return Watched({row.ticket_number: row for row in rows}, lag)
            await screen.moved(LOOK_AGAIN)

    async def _command(
        self, command: RoomCommand, state: RoomState, body: CommandCreate | StartCreate | None = None
    ) -> None:
        proctor = next(self._turns)
        path = f"{self.path}/{command.replace('_', '-')}"
        await proctor.call(f"{command}_room", "POST", path, RoomChanged, body)
        self.acknowledged(command, state, proctor.caller.address)

    def acknowledged(self, command: RoomCommand, state: RoomState, server: str) -> None:
        """Every screen must show `state`, unless another command comes first."""
        self._acts[f"room.{command}"] += 1
        self._commands += 1
        turn = self._commands
        for screen in self._all_screens:
            screen.rooms.expect(
                self._id,
                f"{command}_room",
                lambda head: head.state is state,
                server,
                time.monotonic(),
                moot=lambda: self._commands > turn,
            )

    async def _seen(self, state: RoomState) -> None:
        """Returns when every proctor's screen shows the room's `state`. Raises BrokenRule after SEEN_PATIENCE."""
        try:
            async with asyncio.timeout(SEEN_PATIENCE):
                for screen in self.screens:
                    while (head := screen.rooms.rows.get(self._id)) is None or head.state is not state:
                        await screen.moved(LOOK_AGAIN)
        except TimeoutError:
            raise BrokenRule(f"屏幕未显示考场状态 A screen does not show the room as {state}") from None
