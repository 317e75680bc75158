"""A sitting's record as one signed file: its events, the heads that were signed, and what they are about."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import canonical_json
from app.core.keyring import Keyring
from app.domain.actors import Actor, ActorKind
from app.domain.audit_chain import Checkpoint, Link
from app.models.attempt import Attempt
from app.models.entry import Entry
from app.models.result import GradingRun, Receipt, Result
from app.models.sitting import RoomProctor, RoomSeal, Sitting
from app.models.staff import Staff
from app.models.standard import StandardEdition
from app.schemas.audit import CheckpointRead
from app.schemas.sitting_record import (
    EntryFacts,
    ReceiptFacts,
    RecordedEvent,
    RecordedHead,
    ResultFacts,
    RoomFacts,
    SealFacts,
    SittingFacts,
    SittingRecord,
    StaffFacts,
)
from app.services import audit, audit_links, sittings


async def export(session: AsyncSession, keyring: Keyring, sitting_id: UUID, actor: Actor, now: datetime) -> bytes:
    """The file; that it was made is an event, which is not in it any more. Raises Problem `not_found`."""
    sitting = await sittings.get(session, sitting_id)
    record = await _record(session, keyring, sitting, actor, now)
    audit.record(session, actor, "sitting.export_record", "sitting", sitting_id, at=now, sitting_id=sitting_id)
    return await asyncio.to_thread(_signed, keyring, record)


def _signed(keyring: Keyring, record: SittingRecord) -> bytes:
    content = record.model_dump(mode="json")
    signature = keyring.sign_audit(canonical_json(content))
    return canonical_json({"public_key": keyring.audit_public_key, "record": content, "signature": signature})


async def _record(
    session: AsyncSession, keyring: Keyring, sitting: Sitting, actor: Actor, now: datetime
) -> SittingRecord:
    head = await audit.head(session, sitting.id)
    linked = [pair async for pair in audit_links.links(session, sitting.id, head.sequence)]
    events = [_event(link) for link, _ in linked]
    rooms = await _rooms(session, sitting.id)
    seals = await _seals(session, sitting.id)
    results = await _results(session, sitting.id)
    acting = [event.content["actor_id"] for event in events if event.content["actor_kind"] == ActorKind.staff]
    named = {
        *(UUID(staff_id) for staff_id in acting if staff_id is not None),
        *(staff_id for room in rooms for staff_id in room.proctors),
        *(seal.staff_id for seal in seals),
        *(result.confirmed_by for result in results if result.confirmed_by is not None),
        *(() if actor.id is None else (actor.id,)),
    }
    return SittingRecord(
        exported_at=now,
        exported_by=actor.id,
        receipt_public_key=keyring.receipt_public_key,
        sitting=await _sitting(session, sitting),
        head=RecordedHead(sequence=head.sequence, hash=head.hash.hex()),
        events=events,
        checkpoints=[_checkpoint(checkpoint) for _, checkpoint in linked if checkpoint is not None],
        rooms=rooms,
        seals=seals,
        entries=await _entries(session, sitting.id),
        receipts=await _receipts(session, sitting.id),
        results=results,
        staff=await _staff(session, named),
    )


def _event(link: Link) -> RecordedEvent:
    return RecordedEvent(
        sequence=link.sequence,
        previous_hash=link.previous_hash.hex(),
        hash=link.hash.hex(),
        content=dict(link.content),
    )


def _checkpoint(checkpoint: Checkpoint) -> CheckpointRead:
    return CheckpointRead.model_validate(
        {
            "sequence": checkpoint.head.sequence,
            "hash": checkpoint.head.hash.hex(),
            "at": checkpoint.at,
            "signature": checkpoint.signature,
        }
    )


async def _sitting(session: AsyncSession, sitting: Sitting) -> SittingFacts:
    edition = await session.get_one(StandardEdition, sitting.standard_id)
    standard = {"standard_code": edition.code, "standard_edition": edition.edition}
    return SittingFacts.model_validate(sitting.model_dump() | standard)


async def _rooms(session: AsyncSession, sitting_id: UUID) -> list[RoomFacts]:
    proctors: dict[UUID, list[UUID]] = {}
    query = select(RoomProctor).where(RoomProctor.sitting_id == sitting_id).order_by(col(RoomProctor.staff_id))
    for row in (await session.execute(query)).scalars():
        proctors.setdefault(row.room_id, []).append(row.staff_id)
    return [
        RoomFacts.model_validate(room.model_dump() | {"proctors": proctors.get(room.id, [])})
        for room in await sittings.rooms_of(session, sitting_id)
    ]


async def _seals(session: AsyncSession, sitting_id: UUID) -> list[SealFacts]:
    query = (
        select(RoomSeal)
        .where(RoomSeal.sitting_id == sitting_id)
        .order_by(col(RoomSeal.room_id), col(RoomSeal.staff_id))
    )
    return [
        SealFacts.model_validate(
            seal.model_dump() | {"audit_hash": None if seal.audit_hash is None else seal.audit_hash.hex()}
        )
        for seal in (await session.execute(query)).scalars()
    ]


async def _entries(session: AsyncSession, sitting_id: UUID) -> list[EntryFacts]:
    query = (
        select(Entry, Attempt)
        .outerjoin(
            Attempt, (col(Attempt.sitting_id) == col(Entry.sitting_id)) & (col(Attempt.entry_id) == col(Entry.id))
        )
        .where(Entry.sitting_id == sitting_id)
        .order_by(col(Entry.ticket_number))
    )
    rows: Iterable[Any] = (await session.execute(query)).all()
    return [
        EntryFacts(
            ticket_number=entry.ticket_number,
            room_id=entry.room_id,
            seat_number=entry.seat_number,
            attempt_id=attempt and attempt.id,
            state=attempt and attempt.state,
            started_at=attempt and attempt.started_at,
            submitted_at=attempt and attempt.submitted_at,
            submitted_by=attempt and attempt.submitted_by,
        )
        for entry, attempt in rows
    ]


async def _receipts(session: AsyncSession, sitting_id: UUID) -> list[ReceiptFacts]:
    query = select(Receipt).where(Receipt.sitting_id == sitting_id).order_by(col(Receipt.id))
    return [ReceiptFacts.model_validate(row.model_dump()) for row in (await session.execute(query)).scalars()]


async def _results(session: AsyncSession, sitting_id: UUID) -> list[ResultFacts]:
    query = (
        select(Result, GradingRun)
        .join(
            GradingRun,
            (col(GradingRun.sitting_id) == col(Result.sitting_id)) & (col(GradingRun.id) == col(Result.run_id)),
        )
        .where(Result.sitting_id == sitting_id)
        .order_by(col(Result.attempt_id))
    )
    return [
        ResultFacts.model_validate(run.model_dump() | result.model_dump())
        for result, run in (await session.execute(query)).all()
    ]


async def _staff(session: AsyncSession, ids: Iterable[UUID]) -> list[StaffFacts]:
    query = select(Staff).where(col(Staff.id).in_(list(ids))).order_by(col(Staff.username))
    return [StaffFacts.model_validate(row.model_dump()) for row in (await session.execute(query)).scalars()]
