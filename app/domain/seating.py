"""Seats, and which form of the paper lies on which seat."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.problems import Problem


@dataclass(frozen=True)
class RoomPlan:
    """Seats are numbered row by row from 1; a row has `seats_per_row` seats."""

    id: UUID
    seats: int
    seats_per_row: int


@dataclass(frozen=True)
class Seat:
    room_id: UUID
    number: int


def form_index(seat_number: int, seats_per_row: int, forms: int) -> int:
    """The form (from 0) for a seat, so that no neighbour left, right, in front or behind has the same one.

    With four forms or more the four diagonal neighbours differ too.
    """
    row, column = divmod(seat_number - 1, seats_per_row)
    step = 1 if forms < 3 else 2
    return (column + step * row) % forms


def assign_seats(
    entries: Sequence[UUID], rooms: Sequence[RoomPlan], taken: frozenset[Seat], seed: int
) -> dict[UUID, Seat]:
    """A free seat for each entry, at random by `seed`, the rooms filled evenly.

    Raises Problem `not_enough_seats` when there are fewer free seats than entries.
    """
    free = {
        room.id: [seat for number in range(1, room.seats + 1) if (seat := Seat(room.id, number)) not in taken]
        for room in rooms
    }
    if sum(map(len, free.values())) < len(entries):
        raise Problem("not_enough_seats", entries=len(entries), seats=sum(map(len, free.values())))
    order = list(entries)
    random.Random(seed).shuffle(order)  # noqa: S311 -- reproducible by intention
    load = {room.id: sum(seat.room_id == room.id for seat in taken) for room in rooms}
    seats: dict[UUID, Seat] = {}
    for entry in order:
        room = min((room for room in rooms if free[room.id]), key=lambda room: load[room.id] / room.seats)
        seats[entry] = free[room.id].pop(0)
        load[room.id] += 1
    return seats
