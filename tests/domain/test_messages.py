"""How far a message has come, and when a hand may be raised."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.messages import (
    HANDS,
    HANDS_WITHIN,
    OPEN,
    MessageCommand,
    MessageState,
    message_state,
    moves,
    require_hand,
    require_writable,
)
from app.domain.states import RoomState

NOW = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS, MOMENTS)
def test_a_message_is_open_until_somebody_confirms_or_withdraws_it_however_old_it_is(
    delivered: datetime | None, confirmed: datetime | None, withdrawn: datetime | None
) -> None:
    state = message_state(delivered, confirmed, withdrawn)
    assert (state in OPEN) == (confirmed is None and withdrawn is None)
    assert (state is MessageState.pending) <= (delivered is None)


@pytest.mark.parametrize(
    ("command", "state", "done"),
    [
        (MessageCommand.confirm, MessageState.pending, True),
        (MessageCommand.confirm, MessageState.delivered, True),
        (MessageCommand.confirm, MessageState.confirmed, False),
        (MessageCommand.withdraw, MessageState.pending, True),
        (MessageCommand.withdraw, MessageState.delivered, True),
        (MessageCommand.withdraw, MessageState.withdrawn, False),
    ],
)
def test_a_repeat_changes_nothing(command: MessageCommand, state: MessageState, done: bool) -> None:
    assert moves(command, state) is done


@pytest.mark.parametrize(
    ("command", "state"),
    [(MessageCommand.confirm, MessageState.withdrawn), (MessageCommand.withdraw, MessageState.confirmed)],
)
def test_what_is_settled_one_way_cannot_be_settled_the_other(command: MessageCommand, state: MessageState) -> None:
    with pytest.raises(Problem, match="invalid_transition"):
        moves(command, state)


@pytest.mark.parametrize("room", list(RoomState))
def test_nothing_is_written_into_a_sealed_room_and_no_hand_is_raised_where_no_proctor_is(room: RoomState) -> None:
    staffed = room in (RoomState.check_in, RoomState.running, RoomState.suspended)
    if room is RoomState.sealed:
        with pytest.raises(Problem, match="room_not_open"):
            require_writable(room)
    else:
        require_writable(room)
    if staffed:
        require_hand(room, [], NOW)
    else:
        with pytest.raises(Problem, match="room_not_open"):
            require_hand(room, [], NOW)


@given(st.lists(st.integers(0, 200), max_size=12))
def test_hands_are_few_in_any_minute_and_retry_after_is_when_one_may_be_raised_again(ages: list[int]) -> None:
    raised = [NOW - timedelta(seconds=age) for age in ages]
    recent = [at for at in raised if at > NOW - HANDS_WITHIN]
    if len(recent) < HANDS:
        require_hand(RoomState.running, raised, NOW)
        return
    with pytest.raises(Problem) as refused:
        require_hand(RoomState.running, raised, NOW)
    wait = timedelta(seconds=int(refused.value.headers["Retry-After"]))
    assert timedelta(0) < wait <= HANDS_WITHIN
    require_hand(RoomState.running, raised, NOW + wait)
