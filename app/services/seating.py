"""Seats: given automatically or by hand while a sitting is a draft, and a room's plan."""

import random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.keyring import Keyring
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.entries import SeatMove, move_errors
from app.domain.seating import Seat, assign_seats
from app.models.entry import Entry
from app.schemas.entries import SeatRead
from app.services import audit, entries, sittings

SEED_BITS = 48


async def automatic(
    session: AsyncSession, sitting_id: UUID, seed: int | None, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Seats all entries that have no seat; how many, and the seed (drawn when None).

    Raises Problem `not_found`, `sitting_frozen`, `not_enough_seats` (409).
    """
    await sittings.lock_draft(session, sitting_id)
    if seed is None:
        seed = random.SystemRandom().getrandbits(SEED_BITS)
    plans = await entries.plans_of(session, sitting_id)
    held = await entries.seats_of(session, sitting_id)
    unseated = [entry_id for entry_id, seat in held.items() if seat is None]
    taken = frozenset(seat for seat in held.values() if seat is not None)
    moves = [SeatMove(*pair) for pair in assign_seats(unseated, list(plans.values()), taken, seed).items()]
    await _seat(session, sitting_id, moves)
    details = {"method": "automatic", "seed": seed, "seated": len(moves)}
    audit.record(session, actor, "entry.seat", "sitting", sitting_id, at=now, sitting_id=sitting_id, details=details)
    return len(moves), seed


async def by_hand(
    session: AsyncSession, sitting_id: UUID, moves: Sequence[SeatMove], actor: Actor, now: datetime
) -> int:
    """Moves all of these entries or none, and says how many.

    Raises Problem `not_found`, `sitting_frozen` (409), `roster_refused` (422) with every fault of every move.
    """
    await sittings.lock_draft(session, sitting_id)
    errors = move_errors(
        moves, await entries.seats_of(session, sitting_id), await entries.plans_of(session, sitting_id)
    )
    if errors:
        raise Problem("roster_refused", errors=errors)
    await _seat(session, sitting_id, moves)
    details = {"method": "by_hand", "seated": len(moves)}
    audit.record(session, actor, "entry.seat", "sitting", sitting_id, at=now, sitting_id=sitting_id, details=details)
    return len(moves)


async def plan(session: AsyncSession, keyring: Keyring, sitting_id: UUID, room_id: UUID) -> list[SeatRead]:
    """Every seat of a room, with the entry that has it. Raises Problem `not_found`."""
    await sittings.get(session, sitting_id)
    room = (await entries.plans_of(session, sitting_id)).get(room_id)
    if room is None:
        raise Problem("not_found", what=str(room_id))
    seated = {entry.seat_number: entry for entry in await entries.by_seat(session, keyring, sitting_id, room_id)}
    return [
        SeatRead(
            seat_number=number,
            row=(number - 1) // room.seats_per_row + 1,
            column=(number - 1) % room.seats_per_row + 1,
            entry=seated.get(number),
        )
        for number in range(1, room.seats + 1)
    ]


async def _seat(session: AsyncSession, sitting_id: UUID, moves: Sequence[SeatMove]) -> None:
    """Everybody stands up, then sits down: the table knows no moment when two share a seat."""
    if not moves:
        return
    moving = [move.entry_id for move in moves]
    await session.execute(
        update(Entry)
        .where(col(Entry.sitting_id) == sitting_id, col(Entry.id).in_(moving))
        .values(room_id=None, seat_number=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(update(Entry), [_row(sitting_id, move.entry_id, move.seat) for move in moves])


def _row(sitting_id: UUID, entry_id: UUID, seat: Seat) -> dict[str, object]:
    return {"sitting_id": sitting_id, "id": entry_id, "room_id": seat.room_id, "seat_number": seat.number}
