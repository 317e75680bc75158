"""How often one candidate's client may call: the generic cell rate algorithm (ITU-T I.371, annex A)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

ZERO = timedelta(0)


@dataclass(frozen=True)
class RequestRate:
    """`burst` requests at once, and one each `interval` in the long run."""

    burst: int
    interval: timedelta

    def admit(self, due: datetime | None, now: datetime) -> tuple[datetime, timedelta]:
        """What is due after a request at `now`, and how long that has to wait: it is refused unless that is zero.

        `due` is what the request before left, None for the first. A clock that was put back costs no more than the
        burst does.
        """
        latest = now + self.burst * self.interval
        due = now if due is None else max(now, min(due, latest))
        wait = max(ZERO, due + self.interval - latest)
        return (due, wait) if wait else (due + self.interval, ZERO)
