"""What proctors write to candidates, and the hands that candidates raise."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.messages import MessageKind, MessageState
from app.models.message import Message
from app.routers.dependencies import MailboxDep, NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.routers.exam_messages import changed, hand_read
from app.schemas.messages import (
    HandRead,
    MessageCreate,
    MessageRead,
    MessagesChanged,
    MessagesSent,
    MessageTo,
    RoomMessageCreate,
    WithdrawalCreate,
)
from app.services import hands, notices
from app.services.messages import state_of

router = APIRouter(prefix="/proctor", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]

MESSAGE_PROBLEMS = ("not_found", "idempotency_key_reused", "database_unavailable")


@router.post(
    "/rooms/{room_id}/messages",
    operation_id="send_room_message",
    summary="全场消息 A message to the room, or to some of it",
    responses=problems(*MESSAGE_PROBLEMS, "room_not_open"),
)
async def send_room_message(
    room_id: UUID, body: RoomMessageCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> MessagesSent:
    """Without `attempts` to everybody but the absent and the terminated; their messages are one batch."""

    async def run() -> MessagesSent:
        return _sent(await notices.send_to_room(session, actor, room_id, body.body, body.attempts, now))

    return await once(actor, MessagesSent, run)


@router.post(
    "/attempts/{attempt_id}/messages",
    operation_id="send_attempt_message",
    summary="个人消息 A message to one candidate",
    responses=problems(*MESSAGE_PROBLEMS, "room_not_open"),
)
async def send_attempt_message(
    attempt_id: UUID, body: MessageCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> MessagesSent:
    async def run() -> MessagesSent:
        return _sent(await notices.send_to_attempt(session, actor, attempt_id, body.body, now))

    return await once(actor, MessagesSent, run)


@router.get(
    "/rooms/{room_id}/messages",
    operation_id="list_room_messages",
    summary="消息与举手 The room's messages and hands, newest first",
    responses=problems("not_found", "invalid_cursor"),
)
async def list_room_messages(
    room_id: UUID,
    actor: Proctor,
    session: SessionDep,
    mailbox: MailboxDep,
    page: PageDep,
    open_only: Annotated[bool, Query(alias="open", description="仅未确认、未撤回 Only pending and delivered.")] = False,
) -> Page[MessageRead]:
    """One entry a candidate. Hands that are listed here count as delivered: staff has seen them."""
    before = decode_cursor(page.cursor, UUID)
    found = await notices.list_(session, actor, room_id, open_only=open_only, before=before, limit=page.limit)
    for message in found[: page.limit]:
        if message.kind is MessageKind.hand and state_of(message) is MessageState.pending:
            mailbox.handed(message.sitting_id, [message.id])
    return page_of(found, page.limit, _read, lambda message: message.id)


@router.post(
    "/messages/{message_id}/withdraw",
    operation_id="withdraw_message",
    summary="撤回消息 Take back what is not confirmed yet",
    responses=problems(*MESSAGE_PROBLEMS, "invalid_transition"),
)
async def withdraw_message(
    message_id: UUID,
    actor: Proctor,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
    body: WithdrawalCreate | None = None,
) -> MessagesChanged:
    """Of a batch, what is confirmed stays so; the answer tells the state of each. Commands cannot be taken back."""
    whole_batch = body is not None and body.whole_batch

    async def run() -> MessagesChanged:
        return changed(await notices.withdraw(session, actor, message_id, now, whole_batch=whole_batch))

    return await once(actor, MessagesChanged, run)


@router.post(
    "/hands/{hand_id}/confirm",
    operation_id="confirm_hand",
    summary="应答举手 I am coming",
    responses=problems(*MESSAGE_PROBLEMS, "invalid_transition", "room_not_open"),
)
async def confirm_hand(hand_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> HandRead:
    """The candidate is told by the message `hand_confirmed`. A repeat, also by another proctor, changes nothing."""

    async def run() -> HandRead:
        return hand_read(await hands.confirm(session, actor, hand_id, now))

    return await once(actor, HandRead, run)


def _sent(messages: Sequence[Message]) -> MessagesSent:
    return MessagesSent(
        batch_id=messages[0].batch_id if messages else None,
        messages=[MessageTo(id=message.id, attempt_id=message.attempt_id) for message in messages],
    )


def _read(message: Message) -> MessageRead:
    return MessageRead(state=state_of(message), **message.model_dump())
