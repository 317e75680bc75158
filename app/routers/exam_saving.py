"""Saving answers: the route that is called most."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter

from app.domain.answers import Outcome
from app.domain.timing import seconds_left
from app.routers.dependencies import MailboxDep, PacedCandidateDep, PresenceDep
from app.routers.errors import problems
from app.routers.exam_messages import PACED_PROBLEMS, messages_seen
from app.routers.hot_routes import HotAnswer, HotRequest, HotRoute, services_of
from app.schemas.exam import ResponseOutcome, ResponsesSaved, ResponsesUpdate
from app.services.live.inbox import OpenMessage
from app.services.saving import Change, SaveQueue, SaveReply, SaveRequest

BODY = TypeAdapter(ResponsesUpdate)
REPLY = TypeAdapter(ResponsesSaved)

router = APIRouter(prefix="/exam", tags=["exam"])


async def get_save_queue(request: Request) -> SaveQueue:
    return services_of(request).saves


SaveQueueDep = Annotated[SaveQueue, Depends(get_save_queue)]


@router.put(
    "/responses",
    operation_id="save_responses",
    summary="保存答案 Save changed answers",
    responses=problems(*PACED_PROBLEMS, "save_queue_full"),
)
async def save_responses(
    body: ResponsesUpdate, claims: PacedCandidateDep, queue: SaveQueueDep, presence: PresenceDep, mailbox: MailboxDep
) -> ResponsesSaved:
    """Answers after the commit. Replays and reordering are harmless: the highest sequence of an item counts."""
    changes = [Change(change.number, change.answer, change.sequence, change.client_time) for change in body.responses]
    reply = await queue.save(SaveRequest(claims.sitting_id, claims.attempt_id, claims.epoch, changes))
    presence.seen(
        claims.sitting_id,
        claims.attempt_id,
        reply.server_time,
        saved=any(outcome.outcome is Outcome.saved for outcome in reply.outcomes),
        deadline_version=reply.deadline_version,
    )
    return _saved(reply, mailbox.hand_out(claims.sitting_id, claims.attempt_id))


async def _answer(request: HotRequest) -> HotAnswer:
    """What the declaration of `save_responses` says."""
    services = request.services
    claims = request.paced_claims()
    body = await request.parsed(BODY)
    reply = await save_responses(body, claims, services.saves, services.presence, services.mailbox)
    return HotAnswer(REPLY.dump_json(reply))


def _saved(reply: SaveReply, messages: Sequence[OpenMessage]) -> ResponsesSaved:
    return ResponsesSaved(
        responses=[
            ResponseOutcome(number=outcome.number, outcome=outcome.outcome, reason=outcome.reason)
            for outcome in reply.outcomes
        ],
        messages=messages_seen(messages),
        server_time=reply.server_time,
        deadline_at=reply.deadline_at,
        deadline_version=reply.deadline_version,
        seconds_left=None if reply.deadline_at is None else seconds_left(reply.deadline_at, reply.server_time),
    )


HOT = HotRoute("PUT", "/api/v1/exam/responses", "save_responses", _answer)
