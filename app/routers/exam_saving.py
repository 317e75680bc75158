"""Saving answers: the route that is called most."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter
from pydantic_core import to_json

from app.core.tokens import CandidateClaims
from app.domain.answers import Outcome
from app.domain.timing import seconds_left
from app.routers.dependencies import MailboxDep, PacedCandidateDep, PresenceDep
from app.routers.errors import problems
from app.routers.exam_messages import PACED_PROBLEMS, messages_seen
from app.routers.hot_routes import HotAnswer, HotRequest, HotRoute, services_of
from app.schemas.exam import ResponsesSaved, ResponsesUpdate
from app.services.live.mailbox import Mailbox
from app.services.live.presence import Presence
from app.services.saving import Change, SaveQueue, SaveRequest

BODY = TypeAdapter(ResponsesUpdate)

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
    return ResponsesSaved.model_validate(await _save(body, claims, queue, presence, mailbox))


async def _answer(request: HotRequest) -> HotAnswer:
    """What the declaration of `save_responses` says."""
    services = request.services
    claims = request.paced_claims()
    body = await request.parsed(BODY)
    told = await _save(body, claims, services.saves, services.presence, services.mailbox)
    return HotAnswer(to_json(told))


async def _save(
    body: ResponsesUpdate, claims: CandidateClaims, queue: SaveQueue, presence: Presence, mailbox: Mailbox
) -> dict[str, Any]:
    """What `ResponsesSaved` shows: making it, to write it as JSON at once, would cost more than its JSON does."""
    changes = [Change(change.number, change.answer, change.sequence, change.client_time) for change in body.responses]
    reply = await queue.save(SaveRequest(claims.sitting_id, claims.attempt_id, claims.epoch, changes))
    presence.seen(
        claims.sitting_id,
        claims.attempt_id,
        reply.server_time,
        saved=any(outcome.outcome is Outcome.saved for outcome in reply.outcomes),
        deadline_version=reply.deadline_version,
    )
    return {
        "responses": [outcome._asdict() for outcome in reply.outcomes],
        "messages": messages_seen(mailbox.hand_out(claims.sitting_id, claims.attempt_id)),
        "server_time": reply.server_time,
        "deadline_at": reply.deadline_at,
        "deadline_version": reply.deadline_version,
        "seconds_left": None if reply.deadline_at is None else seconds_left(reply.deadline_at, reply.server_time),
    }


HOT = HotRoute("PUT", "/api/v1/exam/responses", "save_responses", _answer)
