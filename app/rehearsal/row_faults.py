"""What a row on a proctor's screen must not say, whatever it does not say yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.connection import STALE_AFTER, Connection
from app.rehearsal.known import Known
from app.schemas.board import VOLATILE, AttemptRow

WITH_TIME = VOLATILE | {"connection", "deadline_seen"}
"""What of a row may differ between a stream and a snapshot that was read a moment before or after."""


def row_faults(row: AttemptRow, known: Known, at: datetime, fallback: timedelta) -> Iterator[str]:
    """What contradicts the acknowledgements; `at` is the time of the row, `fallback` how far it may lag behind."""
    if row.last_save_at is not None:
        answered = known.saves.get(row.last_save_at, row.answered)
        if row.answered != answered:
            yield f"已答题数不符 {row.answered} answered shown instead of {answered}"
    deadline = known.deadlines.get(row.deadline_version, row.deadline_at)
    if row.deadline_at != deadline:
        yield f"截止时间不符 Deadline {row.deadline_at} shown instead of {deadline}"
    heard = any(contact + fallback <= at < contact + STALE_AFTER for contact in known.contacts)
    if heard and row.connection is not Connection.online:
        yield f"连接状态不符 Shown as {row.connection} while heard of"


def differs(row: AttemptRow, read: AttemptRow) -> bool:
    """Whether a row put together from a stream is another than the one of a snapshot, the time apart."""
    return row.model_dump(exclude=WITH_TIME) != read.model_dump(exclude=WITH_TIME)
