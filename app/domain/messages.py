"""Messages (消息) and hands (举手): what they are and how far they have come."""

from datetime import datetime
from enum import StrEnum


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


def message_state(
    delivered_at: datetime | None, confirmed_at: datetime | None, withdrawn_at: datetime | None
) -> MessageState:
    """A message never expires: it stays pending or delivered until it is confirmed or withdrawn."""
    if withdrawn_at is not None:
        return MessageState.withdrawn
    if confirmed_at is not None:
        return MessageState.confirmed
    return MessageState.pending if delivered_at is None else MessageState.delivered
