"""Resident identity numbers (GB 11643-1999)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity import (
    identity_number_error,
    make_identity_number,
    mask_identity_number,
    normalise_identity_number,
)

NUMBERS = st.builds(
    make_identity_number,
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(110000, 659999).map(str),
    st.integers(0, 999),
)


def code_of(number: str) -> str | None:
    error = identity_number_error(number, "id_number")
    return None if error is None else error.code


@given(NUMBERS)
def test_a_made_number_is_valid(number: str) -> None:
    assert len(number) == 18
    assert code_of(number) is None


@given(NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(number: str, position: int, shift: int) -> None:
    digit = 0 if number[position] == "X" else int(number[position])
    wrong = f"{number[:position]}{(digit + shift) % 10}{number[position + 1 :]}"
    assert code_of(wrong) in ("identity_number_check_digit", "identity_number_date")


@given(NUMBERS, st.integers(0, 16))
def test_any_two_neighbours_exchanged_are_found(number: str, position: int) -> None:
    left, right = number[position], number[position + 1]
    exchanged = f"{number[:position]}{right}{left}{number[position + 2 :]}"
    assert (code_of(exchanged) is None) == (left == right)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "identity_number_form"),
        ("110101900307001", "identity_number_form"),
        ("1.10101199003E+17", "identity_number_form"),
        ("11010119900307001X0", "identity_number_form"),
        ("١١٠١٠١١٩٩٠٠٣٠٧٠٠١١", "identity_number_form"),
        ("110101199002300016", "identity_number_date"),
        ("110101199003070012", "identity_number_check_digit"),
        ("11010119900307001X", "identity_number_check_digit"),
    ],
)
def test_what_is_wrong_is_named(number: str, code: str) -> None:
    assert code_of(number) == code


@pytest.mark.parametrize(
    "typed", [" 110101 19900307 0011 ", "１１０１０１１９９００３０７００１１", "110101199003070011\u3000"]
)
def test_white_space_and_full_width_digits_do_not_matter(typed: str) -> None:
    assert normalise_identity_number(typed) == "110101199003070011"


def test_a_small_x_is_a_capital_one() -> None:
    number = next(made for n in range(99) if (made := make_identity_number(date(1990, 3, 7), sequence=n))[-1] == "X")
    assert normalise_identity_number(number.lower()) == number


@given(NUMBERS)
def test_a_masked_number_hides_the_date_of_birth(number: str) -> None:
    masked = mask_identity_number(number)
    assert masked == number[:6] + "********" + number[14:]
