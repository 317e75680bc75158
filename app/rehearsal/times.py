"""The window of writing of a rehearsal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

EXTRA = 0.2
SHORTEST_EXTRA = timedelta(seconds=4)


@dataclass(frozen=True)
class Times:
    """In server time."""

    begins: datetime
    ends: datetime

    def at(self, part: float) -> datetime:
        return self.begins + self.span(part)

    def span(self, part: float) -> timedelta:
        return (self.ends - self.begins) * part

    @property
    def extra(self) -> timedelta:
        """What is granted to who needs more time, in whole seconds."""
        return max(SHORTEST_EXTRA, timedelta(seconds=round(self.span(EXTRA).total_seconds())))
