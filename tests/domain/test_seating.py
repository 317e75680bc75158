"""Seats and forms."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.seating import RoomPlan, Seat, assign_seats, form_index

ROOMS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 6)), min_size=1, max_size=4).map(
    lambda plans: [RoomPlan(UUID(int=index), seats, row) for index, (seats, row) in enumerate(plans)]
)


@st.composite
def halls(draw: st.DrawFn) -> tuple[list[UUID], list[RoomPlan], frozenset[Seat]]:
    """Entries for whom there are seats, rooms, and seats taken before."""
    rooms = draw(ROOMS)
    seats = [Seat(room.id, number) for room in rooms for number in range(1, room.seats + 1)]
    taken = draw(st.frozensets(st.sampled_from(seats)))
    entries = [UUID(int=1000 + index) for index in range(draw(st.integers(0, len(seats) - len(taken))))]
    return entries, rooms, taken


HALLS = halls()
SEEDS = st.integers(0, 2**53 - 1)


@given(st.integers(1, 10), st.integers(1, 10), st.integers(2, 10))
def test_no_two_neighbours_have_one_form(rows: int, seats_per_row: int, forms: int) -> None:
    form = {
        (row, column): form_index(row * seats_per_row + column + 1, seats_per_row, forms)
        for row in range(rows)
        for column in range(seats_per_row)
    }
    beside = [(0, 1), (1, 0)] + ([(1, 1), (1, -1)] if forms >= 4 else [])
    for (row, column), own in form.items():
        assert 0 <= own < forms
        assert all(form.get((row + down, column + right)) != own for down, right in beside)


@given(HALLS, SEEDS)
def test_everybody_gets_one_free_seat_that_exists(
    hall: tuple[list[UUID], list[RoomPlan], frozenset[Seat]], seed: int
) -> None:
    entries, rooms, taken = hall
    seats = assign_seats(entries, rooms, taken, seed)
    assert set(seats) == set(entries)
    assert len(set(seats.values())) == len(entries)
    assert not set(seats.values()) & taken
    sizes = {room.id: room.seats for room in rooms}
    assert all(1 <= seat.number <= sizes[seat.room_id] for seat in seats.values())


@given(HALLS, SEEDS)
def test_the_rooms_fill_evenly(hall: tuple[list[UUID], list[RoomPlan], frozenset[Seat]], seed: int) -> None:
    entries, rooms, taken = hall
    given_seats = Counter(seat.room_id for seat in assign_seats(entries, rooms, taken, seed).values())
    load = given_seats + Counter(seat.room_id for seat in taken)
    for fuller in rooms:
        for emptier in rooms:
            if given_seats[fuller.id] and load[emptier.id] < emptier.seats:
                assert (load[fuller.id] - 1) / fuller.seats <= load[emptier.id] / emptier.seats


@given(HALLS, SEEDS)
def test_the_same_seed_gives_the_same_seats(
    hall: tuple[list[UUID], list[RoomPlan], frozenset[Seat]], seed: int
) -> None:
    assert assign_seats(*hall, seed) == assign_seats(*hall, seed)


def test_another_seed_gives_other_seats() -> None:
    entries = [UUID(int=1000 + index) for index in range(30)]
    rooms = [RoomPlan(UUID(int=1), 30, 6)]
    assert assign_seats(entries, rooms, frozenset(), 1) != assign_seats(entries, rooms, frozenset(), 2)


@given(HALLS, SEEDS)
def test_too_few_seats_are_refused(hall: tuple[list[UUID], list[RoomPlan], frozenset[Seat]], seed: int) -> None:
    _, rooms, taken = hall
    free = sum(room.seats for room in rooms) - len(taken)
    with pytest.raises(Problem) as refusal:
        assign_seats([UUID(int=1000 + index) for index in range(free + 1)], rooms, taken, seed)
    assert (refusal.value.code, refusal.value.params) == ("not_enough_seats", {"entries": free + 1, "seats": free})
