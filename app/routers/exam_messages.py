"""What the candidate is told during the exam: messages, the raised hand, and the candidate's own stream."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.core.problems import Problem
from app.core.tokens import read_token
from app.domain.messages import HandReason, MessageState
from app.domain.timing import seconds_left
from app.models.message import Message
from app.routers.dependencies import (
    ContextDep,
    MailboxDep,
    NowDep,
    PacedCandidateDep,
    PresenceDep,
    SessionDep,
    candidate_scheme,
)
from app.routers.errors import problems
from app.schemas.exam import CandidateState
from app.schemas.messages import (
    ConfirmationCreate,
    HandCreate,
    HandRead,
    MessageOutcome,
    MessagesChanged,
    MessageSeen,
)
from app.services import hands, notices
from app.services.live.inbox import Inbox, OpenMessage
from app.services.live.mailbox import Mailbox, Watch
from app.services.messages import state_of

router = APIRouter(prefix="/exam", tags=["exam"])

CANDIDATE_PROBLEMS = ("not_authenticated", "invalid_token", "not_allowed", "lease_moved", "database_unavailable")
PACED_PROBLEMS = (*CANDIDATE_PROBLEMS, "too_many_requests")

RETRY = 2000
"""Milliseconds after which a client comes back when its stream has ended."""

TOKEN_CHECK = 5.0
"""Seconds after which an open stream is asked again whether its token still holds."""


async def get_watch(claims: PacedCandidateDep, mailbox: MailboxDep) -> AsyncIterator[Watch]:
    """Refuses before the stream begins."""
    async with mailbox.watching(claims.sitting_id, claims.attempt_id) as watch:
        watch.held(claims.epoch)
        yield watch


WatchDep = Annotated[Watch, Depends(get_watch)]
CredentialsDep = Annotated[HTTPAuthorizationCredentials, Depends(candidate_scheme)]


@router.post(
    "/messages/confirm",
    operation_id="confirm_messages",
    summary="确认已读 I have read these messages",
    responses=problems(*PACED_PROBLEMS, "not_found"),
)
async def confirm_messages(
    body: ConfirmationCreate, claims: PacedCandidateDep, session: SessionDep, now: NowDep
) -> MessagesChanged:
    """In any state, also interrupted or handed in. A repeat changes nothing; what was withdrawn stays withdrawn."""
    return changed(await notices.confirm(session, claims, body.ids, now))


@router.post(
    "/hand",
    operation_id="raise_hand",
    summary="举手 Call a proctor",
    responses=problems(*PACED_PROBLEMS, "room_not_open", "too_many_hands"),
)
async def raise_hand(body: HandCreate, claims: PacedCandidateDep, session: SessionDep, now: NowDep) -> HandRead:
    """The hand stays up until a proctor confirms it or the candidate takes it down; meanwhile a repeat answers the
    same one."""
    return hand_read(await hands.raise_(session, claims, body.reason, body.note, now))


@router.delete(
    "/hand",
    operation_id="withdraw_hand",
    summary="放下手 Take the hand down",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*PACED_PROBLEMS, "room_not_open"),
)
async def withdraw_hand(claims: PacedCandidateDep, session: SessionDep, now: NowDep) -> Response:
    await hands.withdraw(session, claims, now)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/stream",
    operation_id="stream_exam",
    summary="考生实时流 Server-sent events for this candidate",
    response_class=EventSourceResponse,
    responses=problems(*PACED_PROBLEMS, "stream_replaced", "service_stopping")
    | {200: {"model": CandidateState, "description": "The data of each event `state`."}},
)
async def stream_exam(
    watch: WatchDep,
    claims: PacedCandidateDep,
    credentials: CredentialsDep,
    context: ContextDep,
    mailbox: MailboxDep,
    presence: PresenceDep,
) -> AsyncIterator[ServerSentEvent]:
    """`state` first, and again, whole, whenever the state, the clock, the room's state, the hand or the messages
    change: there is nothing to resume. Comments keep it alive. `closed` tells the code of why it ended.

    Only opening it is a sign of life: a connection may stay open long after its client has died.
    """
    shown: Inbox | None = None
    try:
        while True:
            read_token(context.keyring.token_key, credentials.credentials, context.clock.host_now())
            inbox = watch.held(claims.epoch)
            if shown is None:
                version = inbox.deadline_version
                presence.seen(claims.sitting_id, claims.attempt_id, mailbox.now(), deadline_version=version)
            if inbox != shown:
                shown = inbox
                yield ServerSentEvent(event="state", retry=RETRY, data=_state(inbox, mailbox))
            await watch.stirred(TOKEN_CHECK)
    except Problem as problem:
        yield ServerSentEvent(event="closed", retry=RETRY, data={"code": problem.code})


def messages_seen(messages: Sequence[OpenMessage]) -> list[MessageSeen]:
    return [
        MessageSeen(
            id=message.id,
            kind=message.kind,
            code=message.code,
            body=message.body,
            details=dict(message.details),
            sent_at=message.sent_at,
        )
        for message in messages
    ]


def changed(messages: Sequence[Message]) -> MessagesChanged:
    return MessagesChanged(
        messages=[
            MessageOutcome(id=message.id, attempt_id=message.attempt_id, state=state_of(message))
            for message in messages
        ]
    )


def hand_read(hand: Message) -> HandRead:
    return HandRead(
        id=hand.id, reason=HandReason(str(hand.code)), note=hand.body, state=state_of(hand), raised_at=hand.sent_at
    )


def _state(inbox: Inbox, mailbox: Mailbox) -> CandidateState:
    now = mailbox.now()
    hand = inbox.hand
    return CandidateState(
        state=inbox.state,
        room_state=inbox.room_state,
        server_time=now,
        deadline_at=inbox.deadline_at,
        deadline_version=inbox.deadline_version,
        seconds_left=None if inbox.deadline_at is None else seconds_left(inbox.deadline_at, now),
        messages=messages_seen(mailbox.hand_out(inbox.sitting_id, inbox.attempt_id)),
        hand=None
        if hand is None
        else HandRead(
            id=hand.id,
            reason=HandReason(hand.reason),
            note=hand.note,
            state=MessageState.delivered if hand.delivered else MessageState.pending,
            raised_at=hand.raised_at,
        ),
    )
