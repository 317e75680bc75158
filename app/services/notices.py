"""Notices: a proctor's words to candidates, and what candidates confirm to have read."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain.actors import Actor, ActorKind
from app.domain.messages import UNADDRESSED, MessageCommand, MessageKind, MessageState, moves, require_writable
from app.domain.states import RoomState
from app.models.attempt import Attempt
from app.models.message import Message
from app.services import audit, exam, messages, rooms
from app.services.live.topics import room_changed
from app.services.messages import state_of


async def send_to_room(
    session: AsyncSession, actor: Actor, room_id: UUID, body: str, only: Collection[UUID] | None, now: datetime
) -> list[Message]:
    """To everybody who is there, or to the attempts in `only`. Raises Problem `not_found` when one is of no such room,
    `room_not_open` (409) for a sealed one."""
    room = await rooms.require_access(session, actor, room_id)
    require_writable(RoomState(room.state))
    query = (
        select(Attempt)
        .where(Attempt.sitting_id == room.sitting_id, Attempt.room_id == room.id)
        .order_by(col(Attempt.id))
    )
    if only is None:
        query = query.where(col(Attempt.state).not_in(UNADDRESSED))
    else:
        query = query.where(col(Attempt.id).in_(set(only)))
    found = (await session.execute(query)).scalars().all()
    if only is not None and (unknown := set(only) - {attempt.id for attempt in found}):
        raise Problem("not_found", what=", ".join(sorted(map(str, unknown))))
    sent = messages.send(session, found, MessageKind.notice, actor, now, body=body)
    if sent:
        audit.record(
            session,
            actor,
            "message.send",
            "message",
            sent[0].batch_id,
            at=now,
            sitting_id=room.sitting_id,
            details={"room_id": str(room.id), "recipients": len(sent), "digest": messages.digest(body)},
        )
    return sent


async def send_to_attempt(
    session: AsyncSession, actor: Actor, attempt_id: UUID, body: str, now: datetime
) -> list[Message]:
    """Raises Problem `not_found`, `room_not_open` (409)."""
    room_id = (await session.execute(select(Attempt.room_id).where(Attempt.id == attempt_id))).scalar_one_or_none()
    if room_id is None:
        raise Problem("not_found", what=str(attempt_id))
    return await send_to_room(session, actor, room_id, body, [attempt_id], now)


async def list_(
    session: AsyncSession, actor: Actor, room_id: UUID, *, open_only: bool, before: UUID | None, limit: int
) -> list[Message]:
    """The room's messages and hands, newest first; up to `limit + 1`, so that one sees whether there are more."""
    room = await rooms.require_access(session, actor, room_id)
    query = (
        select(Message)
        .where(Message.sitting_id == room.sitting_id, Message.room_id == room.id)
        .order_by(col(Message.id).desc())
        .limit(limit + 1)
    )
    if open_only:
        query = query.where(col(Message.confirmed_at).is_(None), col(Message.withdrawn_at).is_(None))
    if before is not None:
        query = query.where(col(Message.id) < before)
    return list((await session.execute(query)).scalars())


async def withdraw(
    session: AsyncSession, actor: Actor, message_id: UUID, now: datetime, *, whole_batch: bool
) -> list[Message]:
    """Takes a notice back; with `whole_batch` also the others of its batch that nobody has confirmed yet.

    Raises Problem `not_found` for other kinds and in other rooms, `invalid_transition` (409) when it is confirmed.
    """
    message = await messages.find(session, message_id, MessageKind.notice)
    await rooms.require_access(session, actor, message.room_id)
    same = Message.batch_id == message.batch_id if whole_batch else Message.id == message.id
    found = await messages.lock(session, select(Message).where(Message.sitting_id == message.sitting_id, same))
    withdrawn = [
        one
        for one in found
        if not (whole_batch and state_of(one) is MessageState.confirmed)
        and moves(MessageCommand.withdraw, state_of(one))
    ]
    for one in withdrawn:
        one.withdrawn_at = now
    if withdrawn:
        room_changed(session, message.sitting_id, message.room_id)
        audit.record(
            session,
            actor,
            "message.withdraw",
            "message",
            message.batch_id if whole_batch else message.id,
            at=now,
            sitting_id=message.sitting_id,
            details={"batch_id": str(message.batch_id), "withdrawn": len(withdrawn)},
        )
    return found


async def confirm(
    session: AsyncSession, claims: CandidateClaims, ids: Collection[UUID], now: datetime
) -> list[Message]:
    """The candidate has read them; a repeat changes nothing, and what was withdrawn meanwhile stays withdrawn.

    Raises Problem `lease_moved` (409), `not_found` when one of them is not the candidate's.
    """
    attempt = await exam.held(session, claims)
    query = select(Message).where(
        Message.sitting_id == attempt.sitting_id,
        Message.attempt_id == attempt.id,
        Message.kind != MessageKind.hand,
        col(Message.id).in_(set(ids)),
    )
    found = await messages.lock(session, query)
    if unknown := set(ids) - {message.id for message in found}:
        raise Problem("not_found", what=", ".join(sorted(map(str, unknown))))
    read = [
        message
        for message in found
        if state_of(message) is not MessageState.withdrawn and moves(MessageCommand.confirm, state_of(message))
    ]
    for message in read:
        message.delivered_at = message.delivered_at or now
        message.confirmed_at = now
        audit.record(
            session,
            Actor(ActorKind.candidate, attempt.id),
            "message.confirm",
            "message",
            message.id,
            at=now,
            sitting_id=attempt.sitting_id,
        )
    if read:
        room_changed(session, attempt.sitting_id, attempt.room_id)
    return found
