"""Admission ticket numbers."""

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
