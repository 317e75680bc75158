"""Rows and heads of a board, as a server would show them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.domain.connection import Connection
from app.domain.states import AttemptState, RoomState, SittingState
from app.schemas.board import AttemptRow, IncidentsRow, RoomSnapshot

NOW = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
ATTEMPT, ROOM = UUID(int=1), UUID(int=2)
TICKET = "270000100015"
NOTHING = IncidentsRow(open=0, severity=None, newest=None, last_at=None)


def attempt_row(**changes: Any) -> AttemptRow:
    """Of a candidate who writes and has saved nothing yet."""
    return AttemptRow(
        **{
            "id": ATTEMPT,
            "ticket_number": TICKET,
            "seat_number": 1,
            "name": "王伟",
            "id_number": "999999********0019",
            "state": AttemptState.in_progress,
            "identity_check": None,
            "checked_in_at": NOW,
            "connection": Connection.online,
            "last_seen_at": NOW,
            "clock_skew_ms": 0,
            "answered": 0,
            "total": 100,
            "started_at": NOW,
            "deadline_at": NOW,
            "deadline_version": 1,
            "deadline_seen": True,
            "seconds_left": 0,
            "clock_stopped": False,
            "last_save_at": None,
            "last_save_age": None,
            "granted_seconds": 0,
            "grants": [],
            "interruption": None,
            "termination_proposal": None,
            "submitted_at": None,
            "submitted_by": None,
            "incidents": NOTHING,
            "hand": None,
            "messages_unread": 0,
            "allowed_actions": [],
        }
        | changes
    )


def room_snapshot(*rows: AttemptRow, **changes: Any) -> RoomSnapshot:
    return RoomSnapshot(
        **{
            "id": ROOM,
            "sitting_id": UUID(int=3),
            "sitting_name": "演练",
            "name": "第01考场",
            "state": RoomState.running,
            "starts_at": NOW,
            "server_time": NOW,
            "sitting_state": SittingState.live,
            "totals": {},
            "connections": {},
            "hands": 0,
            "messages_unread": 0,
            "incidents": NOTHING,
            "proctors": 2,
            "proctors_needed": 2,
            "allowed_actions": [],
            "version": "a-1",
            "attempts": list(rows),
        }
        | changes
    )
