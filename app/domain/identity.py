"""Chinese resident identity numbers (GB 11643-1999): check, mask, make."""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.core.problems import FieldError


def normalise_identity_number(number: str) -> str:
    """Without white space, full-width characters made plain (NFKC), with a capital X."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).upper()


def identity_number_error(number: str, place: str) -> FieldError | None:
    """What is wrong with a normalised number (18 digits, date of birth, check digit), or None."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
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


def make_identity_number(birth_date: date, region: str = "110101", sequence: int = 1) -> str:
    """A valid number of nobody in particular, for tests and rehearsals; `sequence` is 0 to 999, odd for men."""
    digits = f"{region}{birth_date:%Y%m%d}{sequence:03d}"
    return digits + str(ric.calc_check_digit(f"{digits}0"))
