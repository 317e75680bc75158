"""What the proctors of a room do while it is written: for all of it at set times, and whenever a hand is raised."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

from app.rehearsal.known import Known
from app.rehearsal.room import LOOK_AGAIN, Room
from app.rehearsal.screens import RoomScreen
from app.rehearsal.server import ServerClock
from app.rehearsal.times import Times

FIRST, LAST = 0.06, 0.17
"""The parts of the window of writing at which the first and the last room begin."""
GRANTS, WORD, SUSPENSION = 0.03, 0.06, 0.09
"""How long after its beginning. What befalls single candidates comes after all of it."""
PAUSE = 0.03
SHORTEST_PAUSE = timedelta(seconds=1)
EXTRA = timedelta(seconds=1)
SOME = 3


async def perform(room: Room, turn: float, times: Times, clock: ServerClock) -> None:
    """Messages, grants, a suspension; `turn`, from 0 to 1, is the room's place among all.

    Raises Refused, BrokenRule, Unreachable; the room is calm afterwards anyhow.
    """
    desk, begins = room.desk, FIRST + (LAST - FIRST) * turn
    try:
        await clock.until(times.at(begins))
        await desk.write_room("请核对屏幕上的姓名和准考证号。")
        await clock.until(times.at(begins + GRANTS))
        await desk.grant_room(EXTRA)
        if room.present:
            await desk.grant(room.present[0], EXTRA)
            await desk.grant_set(room.present[:SOME], EXTRA)
            await clock.until(times.at(begins + WORD))
            await desk.write(room.present[0], "请把手机交到讲台。")
        await clock.until(times.at(begins + SUSPENSION))
        await room.suspend(max(SHORTEST_PAUSE, times.span(PAUSE)))
    finally:
        room.calm.set()


async def attend(room: Room, screen: RoomScreen) -> NoReturn:
    """Answers the hands that come up on one proctor's screen. Raises Refused, BrokenRule, Unreachable."""
    while True:
        for known, hand in list(_hands(room, screen)):
            await room.desk.confirm_hand(known, hand)
        await screen.moved(LOOK_AGAIN)


def _hands(room: Room, screen: RoomScreen) -> Iterator[tuple[Known, UUID]]:
    """That nobody has answered yet."""
    for row in screen.attempts.rows.values():
        known = room.known.get(row.id)
        if known is not None and row.hand is not None and row.hand.id not in known.settled:
            yield known, row.hand.id
