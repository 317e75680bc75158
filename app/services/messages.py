"""The rows of messages: commands that candidates are told of, what was delivered; see `notices` and `hands`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.ids import new_id
from app.core.problems import Problem
from app.domain.actors import Actor, ActorKind
from app.domain.messages import MessageKind, MessageState, message_state
from app.domain.states import SittingState
from app.models.attempt import Attempt
from app.models.message import Message
from app.models.sitting import Sitting
from app.services.live.topics import room_changed


def tell_command(
    session: AsyncSession,
    attempts: Sequence[Attempt],
    command: str,
    details: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """Tells the candidates what was done to their attempts: one batch. The command's own audit event is its record."""
    send(session, attempts, MessageKind.command, actor, now, code=command, details=details)


def send(
    session: AsyncSession,
    attempts: Sequence[Attempt],
    kind: MessageKind,
    actor: Actor,
    now: datetime,
    *,
    code: str | None = None,
    body: str = "",
    details: Mapping[str, Any] | None = None,
) -> list[Message]:
    """One row a candidate, written by one statement."""
    batch_id = new_id()
    sent = [
        Message(
            sitting_id=attempt.sitting_id,
            batch_id=batch_id,
            room_id=attempt.room_id,
            attempt_id=attempt.id,
            kind=kind,
            code=code,
            body=body,
            details=dict(details or {}),
            sent_by=actor.id if actor.kind is ActorKind.staff else None,
            sent_at=now,
        )
        for attempt in attempts
    ]
    session.add_all(sent)
    for sitting_id, room_id in {(attempt.sitting_id, attempt.room_id) for attempt in attempts}:
        room_changed(session, sitting_id, room_id)
    return sent


async def find(session: AsyncSession, message_id: UUID, kind: MessageKind) -> Message:
    """In a sitting that is not over. Raises Problem `not_found`."""
    query = (
        select(Message)
        .join(Sitting, col(Sitting.id) == col(Message.sitting_id))
        .where(
            col(Sitting.state).in_([SittingState.ready, SittingState.live]),
            Message.id == message_id,
            Message.kind == kind,
        )
    )
    message = (await session.execute(query)).scalar_one_or_none()
    if message is None:
        raise Problem("not_found", what=str(message_id))
    return message


async def mark_delivered(session: AsyncSession, handed: Collection[tuple[UUID, UUID]], now: datetime) -> None:
    """Sittings and ids of all that was handed out, in one statement; what is withdrawn meanwhile stays as it is."""
    due = (
        select(Message.sitting_id, Message.id)
        .where(
            tuple_(col(Message.sitting_id), col(Message.id)).in_(handed),
            col(Message.delivered_at).is_(None),
            col(Message.withdrawn_at).is_(None),
        )
        .order_by(col(Message.sitting_id), col(Message.id))
        .with_for_update(key_share=True)
        .cte("due")
    )
    marked = await session.execute(
        update(Message)
        .where(col(Message.sitting_id) == due.c.sitting_id, col(Message.id) == due.c.id)
        .values(delivered_at=now)
        .returning(col(Message.sitting_id), col(Message.room_id))
        .execution_options(synchronize_session=False)
    )
    for sitting_id, room_id in {(sitting_id, room_id) for sitting_id, room_id in marked.all()}:
        room_changed(session, sitting_id, room_id)


async def lock(session: AsyncSession, query: SelectOfScalar[Message]) -> list[Message]:
    """Messages, locked in the order in which every statement locks them."""
    locked = (
        query.order_by(col(Message.sitting_id), col(Message.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(locked)).scalars())


def state_of(message: Message) -> MessageState:
    return message_state(message.delivered_at, message.confirmed_at, message.withdrawn_at)


def digest(text: str) -> str:
    """SHA-256, hexadecimal: the audit log holds it instead of the words."""
    return sha256(text.encode()).hexdigest()
