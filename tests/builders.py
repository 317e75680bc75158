"""Things that many tests need, made by the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.core.context import Context
from app.domain.actors import SYSTEM
from app.domain.identity import make_identity_number
from app.services import room_planning, sittings

STANDARD = "3-01-01-01"


@dataclass(frozen=True)
class Draft:
    """A sitting in draft without papers; `rooms` by name."""

    id: UUID
    rooms: Mapping[str, UUID]

    @property
    def path(self) -> str:
        return f"/api/v1/sittings/{self.id}"


async def plan_sitting(context: Context, rooms: Mapping[str, int] | None = None, **fields: Any) -> Draft:
    """A draft with rooms of so many seats, six a row."""
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        values = {
            "standard_code": STANDARD,
            "edition": None,
            "level": 5,
            "name": "五级理论考试",
            "starts_at": now + timedelta(days=1),
            "duration_minutes": 90,
            "late_entry_minutes": 30,
            "earliest_submission_minutes": 30,
            "grace_seconds": 10,
            "paper_ids": (),
        }
        sitting = await sittings.create(session, values | fields, SYSTEM, now)
        made = {}
        for name, seats in (rooms or {}).items():
            room = {"name": name, "seats": seats, "seats_per_row": 6, "proctors": ()}
            made[name] = (await room_planning.add_room(session, sitting.id, room, SYSTEM, now)).id
    return Draft(sitting.id, made)


def identity(sequence: int) -> str:
    """The identity number of the test person of this number, 0 to 9999."""
    return make_identity_number(date(1990 + sequence // 1000, 3, 7), sequence=sequence % 1000)
