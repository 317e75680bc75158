"""What a candidate's client is told beside its answers: state, clock, open messages, the raised hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.messages import MessageKind
from app.domain.states import AttemptState, RoomState

Key = tuple[UUID, UUID]
"""A sitting, and an attempt or a room of it."""

READ = text("""
WITH wanted AS MATERIALIZED (
    SELECT m.sitting_id, m.attempt_id
    FROM message m
    JOIN sitting s ON s.id = m.sitting_id
    WHERE s.state IN ('ready', 'live') AND m.confirmed_at IS NULL AND m.withdrawn_at IS NULL
        AND (:everything OR (m.sitting_id, m.room_id) IN (
            SELECT * FROM unnest(CAST(:room_sittings AS uuid[]), CAST(:rooms AS uuid[]))
        ))
    UNION
    SELECT * FROM unnest(CAST(:attempt_sittings AS uuid[]), CAST(:attempts AS uuid[]))
)
SELECT coalesce(CAST(:fixed AS timestamptz), clock_timestamp()) AS now, a.sitting_id, a.id AS attempt_id, a.room_id,
    a.state, a.lease_epoch, a.deadline_at, a.deadline_version, r.state AS room_state,
    m.id, m.kind, m.code, m.body, m.details, m.sent_at, m.delivered_at
FROM wanted w
JOIN attempt a ON a.sitting_id = w.sitting_id AND a.id = w.attempt_id
JOIN room r ON r.sitting_id = a.sitting_id AND r.id = a.room_id
LEFT JOIN message m ON m.sitting_id = a.sitting_id AND m.attempt_id = a.id
    AND m.confirmed_at IS NULL AND m.withdrawn_at IS NULL
ORDER BY a.sitting_id, a.id, m.id
""").columns(details=JSONB)


@dataclass(frozen=True)
class OpenMessage:
    id: UUID
    kind: MessageKind
    code: str | None
    body: str
    details: Mapping[str, Any]
    sent_at: datetime
    delivered: bool = field(compare=False)


@dataclass(frozen=True)
class OpenHand:
    id: UUID
    reason: str
    note: str
    raised_at: datetime
    delivered: bool


@dataclass(frozen=True)
class Inbox:
    """Of one attempt; `messages` are the oldest first. Two are equal when a candidate would see no difference."""

    sitting_id: UUID
    attempt_id: UUID
    room_id: UUID
    state: AttemptState
    lease_epoch: int
    deadline_at: datetime | None
    deadline_version: int
    room_state: RoomState
    messages: tuple[OpenMessage, ...]
    hand: OpenHand | None


@dataclass(frozen=True)
class Reading:
    """`now` is the exam's clock when it was read, None when there was nothing to read."""

    inboxes: Mapping[Key, Inbox]
    now: datetime | None


async def read(
    session: AsyncSession, rooms: Collection[Key] | None, attempts: Collection[Key], fixed: datetime | None
) -> Reading:
    """In one statement: who has something open in these rooms (in all for None), and these attempts in any case."""
    parameters = {
        "everything": rooms is None,
        "room_sittings": [sitting_id for sitting_id, _ in rooms or ()],
        "rooms": [room_id for _, room_id in rooms or ()],
        "attempt_sittings": [sitting_id for sitting_id, _ in attempts],
        "attempts": [attempt_id for _, attempt_id in attempts],
        "fixed": fixed,
    }
    rows = (await session.execute(READ, parameters)).all()
    inboxes = {}
    for key, group in groupby(rows, lambda row: (row.sitting_id, row.attempt_id)):
        inboxes[key] = _inbox(list(group))
    return Reading(inboxes, rows[0].now if rows else None)


def _inbox(rows: list[Any]) -> Inbox:
    first = rows[0]
    hands = [row for row in rows if row.kind == MessageKind.hand]
    return Inbox(
        sitting_id=first.sitting_id,
        attempt_id=first.attempt_id,
        room_id=first.room_id,
        state=AttemptState(first.state),
        lease_epoch=first.lease_epoch,
        deadline_at=first.deadline_at,
        deadline_version=first.deadline_version,
        room_state=RoomState(first.room_state),
        messages=tuple(_message(row) for row in rows if row.id is not None and row.kind != MessageKind.hand),
        hand=_hand(hands[-1]) if hands else None,
    )


def _message(row: Any) -> OpenMessage:
    return OpenMessage(
        row.id, MessageKind(row.kind), row.code, row.body, row.details, row.sent_at, row.delivered_at is not None
    )


def _hand(row: Any) -> OpenHand:
    return OpenHand(row.id, row.code or "", row.body, row.sent_at, row.delivered_at is not None)
