"""What a candidate's client reports, and how much of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LIMIT = 5000
"""Events kept of one attempt; the last of them says that later ones were not."""

LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True)
class Event:
    kind: str
    detail: str
    client_time: datetime


def within_limit(events: Sequence[Event], kept: int, now: datetime) -> list[Event]:
    """Those to keep when `kept` are kept already, with the note when not all of them are."""
    left = max(0, LIMIT - 1 - kept)
    if len(events) <= left:
        return list(events)
    return [*events[:left], Event(LIMIT_REACHED, "", now)][: LIMIT - kept]
