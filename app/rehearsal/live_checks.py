"""Whether the screens show, in time, what the servers have acknowledged, and in the end what a snapshot shows."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.rehearsal.report import Fault
from app.rehearsal.room import Room
from app.rehearsal.row_faults import differs
from app.rehearsal.screens import RoomScreen, Screen, SittingScreen

LOOK_AGAIN = 0.2


async def settle(screens: Sequence[Screen], fallback: timedelta) -> None:
    """Waits until everything acknowledged is shown, at most as long as a row may be wrong."""
    give_up = time.monotonic() + fallback.total_seconds() + LOOK_AGAIN
    for screen in screens:
        while screen.waits and time.monotonic() < give_up:
            await screen.moved(LOOK_AGAIN)


async def check_board(room: Room, fallback: timedelta) -> list[Fault]:
    """When nobody acts any more: rows that the screens show otherwise than a snapshot, though they had the time."""
    give_up = time.monotonic() + fallback.total_seconds()
    while True:
        snapshot = await room.snapshot()
        wrong = {
            row.ticket_number
            for screen in room.screens
            for row in snapshot.attempts
            if row.id not in screen.attempts.rows or differs(screen.attempts.rows[row.id], row)
        }
        if not wrong or time.monotonic() >= give_up:
            return [Fault(about=ticket, what="看板与快照不符 A screen shows another row") for ticket in sorted(wrong)]
        await asyncio.sleep(LOOK_AGAIN)


def screen_faults(screens: Sequence[Screen], fallback: timedelta) -> Iterator[Fault]:
    """What was wrong for longer than `fallback`, and what was never right."""
    for screen in screens:
        for about, lag in screen.late(fallback):
            yield Fault(about=about, what=f"看板滞后 {lag.kind} not shown within {lag.seconds:.1f} s on {screen.name}")
        if isinstance(screen, RoomScreen):
            yield from (Fault(about=ticket, what=what) for ticket, what in sorted(screen.faults))


def totals_faults(sitting: SittingScreen, rooms: Sequence[Room]) -> Iterator[Fault]:
    """The chief's totals against the rows of all rooms."""
    rows = [row for room in rooms for row in room.screens[0].attempts.rows.values()]
    totals = Counter(row.state for row in rows)
    if totals != sitting.totals:
        yield Fault(about=sitting.name, what=f"场次总数不符 {dict(sitting.totals)} shown instead of {dict(totals)}")
