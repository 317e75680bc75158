"""Admission ticket numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tickets import allot_ticket_numbers, make_ticket_number, ticket_number_error

YEARS = st.integers(2020, 2099)
SITTINGS = st.integers(1, 99_999)
ORDINALS = st.integers(1, 9_999)


@given(YEARS, SITTINGS, ORDINALS)
def test_twelve_digits_name_year_sitting_and_ordinal(year: int, sitting: int, ordinal: int) -> None:
    number = make_ticket_number(year, sitting, ordinal)
    assert len(number) == 12
    assert (2000 + int(number[:2]), int(number[2:7]), int(number[7:11])) == (year, sitting, ordinal)
    assert ticket_number_error(number, "ticket_number") is None


@given(YEARS, SITTINGS, ORDINALS, st.integers(0, 10), st.integers(1, 9))
def test_a_single_typing_error_is_nobody_elses_ticket(
    year: int, sitting: int, ordinal: int, position: int, shift: int
) -> None:
    number = make_ticket_number(year, sitting, ordinal)
    typed = f"{number[:position]}{(int(number[position]) + shift) % 10}{number[position + 1 :]}"
    assert typed != make_ticket_number(2000 + int(typed[:2]), int(typed[2:7]), int(typed[7:11]))


@pytest.mark.parametrize(("number", "fits"), [("A001", True), ("A" * 32, True), ("A01", False), ("A" * 33, False)])
def test_given_numbers_have_4_to_32_characters(number: str, fits: bool) -> None:
    assert (ticket_number_error(number, "ticket_number") is None) is fits


@pytest.mark.parametrize("number", ["2027 0001", "准考证001", "2027-0001", "A001\n", "１２３４"])
def test_given_numbers_have_plain_letters_and_digits_only(number: str) -> None:
    error = ticket_number_error(number, "ticket_number")
    assert error is not None
    assert error.code == "ticket_number_form"


@given(
    st.lists(st.none() | st.integers(1, 40).map(lambda ordinal: make_ticket_number(2027, 3, ordinal)), max_size=20),
    st.frozensets(st.integers(1, 40).map(lambda ordinal: make_ticket_number(2027, 3, ordinal))),
    st.integers(1, 40),
)
def test_made_numbers_clash_with_nothing(given_: list[str | None], taken: frozenset[str], ordinal: int) -> None:
    numbers, following = allot_ticket_numbers(given_, taken, 2027, 3, ordinal)
    made = [number for number, own in zip(numbers, given_, strict=True) if own is None]
    assert [own for own in given_ if own is not None] == [
        number for number, own in zip(numbers, given_, strict=True) if own is not None
    ]
    assert len(set(made)) == len(made)
    assert not set(made) & (taken | {own for own in given_ if own is not None})
    assert all(ordinal <= int(number[7:11]) < following for number in made)
