"""Shapes boards as proctors and chiefs see them at one instant."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.core.keyring import Keyring
from app.domain.actions import Actions, attempt_actions, room_actions
from app.domain.attempts import open_proposal
from app.domain.connection import Connection, connection
from app.domain.identity import mask_identity_number
from app.domain.incident_kinds import GRAVITY
from app.domain.incident_summary import IncidentSummary, together
from app.domain.messages import message_state
from app.domain.states import RoomState
from app.domain.timing import TimingRules, seconds_left
from app.models.attempt import Interruption
from app.models.message import Message
from app.schemas.board import (
    ActionRead,
    AttemptRow,
    GrantRow,
    HandRow,
    IncidentsRow,
    InterruptionRow,
    RoomHead,
    SittingHead,
)
from app.services import attempts
from app.services.board import Board, BoardRow

MASKED_KEPT = 10_000
"""Masked identity numbers that a process remembers."""

SHARED = 1_000
"""Parts of rows that are remembered, since many rows have the same."""

NO_INCIDENTS = IncidentSummary()


def attempt_rows(board: Board, keyring: Keyring, now: datetime, *, chief: bool) -> list[AttemptRow]:
    """The gravest open incidents first, then raised hands, then by seat."""
    timing = attempts.timing_rules(board.sitting)
    rows = [_attempt_row(board, row, timing, keyring, now, chief=chief) for row in board.rows]
    return sorted(rows, key=_urgency)


def room_head(board: Board, now: datetime) -> RoomHead:
    sitting, room = board.sitting, board.room
    return RoomHead(
        id=room.id,
        sitting_id=sitting.id,
        sitting_name=sitting.name,
        name=room.name,
        state=room.state,
        starts_at=sitting.starts_at,
        server_time=now,
        sitting_state=sitting.state,
        totals=Counter(row.facts.state for row in board.rows),
        connections=Counter(_connection(row, now) for row in board.rows),
        hands=sum(row.mail.hand is not None for row in board.rows),
        messages_unread=sum(row.mail.unread for row in board.rows),
        incidents=_incidents(board.incidents.room),
        proctors=board.proctors,
        proctors_needed=board.proctors_needed,
        allowed_actions=_actions(room_actions(RoomState(room.state))),
    )


def sitting_head(
    boards: Sequence[Board], rooms: Sequence[RoomHead], whole: IncidentSummary, now: datetime
) -> SittingHead:
    """Of at least one room."""
    sitting = boards[0].sitting
    return SittingHead(
        id=sitting.id,
        name=sitting.name,
        state=sitting.state,
        starts_at=sitting.starts_at,
        server_time=now,
        totals=_sum(room.totals for room in rooms),
        connections=_sum(room.connections for room in rooms),
        hands=sum(room.hands for room in rooms),
        incidents=_incidents(together([whole, *(board.incidents.room for board in boards)])),
    )


def _attempt_row(
    board: Board, row: BoardRow, timing: TimingRules, keyring: Keyring, now: datetime, *, chief: bool
) -> AttemptRow:
    seat, facts, sign, saved_at = row.seat, row.facts, row.sign, row.progress.saved_at
    return AttemptRow(
        id=seat.attempt_id,
        ticket_number=seat.ticket_number,
        seat_number=seat.seat_number,
        name=seat.name,
        id_number=_masked(keyring, seat.identity_sealed),
        state=facts.state,
        identity_check=facts.identity_check,
        checked_in_at=facts.checked_in_at,
        connection=_connection(row, now),
        last_seen_at=None if sign is None else sign.seen_at,
        clock_skew_ms=None if sign is None else sign.skew_ms,
        answered=row.progress.answered,
        total=seat.items,
        started_at=facts.started_at,
        deadline_at=facts.deadline_at,
        deadline_version=facts.deadline_version,
        deadline_seen=sign is not None and sign.deadline_version >= facts.deadline_version,
        seconds_left=None if facts.deadline_at is None else seconds_left(facts.deadline_at, now),
        clock_stopped=facts.clock_stopped,
        last_save_at=saved_at,
        last_save_age=None if saved_at is None else max(0, int((now - saved_at).total_seconds())),
        granted_seconds=int(facts.granted.total_seconds()),
        grants=[
            GrantRow(seconds=int(grant.extra.total_seconds()), reason=grant.reason, granted_at=grant.granted_at)
            for grant in row.grants
        ],
        interruption=_interruption(row.interruption),
        termination_proposal=open_proposal(facts),
        submitted_at=facts.submitted_at,
        submitted_by=facts.submitted_by,
        incidents=_incidents(board.incidents.by_attempt.get(seat.attempt_id, NO_INCIDENTS)),
        hand=_hand(row.mail.hand),
        messages_unread=row.mail.unread,
        allowed_actions=_actions(attempt_actions(facts, timing, board.room.state, now, chief=chief)),
    )


@lru_cache(MASKED_KEPT)
def _masked(keyring: Keyring, sealed: bytes) -> str:
    return mask_identity_number(keyring.decrypt_identity(sealed))


def _urgency(row: AttemptRow) -> tuple[int, bool, int]:
    severity = row.incidents.severity
    return 0 if severity is None else -1 - GRAVITY.index(severity), row.hand is None, row.seat_number


def _connection(row: BoardRow, now: datetime) -> Connection:
    return connection(None if row.sign is None else row.sign.seen_at, now)


@lru_cache(SHARED)
def _incidents(summary: IncidentSummary) -> IncidentsRow:
    return IncidentsRow(open=summary.open, severity=summary.severity, newest=summary.newest, last_at=summary.last_at)


def _interruption(pause: Interruption | None) -> InterruptionRow | None:
    return None if pause is None else InterruptionRow.model_validate(pause.model_dump())


def _hand(hand: Message | None) -> HandRow | None:
    if hand is None:
        return None
    return HandRow(
        id=hand.id,
        reason=hand.code or "",
        note=hand.body,
        raised_at=hand.sent_at,
        state=message_state(hand.delivered_at, hand.confirmed_at, hand.withdrawn_at),
    )


@lru_cache(SHARED)
def _actions(allowed: Actions) -> list[ActionRead]:
    return [ActionRead(action=action, refused=refused) for action, refused in allowed]


def _sum(counts: Iterable[Mapping[Any, int]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for part in counts:
        total.update(part)
    return total
