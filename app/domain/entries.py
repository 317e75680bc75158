"""What the entries of a roster must be, and what stands against adding or moving them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.problems import FieldError
from app.domain.identity import identity_number_error
from app.domain.seating import RoomPlan, Seat
from app.domain.tickets import ticket_number_error

NAME_LIMIT = 50
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control, invisible and separator characters; private-use ones stay allowed, since rare names are written in them."""


class Column(StrEnum):
    name = "name"
    id_number = "id_number"
    ticket_number = "ticket_number"
    room = "room"
    seat_number = "seat_number"


@dataclass(frozen=True)
class EntryDraft:
    """One line of a roster, with a normalised identity number; `room` is a room's name.

    `places` say where each value stands in the input, `faults` what was already wrong in reading it.
    """

    name: str
    id_number: str
    ticket_number: str | None
    room: str | None
    seat_number: int | None
    places: Mapping[Column, str]
    faults: tuple[FieldError, ...] = ()

    def fault(self, column: Column, code: str, **params: object) -> FieldError:
        return FieldError(self.places[column], code, params)


@dataclass(frozen=True)
class Person:
    """Somebody known by an identity number; `entered` when already in the sitting."""

    name: str
    entered: bool


@dataclass(frozen=True)
class Holding:
    """What a sitting holds: rooms by name, taken seats, ticket numbers; and people by identity number."""

    rooms: Mapping[str, RoomPlan]
    taken: frozenset[Seat]
    tickets: frozenset[str]
    people: Mapping[str, Person]


@dataclass(frozen=True)
class SeatMove:
    entry_id: UUID
    seat: Seat


def name_error(name: str, place: str) -> FieldError | None:
    """What is wrong with a name (1 to 50 characters, all visible), or None."""
    if not name:
        return FieldError(place, "value_missing")
    if len(name) > NAME_LIMIT:
        return FieldError(place, "name_too_long", {"limit": NAME_LIMIT})
    for character in name:
        if unicodedata.category(character) in FORBIDDEN_CATEGORIES:
            return FieldError(place, "name_control_character", {"character": f"U+{ord(character):04X}"})
    return None


def seat_error(number: int, room: RoomPlan, taken: frozenset[Seat], place: str) -> FieldError | None:
    """Why the seat cannot be had: the room has no such seat, or somebody sits there; None when it can."""
    if not 1 <= number <= room.seats:
        return FieldError(place, "seat_out_of_range", {"seats": room.seats})
    if Seat(room.id, number) in taken:
        return FieldError(place, "seat_taken")
    return None


def draft_errors(draft: EntryDraft) -> list[FieldError]:
    """What is wrong with one line taken alone, the first fault of each place."""
    errors = [*draft.faults, name_error(draft.name, draft.places[Column.name])]
    if draft.id_number:
        errors.append(identity_number_error(draft.id_number, draft.places[Column.id_number]))
    else:
        errors.append(draft.fault(Column.id_number, "value_missing"))
    if draft.ticket_number is not None:
        errors.append(ticket_number_error(draft.ticket_number, draft.places[Column.ticket_number]))
    if draft.room is None and draft.seat_number is not None:
        errors.append(draft.fault(Column.room, "seat_without_room"))
    if draft.room is not None and draft.seat_number is None:
        errors.append(draft.fault(Column.seat_number, "room_without_seat"))
    return _first_of_each_place(errors)


def roster_errors(drafts: Sequence[EntryDraft], holding: Holding) -> list[FieldError]:
    """Everything that stands against adding these lines, line by line, the first fault of each place."""
    identities = _earlier([draft.id_number or None for draft in drafts])
    tickets = _earlier([draft.ticket_number for draft in drafts])
    seats = _earlier([None if None in (seat := (draft.room, draft.seat_number)) else seat for draft in drafts])
    errors: list[FieldError] = []
    for index, draft in enumerate(drafts):
        found = [*draft_errors(draft), *_clashes(draft, holding)]
        for earlier, column in (
            (identities, Column.id_number),
            (tickets, Column.ticket_number),
            (seats, Column.seat_number),
        ):
            if index in earlier:
                found.append(draft.fault(column, "value_repeated", other=drafts[earlier[index]].places[column]))
        errors += _first_of_each_place(found)
    return errors


def move_errors(
    moves: Sequence[SeatMove], entries: Mapping[UUID, Seat | None], rooms: Mapping[UUID, RoomPlan]
) -> list[FieldError]:
    """Everything that stands against moving entries of one sitting; `entries` are all of them with their seats.

    Those that move leave their seats first, so that two may change places.
    """
    moving = {move.entry_id for move in moves}
    taken = frozenset(seat for entry_id, seat in entries.items() if seat is not None and entry_id not in moving)
    repeated_entries = _earlier([move.entry_id for move in moves])
    repeated_seats = _earlier([move.seat for move in moves])
    errors: list[FieldError | None] = []
    for index, move in enumerate(moves):
        place = f"assignments[{index}]"
        if move.entry_id not in entries:
            errors.append(FieldError(f"{place}.entry_id", "entry_unknown"))
        if index in repeated_entries:
            other = f"assignments[{repeated_entries[index]}].entry_id"
            errors.append(FieldError(f"{place}.entry_id", "value_repeated", {"other": other}))
        room = rooms.get(move.seat.room_id)
        if room is None:
            errors.append(FieldError(f"{place}.room_id", "room_unknown", {"room": move.seat.room_id}))
        else:
            errors.append(seat_error(move.seat.number, room, taken, f"{place}.seat_number"))
        if index in repeated_seats:
            other = f"assignments[{repeated_seats[index]}].seat_number"
            errors.append(FieldError(f"{place}.seat_number", "value_repeated", {"other": other}))
    return _first_of_each_place(errors)


def _clashes(draft: EntryDraft, holding: Holding) -> list[FieldError]:
    errors: list[FieldError | None] = []
    person = holding.people.get(draft.id_number)
    if person is not None and person.entered:
        errors.append(draft.fault(Column.id_number, "identity_entered"))
    if person is not None and person.name != draft.name:
        errors.append(draft.fault(Column.name, "identity_name_differs"))
    if draft.ticket_number in holding.tickets:
        errors.append(draft.fault(Column.ticket_number, "ticket_number_taken"))
    if draft.room is not None:
        room = holding.rooms.get(draft.room)
        if room is None:
            errors.append(draft.fault(Column.room, "room_unknown", room=draft.room))
        elif draft.seat_number is not None:
            errors.append(seat_error(draft.seat_number, room, holding.taken, draft.places[Column.seat_number]))
    return [error for error in errors if error is not None]


def _earlier(values: Sequence[object]) -> dict[int, int]:
    """Of each value that came before (None aside): its index -> the index where it came first."""
    first: dict[object, int] = {}
    earlier: dict[int, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        if first.setdefault(value, index) != index:
            earlier[index] = first[value]
    return earlier


def _first_of_each_place(errors: Sequence[FieldError | None]) -> list[FieldError]:
    first: dict[str, FieldError] = {}
    for error in errors:
        if error is not None:
            first.setdefault(error.place, error)
    return list(first.values())
