"""The exam's times: deadlines, late entry, earliest hand-in (design, section 3, Time).

All instants are aware UTC; all spans are timedeltas.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TimingMode(StrEnum):
    """`common_end`: who comes late loses time. `individual`: own start, capped by the sitting's window."""

    common_end = "common_end"
    individual = "individual"


@dataclass(frozen=True)
class TimingRules:
    starts_at: datetime
    duration: timedelta
    mode: TimingMode
    late_entry: timedelta
    earliest_submission: timedelta
    grace: timedelta

    @property
    def late_entry_closes_at(self) -> datetime:
        return self.starts_at + self.late_entry

    @property
    def submission_opens_at(self) -> datetime:
        return self.starts_at + self.earliest_submission

    @property
    def window_ends_at(self) -> datetime:
        """The last regular deadline of the sitting: of who starts last in `individual`, the common one else."""
        if self.mode is TimingMode.individual:
            return self.late_entry_closes_at + self.duration
        return self.starts_at + self.duration


def deadline(
    rules: TimingRules, started_at: datetime, granted: timedelta, stopped: timedelta, waited: timedelta
) -> datetime:
    """When the attempt ends: the regular deadline + the sum of time grants + the sum of stopped intervals.

    `waited` is how long the room was suspended before the start: it moves the common end and the window's.
    """
    if rules.mode is TimingMode.individual:
        regular = min(started_at + rules.duration, rules.window_ends_at + waited)
    else:
        regular = rules.starts_at + rules.duration + waited
    return regular + granted + stopped


def seconds_left(deadline_at: datetime, now: datetime) -> int:
    """Whole seconds up to the deadline, rounded up, never below 0."""
    return max(0, math.ceil((deadline_at - now).total_seconds()))
