"""What the rehearsal's proctors notice: each check is shown a stream that tells something else, or nothing at all."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.connection import Connection
from app.domain.states import RoomState
from app.rehearsal.archive import act_faults
from app.rehearsal.known import Known
from app.rehearsal.live_checks import screen_faults, settle
from app.rehearsal.row_faults import differs, row_faults
from app.rehearsal.screens import RoomScreen
from app.rehearsal.sight import RESUMED, Sight
from app.schemas.board import AttemptRow
from app.schemas.exam import ResponsesSaved
from tests.rehearsal.rows import ATTEMPT, NOW, ROOM, TICKET, attempt_row, room_snapshot

HERE, THERE = "http://one", "http://two"
FALLBACK = timedelta(seconds=5)
AT_ONCE = timedelta(0)


def save_at(seconds: float) -> ResponsesSaved:
    """The answer to a save."""
    at = NOW + timedelta(seconds=seconds)
    return ResponsesSaved(
        responses=[], messages=[], server_time=at, deadline_at=NOW, deadline_version=1, seconds_left=0
    )


def screen_with_candidate(fallback: timedelta = AT_ONCE) -> tuple[RoomScreen, Known]:
    """It shows a candidate who has saved nothing yet."""
    candidates: dict[Any, Known] = {}
    screen = RoomScreen("第01考场", candidates, fallback)
    known = candidates[ATTEMPT] = Known(TICKET, ATTEMPT, [screen.attempts])
    screen.opened(HERE)
    screen.show(room_snapshot(attempt_row()).model_dump_json(), whole=True)
    return screen, known


def tell(screen: RoomScreen, row: AttemptRow, **head: Any) -> None:
    screen.show(room_snapshot(row, **head).model_dump_json(), whole=False)


async def test_a_row_that_never_changes_is_noticed() -> None:
    screen, known = screen_with_candidate()
    known.saved(save_at(1), 1, HERE)
    for _ in range(3):
        tell(screen, attempt_row(seconds_left=1))
    await settle([screen], AT_ONCE)
    [fault] = screen_faults([screen], AT_ONCE)
    assert fault.about == TICKET
    assert "save" in fault.what


async def test_a_row_that_keeps_up_is_no_fault() -> None:
    screen, known = screen_with_candidate()
    known.saved(save_at(1), 1, HERE)
    known.saved(save_at(2), 2, THERE)
    tell(screen, attempt_row(last_save_at=NOW + timedelta(seconds=2), answered=2))
    assert not screen.waits
    assert list(screen_faults([screen], FALLBACK)) == []
    assert [(lag.kind, lag.across) for lag in screen.lags] == [("save", False), ("save", True)]


def test_a_candidate_that_is_missing_from_the_board_is_noticed() -> None:
    screen, known = screen_with_candidate()
    screen.show(room_snapshot().model_dump_json(), whole=True)
    known.saved(save_at(1), 1, HERE)
    assert [fault.about for fault in screen_faults([screen], AT_ONCE)] == [TICKET]


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ({"last_save_at": NOW, "answered": 3}, 0),
        ({"last_save_at": NOW, "answered": 2}, 1),
        ({"last_save_at": NOW - timedelta(seconds=1), "answered": 2}, 0),
        ({"deadline_at": NOW + timedelta(seconds=1)}, 1),
        ({"deadline_at": NOW + timedelta(seconds=1), "deadline_version": 2}, 0),
        ({"connection": Connection.stale}, 1),
        ({"connection": Connection.never}, 1),
    ],
    ids=["right", "another count", "an older save", "another deadline", "a newer deadline", "stale", "never seen"],
)
def test_a_row_that_contradicts_what_was_acknowledged_is_noticed(row: dict[str, Any], faults: int) -> None:
    screen, known = screen_with_candidate()
    known.heard(save_at(0), HERE)
    known.saved(save_at(0), 3, HERE)
    shown = attempt_row(**row)
    assert len(list(row_faults(shown, known, NOW + timedelta(seconds=10), FALLBACK))) == faults
    tell(screen, shown, server_time=NOW + timedelta(seconds=10))
    assert len(screen.faults) == faults


@pytest.mark.parametrize("seconds", [0, 4, 15, 60])
def test_stale_is_right_soon_after_a_sign_of_life_and_long_after_it(seconds: int) -> None:
    _, known = screen_with_candidate()
    known.heard(save_at(0), HERE)
    row = attempt_row(connection=Connection.stale)
    assert list(row_faults(row, known, NOW + timedelta(seconds=seconds), FALLBACK)) == []


def test_what_the_time_alone_changes_is_no_difference_from_a_snapshot() -> None:
    assert not differs(attempt_row(), attempt_row(seconds_left=5, last_save_age=3, last_seen_at=None))
    assert differs(attempt_row(), attempt_row(answered=1))
    assert differs(attempt_row(), attempt_row(messages_unread=1))


def test_a_room_that_is_never_shown_as_suspended_is_noticed_until_it_is_resumed() -> None:
    screen, _ = screen_with_candidate()
    resumed: list[bool] = []
    screen.rooms.expect(
        ROOM, "suspend", lambda head: head.state is RoomState.suspended, HERE, 0.0, moot=lambda: bool(resumed)
    )
    assert [about for about, _ in screen.late(AT_ONCE)] == ["第01考场"]
    resumed.append(True)
    assert not screen.waits
    assert list(screen.late(AT_ONCE)) == []


def test_what_was_acknowledged_while_the_reader_was_away_counts_from_its_return() -> None:
    sight: Sight[AttemptRow] = Sight()
    sight.opened(HERE, 0)
    sight.put({ATTEMPT: attempt_row()}, 1, whole=True)
    sight.expect(ATTEMPT, "save", lambda row: row.answered >= 1, THERE, 2)
    sight.opened(THERE, 30)
    sight.expect(ATTEMPT, "save", lambda row: row.answered >= 2, THERE, 31)
    sight.put({ATTEMPT: attempt_row(answered=2)}, 32, whole=False)
    assert [(lag.kind, lag.seconds, lag.across) for lag in sight.lags] == [(RESUMED, 2, False), ("save", 1, False)]


@given(st.lists(st.tuples(st.sampled_from(["save", "show"]), st.integers(0, 40)), max_size=40), st.integers(1, 30))
def test_every_acknowledgement_is_seen_in_time_or_late(steps: list[tuple[str, int]], limit: int) -> None:
    """Against a plain account: of the n-th save, when was it acknowledged, and when first shown?"""
    sight: Sight[AttemptRow] = Sight()
    sight.opened(HERE, 0)
    sight.put({ATTEMPT: attempt_row()}, 0, whole=True)
    now, saved, acknowledged, lags = 0, 0, dict[int, int](), list[int]()
    for what, pause in steps:
        now += pause
        if what == "save":
            saved += 1
            acknowledged[saved] = now
            wanted = saved
            sight.expect(ATTEMPT, "save", lambda row, wanted=wanted: row.answered >= wanted, HERE, now)  # type: ignore[misc]
        else:
            sight.put({ATTEMPT: attempt_row(answered=saved)}, now, whole=False)
            lags += [now - at for at in acknowledged.values()]
            acknowledged.clear()
    assert sorted(lag.seconds for lag in sight.lags) == sorted(lags)
    assert sight.waits == bool(acknowledged)
    late = [lag for lag in lags if lag > limit] + [now - at for at in acknowledged.values() if now - at > limit]
    assert sorted(lag.seconds for lag in sight.late(limit, now)) == sorted(late)


@pytest.mark.parametrize(("events", "faults"), [(2, 0), (1, 1), (3, 1), (0, 1)])
def test_a_command_without_its_one_audit_event_is_noticed(events: int, faults: int) -> None:
    recorded = Counter({"attempt.grant": events, "attempt.start": 9})
    assert len(list(act_faults(recorded, {"attempt.grant": 2}))) == faults
