"""The papers of exam day: room record (考场记录), sign-in sheet (签到表), seat map (座位图), tickets (准考证)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyring import Keyring
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.reasons import REASONS
from app.domain.standard import Standard
from app.domain.standard_document import DeliveryMode
from app.domain.states import SittingState
from app.models.sitting import Room, Sitting
from app.services import attempts, audit, entries, room_record, sittings, standards
from app.services.printing.sheets import QrCode, Sheet

SAT_ON = (DeliveryMode.computer, DeliveryMode.mobile_app)

PART = 100
"""Tickets set at a time; even, since two stand on a page."""


@dataclass(frozen=True)
class Printer:
    """Prepares papers for one request: each is an export, recorded in the audit log."""

    session: AsyncSession
    keyring: Keyring
    zone: ZoneInfo
    actor: Actor
    now: datetime

    async def room_record(self, room: Room) -> Sheet:
        """考场记录, as it was sealed, or as it is now."""
        read = await room_record.read(self.session, self.keyring, room)
        data = read.record.model_dump() | read.model_dump(exclude={"record"})
        reasons = {reason.value: [words.zh, words.en] for reason, words in REASONS.items()}
        return self._of_room(
            "room_record", room, data | {"draft": False, "reasons": reasons, "footer": read.record_digest[:16]}
        )

    async def sign_in_sheet(self, room: Room) -> Sheet:
        data = await self._seated(room)
        proctors = await sittings.proctors_of(self.session, room.sitting_id)
        named = [{"name": account.name} for account in proctors.get(room.id, [])]
        return self._of_room("sign_in_sheet", room, data | {"proctors": named})

    async def seat_map(self, room: Room) -> Sheet:
        return self._of_room("seat_map", room, await self._seated(room))

    async def tickets(self, sitting_id: UUID, room_id: UUID | None) -> Sheet:
        """Of a whole sitting by room and seat, or of one room. Raises Problem `not_found`."""
        sitting = await sittings.get(self.session, sitting_id)
        if room_id is not None and await self.session.get(Room, (sitting_id, room_id)) is None:
            raise Problem("not_found", what=str(room_id))
        standard = await standards.by_id(self.session, sitting.standard_id)
        people = await entries.by_seat(self.session, self.keyring, sitting_id, room_id)
        tickets = [one.model_dump() | {"qr": QrCode(one.ticket_number)} for one in people]
        details = {"document": "tickets", "count": len(tickets)}
        self._record("sitting.export", "sitting", sitting_id, sitting_id, details)
        same = _heading(sitting, standard) | _rules(sitting, standard)
        parts = [same | {"entries": tickets[first : first + PART]} for first in range(0, len(tickets) or 1, PART)]
        return Sheet("tickets", parts, self.zone, self.now)

    async def _seated(self, room: Room) -> dict[str, Any]:
        sitting = await sittings.get(self.session, room.sitting_id)
        standard = await standards.by_id(self.session, sitting.standard_id)
        people = await entries.by_seat(self.session, self.keyring, room.sitting_id, room.id)
        return _heading(sitting, standard) | {
            "room": room.model_dump(include={"name", "seats", "seats_per_row"}),
            "entries": [one.model_dump() for one in people],
        }

    def _of_room(self, template: str, room: Room, data: dict[str, Any]) -> Sheet:
        self._record("room.export", "room", room.id, room.sitting_id, {"document": template})
        return Sheet(template, [data | {"zone": str(self.zone)}], self.zone, self.now)

    def _record(self, action: str, subject: str, subject_id: UUID, sitting_id: UUID, details: dict[str, Any]) -> None:
        audit.record(
            self.session, self.actor, action, subject, subject_id, at=self.now, sitting_id=sitting_id, details=details
        )


def _heading(sitting: Sitting, standard: Standard) -> dict[str, Any]:
    """What every paper has on top."""
    return {
        "sitting": room_record.recorded_sitting(sitting, standard).model_dump(),
        "draft": sitting.state is SittingState.draft,
    }


def _rules(sitting: Sitting, standard: Standard) -> dict[str, Any]:
    """What candidates are told; closed-book and on what it is sat by 1.9.2."""
    timing = attempts.timing_rules(sitting)
    modes = standard.exam_rules.theory.delivery_modes
    return {
        "late_entry_closes": timing.late_entry_closes_at,
        "submission_opens": timing.submission_opens_at if sitting.earliest_submission_minutes else None,
        "delivery": {"modes": [mode for mode in SAT_ON if mode in modes.value], "clause": modes.clause},
    }
