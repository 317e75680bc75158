"""How long someone has worked in all (累计), counted by the calendar."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DAYS_TO_A_MONTH = 31
"""Left-over days of separate periods make a month only at the longest month, so that nobody is admitted early."""


@dataclass(frozen=True)
class Period:
    """From `since` up to, not including, `until`."""

    since: date
    until: date


def whole_months(periods: Iterable[Period]) -> int:
    """Months in all of the periods; days that stand in several periods count once."""
    months = days = 0
    for period in _merged(periods):
        more_months, more_days = _calendar_length(period)
        months += more_months
        days += more_days
    return months + days // DAYS_TO_A_MONTH


def _merged(periods: Iterable[Period]) -> list[Period]:
    merged: list[Period] = []
    for period in sorted((p for p in periods if p.since < p.until), key=lambda p: p.since):
        if merged and period.since <= merged[-1].until:
            merged[-1] = Period(merged[-1].since, max(merged[-1].until, period.until))
        else:
            merged.append(period)
    return merged


def _calendar_length(period: Period) -> tuple[int, int]:
    """Whole months and the days left over."""
    since, until = period.since, period.until
    months = (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
    return months, (until - _months_after(since, months)).days


def _months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
