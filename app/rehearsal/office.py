"""The officers' part of a rehearsal: papers, sitting, rooms, roster, seats; at the end closing and publishing."""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.paging import Page
from app.core.permissions import Role
from app.rehearsal.keys import KeySheet
from app.rehearsal.people import Person
from app.rehearsal.room import Room
from app.rehearsal.screens import SittingScreen
from app.rehearsal.server import Refused, ServerClock, client_time
from app.rehearsal.staff import Agency, StaffMember
from app.schemas.entries import AutomaticSeating, EntriesCreate, EntriesRead, EntryCreate, SeatingRead
from app.schemas.papers import PaperAssemble, PaperDetailRead, PapersRead
from app.schemas.results import ResultRead
from app.schemas.sittings import ProctorsUpdate, RoomCreate, RoomRead, SittingCreate, SittingRead, SittingUpdate
from app.schemas.standards import LevelRead, StandardRead

FORMS = 2
PAPER_SEED = 20_270_306
"""Always the same: while the bank is the same, a later rehearsal gets the same papers again."""
GRACE = timedelta(seconds=5)
SEATS_PER_ROW = 6
GRADING_PATIENCE = 60


class NoStandard(Exception):
    """The servers have no standard with the level asked for."""


@dataclass(frozen=True)
class Plan:
    """`window` is from the start of the writing to the common end; `fallback` how long a row on a screen may be wrong:
    the servers' KAOCHANG_LIVE_FALLBACK."""

    level: int
    seed: int
    rooms: int
    window: timedelta
    standard_code: str | None
    fallback: timedelta


class Office:
    """One sitting, planned and run by an officer; the chief reads the keys and confirms what needs two people."""

    def __init__(self, officer: StaffMember, chief: StaffMember, agency: Agency, plan: Plan) -> None:
        self._officer = officer
        self.chief = chief
        self._agency = agency
        self._plan = plan

    async def plan_sitting(self) -> tuple[SittingRead, KeySheet, ServerClock]:
        """A draft on rehearsal papers, their keys, and the server's clock. Raises NoStandard."""
        standard = await self._standard()
        level = await self._officer.call(
            "get_level", "GET", f"/standards/{standard.code}/levels/{self._plan.level}", LevelRead
        )
        request = PaperAssemble(standard_code=standard.code, level=self._plan.level, forms=FORMS, seed=PAPER_SEED)
        assembled = await self._officer.call("assemble", "POST", "/papers/assemble", PapersRead, request)
        papers = [
            await self.chief.call("read_keys", "GET", f"/papers/{paper.id}/keys", PaperDetailRead)
            for paper in assembled.papers
        ]
        minutes = level.theory.minimum_minutes.value
        sitting = await self._officer.call(
            "create_sitting",
            "POST",
            "/sittings",
            SittingRead,
            SittingCreate(
                standard_code=standard.code,
                level=self._plan.level,
                name=f"演练 {level.name}",
                starts_at=client_time(),
                duration_minutes=minutes,
                late_entry_minutes=minutes,
                earliest_submission_minutes=0,
                grace_seconds=int(GRACE.total_seconds()),
                rehearsal=True,
                paper_ids=tuple(paper.id for paper in papers),
            ),
        )
        return sitting, KeySheet(item for paper in papers for item in paper.items), ServerClock(sitting.created_at)

    async def fill(self, sitting: SittingRead, people: Sequence[Person]) -> list[str]:
        """Rooms, roster and seats; the ticket numbers in the order of `people`."""
        seats = math.ceil(len(people) / self._plan.rooms)
        for number in range(1, self._plan.rooms + 1):
            room = RoomCreate(name=f"第{number:02}考场", seats=seats, seats_per_row=SEATS_PER_ROW)
            await self._officer.call("create_room", "POST", f"/sittings/{sitting.id}/rooms", RoomRead, room)
        roster = EntriesCreate(entries=tuple(EntryCreate(name=who.name, id_number=who.id_number) for who in people))
        entries = await self._officer.call(
            "add_entries", "POST", f"/sittings/{sitting.id}/entries", EntriesRead, roster
        )
        seating = AutomaticSeating(method="automatic", seed=self._plan.seed)
        await self._officer.call("seat_entries", "POST", f"/sittings/{sitting.id}/seating", SeatingRead, seating)
        return [entry.ticket_number for entry in entries.items]

    async def staff_rooms(
        self, sitting: SittingRead, screen: SittingScreen, clock: ServerClock, acts: Counter[str]
    ) -> list[Room]:
        """As many proctors to each room as the standard asks for; `screen` is the chief's."""
        path = f"/sittings/{sitting.id}/rooms"
        rooms = []
        for room in (await self._officer.call("list_rooms", "GET", path, Page[RoomRead])).items:
            proctors = [await self._agency.hire(Role.proctor) for _ in range(room.proctors_needed)]
            names = ProctorsUpdate(proctors=tuple(proctor.username for proctor in proctors))
            await self._officer.call("assign_proctors", "PUT", f"{path}/{room.id}/proctors", RoomRead, names)
            rooms.append(
                Room(
                    room.id,
                    room.name,
                    proctors,
                    self.chief,
                    screen,
                    clock,
                    grace=GRACE,
                    fallback=self._plan.fallback,
                    acts=acts,
                )
            )
        return rooms

    async def go_live(self, sitting: SittingRead, clock: ServerClock, lead: timedelta) -> datetime:
        """Puts the common end at `lead` + window from now, freezes and opens; returns the common end."""
        ends_at = (clock.now() + lead + self._plan.window).replace(microsecond=0)
        starts_at = ends_at - timedelta(minutes=sitting.duration_minutes)
        path = f"/sittings/{sitting.id}"
        await self._officer.call("update_sitting", "PATCH", path, SittingRead, SittingUpdate(starts_at=starts_at))
        await self._officer.call("make_ready", "POST", f"{path}/ready", SittingRead)
        await self._officer.call("go_live", "POST", f"{path}/go-live", SittingRead)
        return ends_at

    async def publish(self, sitting_id: UUID) -> list[ResultRead]:
        """Closes, publishes once all is graded, and reads the results."""
        await self._officer.call("close_sitting", "POST", f"/sittings/{sitting_id}/close", SittingRead)
        for tries_left in reversed(range(GRADING_PATIENCE)):
            try:
                await self._officer.call(
                    "publish", "POST", f"/sittings/{sitting_id}/publish", SittingRead, expected="not_all_graded"
                )
                break
            except Refused as refused:
                if refused.code != "not_all_graded" or not tries_left:
                    raise
            await asyncio.sleep(1)
        path = f"/sittings/{sitting_id}/results"
        return await self._officer.pages("list_results", path, Page[ResultRead])

    async def _standard(self) -> StandardRead:
        """The one asked for, else the first that has the level."""
        for standard in await self._officer.pages("list_standards", "/standards", Page[StandardRead]):
            if self._plan.standard_code in (None, standard.code) and self._plan.level in _levels(standard):
                return standard
        raise NoStandard(
            f"没有所要的标准和等级 No standard {self._plan.standard_code or ''} with level {self._plan.level}"
        )


def _levels(standard: StandardRead) -> set[int]:
    return {level.level for level in standard.levels}
