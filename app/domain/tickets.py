"""Admission ticket numbers."""

from collections.abc import Sequence

from stdnum import luhn

from app.core.problems import FieldError


def make_ticket_number(year: int, sitting_number: int, ordinal: int) -> str:
    """Twelve digits: year (2), sitting (5), candidate (4), Luhn check digit (ISO/IEC 7812-1), so that a typing
    error is told from a stranger's ticket."""
    digits = f"{year % 100:02d}{sitting_number:05d}{ordinal:04d}"
    return digits + str(luhn.calc_check_digit(digits))


def ticket_number_error(number: str, place: str) -> FieldError | None:
    """What is wrong with the form of a ticket number given by an outside authority, or None."""
    if 4 <= len(number) <= 32 and number.isascii() and number.isalnum():
        return None
    return FieldError(place, "ticket_number_form")


def allot_ticket_numbers(
    given: Sequence[str | None], taken: frozenset[str], year: int, sitting_number: int, next_ordinal: int
) -> tuple[list[str], int]:
    """A ticket number for each entry, made where none is given, and the ordinal that comes next.

    A number that is `taken` or given to another entry is passed over.
    """
    used = taken.union(number for number in given if number is not None)
    numbers: list[str] = []
    for number in given:
        while number is None:
            made = make_ticket_number(year, sitting_number, next_ordinal)
            next_ordinal += 1
            number = None if made in used else made
        numbers.append(number)
    return numbers, next_ordinal
