"""Raised hands (举手): a candidate calls a proctor, who confirms to be coming."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.messages import (
    HANDS_WITHIN,
    OPEN,
    HandReason,
    MessageCommand,
    MessageKind,
    moves,
    require_hand,
    require_writable,
)
from app.models.attempt import Attempt
from app.models.message import Message
from app.services import attempts, audit, messages, rooms
from app.services.live.topics import room_changed
from app.services.messages import state_of


async def raise_(
    session: AsyncSession, claims: CandidateClaims, reason: HandReason, note: str, now: datetime
) -> Message:
    """The hand that is up; one already up stays as it is.

    Raises Problem `lease_moved`, `room_not_open` (409), `too_many_hands` (429).
    """
    attempt = await _lock_own(session, claims)
    hands = await _hands(session, attempt, now)
    for hand in hands:
        if state_of(hand) in OPEN:
            return hand
    setting = await attempts.setting_of(session, attempt)
    require_hand(setting.room_state, [hand.sent_at for hand in hands], now)
    hand = Message(
        sitting_id=attempt.sitting_id,
        batch_id=new_id(),
        room_id=attempt.room_id,
        attempt_id=attempt.id,
        kind=MessageKind.hand,
        code=reason.value,
        body=note,
        details={},
        sent_at=now,
    )
    session.add(hand)
    _record(session, Actor(ActorKind.candidate, attempt.id), hand, "raise", now)
    return hand


async def withdraw(session: AsyncSession, claims: CandidateClaims, now: datetime) -> None:
    """Takes the hand down, if it is up. Raises Problem `lease_moved`, `room_not_open` (409) when it is sealed."""
    attempt = await _lock_own(session, claims)
    for hand in await _hands(session, attempt, now):
        if state_of(hand) in OPEN:
            require_writable((await attempts.setting_of(session, attempt)).room_state)
            hand.withdrawn_at = now
            _record(session, Actor(ActorKind.candidate, attempt.id), hand, "withdraw", now)


async def confirm(session: AsyncSession, actor: Actor, hand_id: UUID, now: datetime) -> Message:
    """A proctor is coming, and the candidate is told so; a repeat changes nothing.

    Raises Problem `not_found`, `invalid_transition` (409) when it has been withdrawn, `room_not_open` (409).
    """
    found = await messages.find(session, hand_id, MessageKind.hand)
    await rooms.require_access(session, actor, found.room_id)
    attempt = await attempts.lock(session, found.attempt_id, found.sitting_id)
    own = select(Message).where(Message.sitting_id == found.sitting_id, Message.id == found.id)
    [hand] = await messages.lock(session, own)
    if moves(MessageCommand.confirm, state_of(hand)):
        require_writable((await attempts.setting_of(session, attempt)).room_state)
        hand.delivered_at = hand.delivered_at or now
        hand.confirmed_at = now
        hand.confirmed_by = actor.account()
        _record(session, actor, hand, "confirm", now)
        messages.tell_command(session, [attempt], "hand_confirmed", {"hand_id": str(hand.id)}, actor, now)
    return hand


async def _lock_own(session: AsyncSession, claims: CandidateClaims) -> Attempt:
    """Under the attempt's lock there is one hand at a time."""
    attempt = await attempts.lock(session, claims.attempt_id, claims.sitting_id)
    rules.require_lease(attempts.facts_of(attempt), claims.epoch)
    return attempt


async def _hands(session: AsyncSession, attempt: Attempt, now: datetime) -> list[Message]:
    """Those that are up, and the recent ones."""
    is_open = col(Message.confirmed_at).is_(None) & col(Message.withdrawn_at).is_(None)
    query = select(Message).where(
        Message.sitting_id == attempt.sitting_id,
        Message.attempt_id == attempt.id,
        Message.kind == MessageKind.hand,
        is_open | (col(Message.sent_at) > now - HANDS_WITHIN),
    )
    return await messages.lock(session, query)


def _record(session: AsyncSession, actor: Actor, hand: Message, verb: str, now: datetime) -> None:
    room_changed(session, hand.sitting_id, hand.room_id)
    audit.record(
        session,
        actor,
        f"hand.{verb}",
        "hand",
        hand.id,
        at=now,
        sitting_id=hand.sitting_id,
        details={"reason": hand.code, "digest": messages.digest(hand.body)},
    )
