"""Chinese resident identity numbers (GB 11643-1999): check and mask."""

import re

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.core.problems import FieldError


def normalise_identity_number(number: str) -> str:
    """Without white space, with a capital X."""
    return re.sub(r"\s", "", number).upper()


def identity_number_error(number: str, place: str) -> FieldError | None:
    """What is wrong with a normalised number (18 digits, date of birth, check digit), or None."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return FieldError(place, "identity_number_form")
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return FieldError(place, "identity_number_date")
    if number[-1] != ric.calc_check_digit(number):
        return FieldError(place, "identity_number_check_digit")
    return None


def mask_identity_number(number: str) -> str:
    """`110101********1234`: region and the last four stay readable."""
    return f"{number[:6]}********{number[-4:]}"
