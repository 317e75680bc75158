"""Whether a candidate's client is heard of: it changes what is shown, never the attempt."""

from datetime import datetime, timedelta
from enum import StrEnum

STALE_AFTER = timedelta(seconds=15)


class Connection(StrEnum):
    online = "online"
    stale = "stale"
    never = "never"


def connection(seen_at: datetime | None, now: datetime) -> Connection:
    """`stale` after 15 s without a sign: a save, a heartbeat, the opening of its own stream."""
    if seen_at is None:
        return Connection.never
    return Connection.online if now - seen_at < STALE_AFTER else Connection.stale
