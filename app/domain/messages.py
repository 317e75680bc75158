"""Messages (消息) and hands (举手): what they are, how far they have come, and when they may be sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.problems import Problem
from app.domain.states import AttemptState, Move, RoomState, move


class MessageKind(StrEnum):
    """`notice`: a proctor's words. `command`: what a proctor did, told to the candidate. `hand`: a raised hand."""

    notice = "notice"
    command = "command"
    hand = "hand"


class MessageState(StrEnum):
    pending = "pending"
    delivered = "delivered"
    confirmed = "confirmed"
    withdrawn = "withdrawn"


class MessageCommand(StrEnum):
    confirm = "confirm"
    withdraw = "withdraw"


class HandReason(StrEnum):
    question = "question"
    technical = "technical"
    restroom = "restroom"
    unwell = "unwell"
    other = "other"


OPEN = frozenset({MessageState.pending, MessageState.delivered})
MESSAGE_MOVES: Mapping[MessageCommand, Move[MessageState]] = {
    MessageCommand.confirm: Move(OPEN, MessageState.confirmed),
    MessageCommand.withdraw: Move(OPEN, MessageState.withdrawn),
}

UNADDRESSED = frozenset({AttemptState.absent, AttemptState.terminated, AttemptState.voided})
"""Whom a message to the whole room does not mean: they are not there to read it."""

HANDS = 5
HANDS_WITHIN = timedelta(minutes=1)
"""A candidate raises a hand at most HANDS times in this time."""


def message_state(
    delivered_at: datetime | None, confirmed_at: datetime | None, withdrawn_at: datetime | None
) -> MessageState:
    """A message never expires: it stays pending or delivered until it is confirmed or withdrawn."""
    if withdrawn_at is not None:
        return MessageState.withdrawn
    if confirmed_at is not None:
        return MessageState.confirmed
    return MessageState.pending if delivered_at is None else MessageState.delivered


def moves(command: MessageCommand, state: MessageState) -> bool:
    """Whether `command` changes anything: a repeat of what has been done does not.

    Raises Problem `invalid_transition` (409): a withdrawn message cannot be confirmed, a confirmed one not withdrawn.
    """
    if state is MESSAGE_MOVES[command].target:
        return False
    move(MESSAGE_MOVES, command, state)
    return True


def require_writable(room: RoomState) -> None:
    """Nothing is added to what two proctors have sealed. Raises Problem `room_not_open` (409)."""
    if room is RoomState.sealed:
        raise Problem("room_not_open", state=room.value, extra={"room_state": room.value})


def require_hand(room: RoomState, raised_at: Sequence[datetime], now: datetime) -> None:
    """Whether a hand may be raised after those raised at `raised_at`.

    Raises Problem `room_not_open` (409) when no proctor is there to see it, `too_many_hands` (429).
    """
    if room not in (RoomState.check_in, RoomState.running, RoomState.suspended):
        raise Problem("room_not_open", state=room.value, extra={"room_state": room.value})
    recent = sorted(at for at in raised_at if at > now - HANDS_WITHIN)
    if len(recent) >= HANDS:
        wait = recent[-HANDS] + HANDS_WITHIN - now
        raise Problem("too_many_hands", headers={"Retry-After": str(max(1, round(wait.total_seconds())))})
