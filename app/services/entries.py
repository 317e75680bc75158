"""Entries: adding a roster to a sitting, reading it, and correcting it while the sitting is a draft."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.problems import FieldError, Problem
from app.domain.actors import Actor
from app.domain.entries import (
    Column,
    EntryDraft,
    Holding,
    Person,
    draft_errors,
    name_error,
    roster_errors,
    seat_error,
)
from app.domain.identity import mask_identity_number, normalise_identity_number
from app.domain.seating import RoomPlan, Seat
from app.domain.tickets import allot_ticket_numbers
from app.models.entry import Candidate, Entry
from app.models.sitting import Room
from app.schemas.entries import EntryCreate, EntryRead
from app.services import audit, sittings


async def add(
    session: AsyncSession,
    keyring: Keyring,
    sitting_id: UUID,
    rows: Sequence[EntryCreate],
    actor: Actor,
    now: datetime,
) -> list[EntryRead]:
    """Adds all rows or none; faults are placed as `entries[3].id_number`. Raises as `add_drafts`."""
    drafts = [
        EntryDraft(
            name=row.name,
            id_number=normalise_identity_number(row.id_number),
            ticket_number=row.ticket_number or None,
            room=row.room or None,
            seat_number=row.seat_number,
            places={column: f"entries[{index}].{column}" for column in Column},
        )
        for index, row in enumerate(rows)
    ]
    return await add_drafts(session, keyring, sitting_id, drafts, actor, now)


async def add_drafts(
    session: AsyncSession,
    keyring: Keyring,
    sitting_id: UUID,
    drafts: Sequence[EntryDraft],
    actor: Actor,
    now: datetime,
) -> list[EntryRead]:
    """Adds all lines or none, in a number of statements that does not depend on how many there are.

    Raises Problem `not_found`, `sitting_frozen` (409), `roster_refused` (422) with every fault of every line.
    """
    sitting = await sittings.lock_draft(session, sitting_id)
    rooms = {room.name: _plan(room) for room in await sittings.rooms_of(session, sitting_id)}
    held = await _entries_of(session, sitting_id)
    first_names = {draft.id_number: draft.name for draft in reversed(drafts) if not draft_errors(draft)}
    people = await _register(session, keyring, first_names, now)
    entered = {entry.candidate_id for entry in held}
    errors = roster_errors(
        drafts,
        Holding(
            rooms=rooms,
            taken=frozenset(seat for entry in held if (seat := _seat(entry)) is not None),
            tickets=frozenset(entry.ticket_number for entry in held),
            people={number: Person(person.name, person.id in entered) for number, person in people.items()},
        ),
    )
    if errors:
        raise Problem("roster_refused", errors=errors)
    tickets, sitting.next_ordinal = allot_ticket_numbers(
        [draft.ticket_number for draft in drafts],
        frozenset(entry.ticket_number for entry in held),
        sitting.starts_at.year,
        sitting.number,
        sitting.next_ordinal,
    )
    session.add(sitting)
    entries = [
        Entry(
            sitting_id=sitting_id,
            id=new_id(),
            candidate_id=people[draft.id_number].id,
            ticket_number=ticket,
            room_id=None if draft.room is None else rooms[draft.room].id,
            seat_number=draft.seat_number,
            created_at=now,
        )
        for draft, ticket in zip(drafts, tickets, strict=True)
    ]
    session.add_all(entries)
    details = {"count": len(entries)}
    audit.record(session, actor, "entry.create", "sitting", sitting_id, at=now, sitting_id=sitting_id, details=details)
    await session.flush()
    return [
        EntryRead(
            id=entry.id,
            ticket_number=entry.ticket_number,
            name=draft.name,
            id_number=mask_identity_number(draft.id_number),
            room_id=entry.room_id,
            room=draft.room,
            seat_number=entry.seat_number,
        )
        for draft, entry in zip(drafts, entries, strict=True)
    ]


async def list_(
    session: AsyncSession,
    keyring: Keyring,
    sitting_id: UUID,
    *,
    room_id: UUID | None = None,
    name: str | None = None,
    ticket_number: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[EntryRead]:
    """In the order of adding; `name` and `ticket_number` are beginnings. Up to `limit + 1`, so that the caller sees
    whether there are more. Raises Problem `not_found`."""
    await sittings.get(session, sitting_id)
    query = _reading(sitting_id).order_by(col(Entry.id)).limit(limit + 1)
    if room_id is not None:
        query = query.where(Entry.room_id == room_id)
    if name is not None:
        query = query.where(col(Candidate.name).startswith(name, autoescape=True))
    if ticket_number is not None:
        query = query.where(col(Entry.ticket_number).startswith(ticket_number, autoescape=True))
    if after is not None:
        query = query.where(col(Entry.id) > after)
    return [_read(keyring, *row) for row in (await session.execute(query)).all()]


async def by_seat(
    session: AsyncSession, keyring: Keyring, sitting_id: UUID, room_id: UUID | None = None
) -> list[EntryRead]:
    """The entries of a room, or of all rooms and those without a seat at the end."""
    query = _reading(sitting_id).order_by(col(Room.name), col(Room.id), col(Entry.seat_number), col(Entry.id))
    if room_id is not None:
        query = query.where(Entry.room_id == room_id)
    return [_read(keyring, *row) for row in (await session.execute(query)).all()]


async def get(session: AsyncSession, keyring: Keyring, sitting_id: UUID, entry_id: UUID) -> EntryRead:
    """Raises Problem `not_found`."""
    row = (await session.execute(_reading(sitting_id).where(Entry.id == entry_id))).one_or_none()
    if row is None:
        raise Problem("not_found", what=str(entry_id))
    return _read(keyring, *row)


async def update(
    session: AsyncSession,
    keyring: Keyring,
    sitting_id: UUID,
    entry_id: UUID,
    changes: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> EntryRead:
    """`changes` as in EntryUpdate: a seat, or the name, which is the person's in all sittings.

    Raises Problem `not_found`, `sitting_frozen` (409), `roster_refused` (422).
    """
    await sittings.lock_draft(session, sitting_id)
    entry = await _get(session, sitting_id, entry_id)
    room_id = changes.get("room_id", entry.room_id)
    seat_number = changes.get("seat_number", entry.seat_number)
    candidate = await session.get_one(Candidate, entry.candidate_id, with_for_update={"key_share": True})
    name = changes.get("name", candidate.name)
    errors = [name_error(name, "name"), await _seat_error(session, entry, room_id, seat_number)]
    if found := [error for error in errors if error is not None]:
        raise Problem("roster_refused", errors=found)
    if name != candidate.name:
        candidate.name = name
        audit.record(session, actor, "candidate.rename", "candidate", candidate.id, at=now, sitting_id=sitting_id)
    entry.room_id, entry.seat_number = room_id, seat_number
    details = {"fields": sorted(changes)}
    audit.record(session, actor, "entry.update", "entry", entry.id, at=now, sitting_id=sitting_id, details=details)
    await session.flush()
    return await get(session, keyring, sitting_id, entry_id)


async def remove(session: AsyncSession, sitting_id: UUID, entry_id: UUID, actor: Actor, now: datetime) -> None:
    """Raises Problem `not_found`, `sitting_frozen` (409)."""
    await sittings.lock_draft(session, sitting_id)
    await session.delete(await _get(session, sitting_id, entry_id))
    audit.record(session, actor, "entry.remove", "entry", entry_id, at=now, sitting_id=sitting_id)
    await session.flush()


async def seats_of(session: AsyncSession, sitting_id: UUID) -> dict[UUID, Seat | None]:
    """Every entry of a sitting, in the order of adding, with its seat."""
    return {entry.id: _seat(entry) for entry in await _entries_of(session, sitting_id)}


async def plans_of(session: AsyncSession, sitting_id: UUID) -> dict[UUID, RoomPlan]:
    """The rooms of a sitting by id, in the order of their names."""
    return {room.id: _plan(room) for room in await sittings.rooms_of(session, sitting_id)}


async def _seat_error(
    session: AsyncSession, entry: Entry, room_id: UUID | None, seat_number: int | None
) -> FieldError | None:
    if room_id is None:
        return None if seat_number is None else FieldError("room_id", "seat_without_room")
    if seat_number is None:
        return FieldError("seat_number", "room_without_seat")
    room = (await plans_of(session, entry.sitting_id)).get(room_id)
    if room is None:
        return FieldError("room_id", "room_unknown", {"room": room_id})
    others = (seat for other, seat in (await seats_of(session, entry.sitting_id)).items() if other != entry.id)
    return seat_error(seat_number, room, frozenset(seat for seat in others if seat is not None), "seat_number")


async def _register(
    session: AsyncSession, keyring: Keyring, people: Mapping[str, str], now: datetime
) -> dict[str, Candidate]:
    """The stored person of each identity number; who is new is stored under the name given.

    Inserts go by the order of the index, so that two rosters with the same people never lock each other out.
    """
    numbers = {keyring.identity_index(number): number for number in people}
    if not numbers:
        return {}
    new = [
        {
            "id": new_id(),
            "name": people[number],
            "identity_sealed": keyring.encrypt_identity(number),
            "identity_index": index,
            "created_at": now,
        }
        for index, number in sorted(numbers.items())
    ]
    await session.execute(insert(Candidate).on_conflict_do_nothing(index_elements=["identity_index"]), new)
    query = select(Candidate).where(col(Candidate.identity_index).in_(numbers))
    stored = (await session.execute(query)).scalars()
    return {numbers[candidate.identity_index]: candidate for candidate in stored}


async def _entries_of(session: AsyncSession, sitting_id: UUID) -> list[Entry]:
    query = select(Entry).where(Entry.sitting_id == sitting_id).order_by(col(Entry.id))
    return list((await session.execute(query)).scalars())


async def _get(session: AsyncSession, sitting_id: UUID, entry_id: UUID) -> Entry:
    entry = await session.get(Entry, (sitting_id, entry_id))
    if entry is None:
        raise Problem("not_found", what=str(entry_id))
    return entry


def _reading(sitting_id: UUID) -> Select[Entry, Candidate, Room]:
    return (
        select(Entry, Candidate, Room)
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .outerjoin(Room, (col(Room.sitting_id) == col(Entry.sitting_id)) & (col(Room.id) == col(Entry.room_id)))
        .where(Entry.sitting_id == sitting_id)
    )


def _read(keyring: Keyring, entry: Entry, candidate: Candidate, room: Room | None) -> EntryRead:
    return EntryRead(
        id=entry.id,
        ticket_number=entry.ticket_number,
        name=candidate.name,
        id_number=mask_identity_number(keyring.decrypt_identity(candidate.identity_sealed)),
        room_id=entry.room_id,
        room=None if room is None else room.name,
        seat_number=entry.seat_number,
    )


def _plan(room: Room) -> RoomPlan:
    return RoomPlan(room.id, room.seats, room.seats_per_row)


def _seat(entry: Entry) -> Seat | None:
    if entry.room_id is None or entry.seat_number is None:
        return None
    return Seat(entry.room_id, entry.seat_number)
