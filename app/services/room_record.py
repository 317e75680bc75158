"""The record of a room (考场记录): what happened in it, by the tables and the audit log, and who confirmed it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.keyring import Keyring
from app.core.problems import Problem
from app.domain.identity import mask_identity_number
from app.domain.room_record import SEALS_NEEDED, VERSION, Confirmation, record_digest, sealed_digest
from app.domain.standard import Standard
from app.domain.states import AttemptState, RoomState
from app.models.audit import AuditEvent
from app.models.entry import Entry
from app.models.incident import Incident
from app.models.sitting import Room, RoomSeal, Sitting
from app.models.staff import Staff
from app.schemas.room_record import (
    Attendance,
    AuditHeadRead,
    Person,
    RecordedCommand,
    RecordedGrant,
    RecordedHand,
    RecordedIncident,
    RecordedInterruption,
    RecordedNote,
    RecordedRoom,
    RecordedRuling,
    RecordedSitting,
    RecordedStaff,
    RecordSeal,
    RecordTotals,
    RoomRecord,
    RoomRecordRead,
)
from app.services import attempts, audit, room_rows, sealed_records, standards
from app.services.room_rows import RoomRows


async def read(session: AsyncSession, keyring: Keyring, room: Room) -> RoomRecordRead:
    """The record, its confirmations, and the head of the sitting's audit chain.

    Of a sealed room it is the record that was sealed, as it was kept, and otherwise as it is now; so too of a room
    that was sealed before records were kept.
    """
    record = await of_room(session, keyring, room)
    digest = present = record_digest(content_of(record))
    seals = await seals_of(session, room)
    sealed = sealed_digest(confirmations(seals)) if room.state == RoomState.sealed else None
    if sealed is not None and (kept := await sealed_records.content(session, room, sealed)) is not None:
        record, digest = RoomRecord.model_validate(kept), record_digest(kept)
    staff = await room_rows.staff_of(session, [seal.staff_id for seal in seals])
    head = await audit.head(session, room.sitting_id)
    return RoomRecordRead(
        state=RoomState(room.state),
        record_digest=digest,
        amended=sealed is not None and sealed != present,
        present_digest=present,
        seals=[_seal(seal, staff, digest) for seal in seals],
        seals_needed=SEALS_NEEDED,
        audit_head=AuditHeadRead(sequence=head.sequence, hash=head.hash.hex()),
        record=record,
    )


async def of_room(session: AsyncSession, keyring: Keyring, room: Room) -> RoomRecord:
    sitting = await session.get_one(Sitting, room.sitting_id)
    standard = await standards.by_id(session, sitting.standard_id)
    return _Writer(keyring, await room_rows.read(session, room)).record(sitting, room, standard)


async def seals_of(session: AsyncSession, room: Room) -> Sequence[RoomSeal]:
    """In the order in which they were given."""
    query = select(RoomSeal).where(RoomSeal.sitting_id == room.sitting_id, RoomSeal.room_id == room.id)
    return (await session.execute(query.order_by(col(RoomSeal.confirmed_at), col(RoomSeal.staff_id)))).scalars().all()


def confirmations(seals: Sequence[RoomSeal]) -> list[Confirmation]:
    return [Confirmation(seal.staff_id, seal.record_digest) for seal in seals]


async def in_sitting(session: AsyncSession, sitting_id: UUID, room_id: UUID) -> Room:
    """Raises Problem `not_found`."""
    room = await session.get(Room, (sitting_id, room_id))
    if room is None:
        raise Problem("not_found", what=str(room_id))
    return room


def content_of(record: RoomRecord) -> dict[str, Any]:
    """What is answered, digested and kept."""
    return record.model_dump(mode="json")


class _Writer:
    """Makes the parts of one room's record from its rows."""

    def __init__(self, keyring: Keyring, rows: RoomRows) -> None:
        self._keyring = keyring
        self._rows = rows
        self._entries: dict[UUID | None, Entry] = {attempt.id: entry for attempt, entry, _ in rows.attempts}
        self._notes: defaultdict[UUID, list[RecordedNote]] = defaultdict(list)
        for note in rows.notes:
            written = RecordedNote(written_at=note.written_at, written_by=self._named(note.written_by), text=note.text)
            self._notes[note.incident_id].append(written)
        self._evidence: defaultdict[UUID, list[str]] = defaultdict(list)
        for added in rows.evidence:
            self._evidence[added.incident_id].append(added.digest)

    def record(self, sitting: Sitting, room: Room, standard: Standard) -> RoomRecord:
        attendance = self._attendance()
        return RoomRecord(
            version=VERSION,
            sitting=recorded_sitting(sitting, standard),
            room=RecordedRoom(
                id=room.id,
                name=room.name,
                seats=room.seats,
                proctors_needed=standard.proctors_needed(len(attendance)),
            ),
            staff=self._staff(),
            attendance=attendance,
            absent=[one.ticket_number for one in attendance if one.state is AttemptState.absent],
            interruptions=self._interruptions(),
            grants=self._grants(),
            hands=self._hands(),
            incidents=[self._incident(incident) for incident in self._rows.incidents],
            rulings=[self._ruling(event) for event in self._rows.events if event.subject == "attempt"],
            commands=[self._command(event) for event in self._rows.events if event.subject == "room"],
            totals=self._totals(attendance),
        )

    def _person(self, staff_id: UUID | None) -> Person | None:
        return _person(self._rows.staff, staff_id)

    def _named(self, staff_id: UUID) -> Person:
        return _named(self._rows.staff, staff_id)

    def _who(self, attempt_id: UUID | None) -> dict[str, Any]:
        entry = self._entries[attempt_id]
        return {"seat_number": entry.seat_number or 0, "ticket_number": entry.ticket_number}

    def _staff(self) -> list[RecordedStaff]:
        proctors, acted = self._rows.proctors, self._rows.acted
        return [
            RecordedStaff(
                username=account.username,
                name=account.name,
                assigned=account.id in proctors,
                acted=account.id in acted,
            )
            for account in sorted(self._rows.staff.values(), key=lambda account: account.username)
        ]

    def _attendance(self) -> list[Attendance]:
        return [
            Attendance(
                **self._who(attempt.id),
                name=candidate.name,
                id_number=mask_identity_number(self._keyring.decrypt_identity(candidate.identity_sealed)),
                state=attempt.state,
                identity_check=attempt.identity_check,
                checked_in_at=attempt.checked_in_at,
                checked_in_by=self._person(attempt.checked_in_by),
                started_at=attempt.started_at,
                submitted_at=attempt.submitted_at,
                submitted_by=attempt.submitted_by,
                granted_seconds=int(attempt.granted.total_seconds()),
                stopped_seconds=int(attempt.stopped.total_seconds()),
                waited_seconds=int(attempt.waited.total_seconds()),
            )
            for attempt, _, candidate in self._rows.attempts
        ]

    def _interruptions(self) -> list[RecordedInterruption]:
        return [
            RecordedInterruption(
                **self._who(pause.attempt_id),
                started_at=pause.started_at,
                ended_at=pause.ended_at,
                reason=pause.reason,
                note=pause.note,
                stops_clock=pause.stops_clock,
                with_room=pause.with_room,
                corrected_at=pause.corrected_at,
                corrected_by=self._person(pause.corrected_by),
            )
            for pause in self._rows.interruptions
        ]

    def _grants(self) -> list[RecordedGrant]:
        return [
            RecordedGrant(
                **self._who(grant.attempt_id),
                granted_at=grant.granted_at,
                seconds=int(grant.extra.total_seconds()),
                reason=grant.reason,
                granted_by=self._named(grant.granted_by),
            )
            for grant in self._rows.grants
        ]

    def _hands(self) -> list[RecordedHand]:
        return [
            RecordedHand(
                **self._who(hand.attempt_id),
                raised_at=hand.sent_at,
                reason=hand.code,
                confirmed_at=hand.confirmed_at,
                confirmed_by=self._person(hand.confirmed_by),
                withdrawn_at=hand.withdrawn_at,
            )
            for hand in self._rows.hands
        ]

    def _incident(self, incident: Incident) -> RecordedIncident:
        entry = self._entries.get(incident.attempt_id)
        return RecordedIncident(
            seat_number=None if entry is None else entry.seat_number,
            ticket_number=None if entry is None else entry.ticket_number,
            kind=incident.kind,
            source=incident.source,
            severity=incident.severity,
            count=incident.count,
            first_at=incident.first_at,
            last_at=incident.last_at,
            reported_by=self._person(incident.reported_by),
            acknowledged_at=incident.acknowledged_at,
            acknowledged_by=self._person(incident.acknowledged_by),
            notes=self._notes[incident.id],
            evidence=self._evidence[incident.id],
        )

    def _ruling(self, event: AuditEvent) -> RecordedRuling:
        return RecordedRuling(
            **self._who(event.subject_id),
            at=event.at,
            command=event.action.removeprefix("attempt."),
            by=self._person(event.actor_id),
            reason=event.details.get("reason"),
            note=event.details.get("note"),
            file_number=event.details.get("file_number"),
        )

    def _command(self, event: AuditEvent) -> RecordedCommand:
        return RecordedCommand(
            at=event.at,
            command=event.action.removeprefix("room."),
            by=self._person(event.actor_id),
            reason=event.details.get("reason"),
            late_seconds=event.details.get("late_seconds"),
            end_kept=event.details.get("end_kept", False),
        )

    def _totals(self, attendance: Sequence[Attendance]) -> RecordTotals:
        rows = self._rows
        absent = [one for one in attendance if one.state is AttemptState.absent]
        arrived = [one for one in attendance if one.checked_in_at is not None and one not in absent]
        return RecordTotals(
            candidates=len(attendance),
            present=len(arrived),
            absent=len(absent),
            states=Counter(one.state for one in attendance),
            submitted_by=Counter(one.submitted_by for one in attendance if one.submitted_by is not None),
            interruptions=len(rows.interruptions),
            grants=len(rows.grants),
            granted_seconds=sum(one.granted_seconds for one in attendance),
            notices=rows.notices,
            hands=len(rows.hands),
            incidents=Counter(incident.severity for incident in rows.incidents),
        )


def recorded_sitting(sitting: Sitting, standard: Standard) -> RecordedSitting:
    return RecordedSitting(
        **sitting.model_dump(include=set(RecordedSitting.model_fields)),
        standard_code=standard.code,
        standard_edition=standard.edition,
        occupation=standard.occupation,
        level_name=standard.level(sitting.level).name,
        ends_at=attempts.timing_rules(sitting).window_ends_at,
    )


def _seal(seal: RoomSeal, staff: dict[UUID, Staff], digest: str) -> RecordSeal:
    return RecordSeal(
        confirmed_by=_named(staff, seal.staff_id),
        confirmed_at=seal.confirmed_at,
        record_digest=seal.record_digest,
        valid=seal.record_digest == digest,
        audit_sequence=seal.audit_sequence,
        audit_hash=None if seal.audit_hash is None else seal.audit_hash.hex(),
    )


def _person(staff: dict[UUID, Staff], staff_id: UUID | None) -> Person | None:
    return None if staff_id is None else _named(staff, staff_id)


def _named(staff: dict[UUID, Staff], staff_id: UUID) -> Person:
    account = staff[staff_id]
    return Person(username=account.username, name=account.name)
