"""Saving answers: the route that is called most.

It is declared and described like every other. But FastAPI's machinery for dependencies and shapes would cost more than
the save itself, so the route finds its inputs by itself and writes its answer at once.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError

from app.domain.answers import Outcome
from app.domain.timing import seconds_left
from app.routers.dependencies import MailboxDep, PacedCandidateDep, PresenceDep, candidate_claims
from app.routers.errors import problems
from app.routers.exam_messages import CANDIDATE_PROBLEMS, messages_seen
from app.schemas.exam import ResponseOutcome, ResponsesSaved, ResponsesUpdate
from app.services.lifespan import Running
from app.services.live.inbox import OpenMessage
from app.services.saving import Change, SaveQueue, SaveReply, SaveRequest


class SavingRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def answer(request: Request) -> Response:
            return await _answer(request)

        return answer


router = APIRouter(prefix="/exam", tags=["exam"], route_class=SavingRoute)


async def get_save_queue(request: Request) -> SaveQueue:
    queue: SaveQueue = request.app.state.services.saves
    return queue


SaveQueueDep = Annotated[SaveQueue, Depends(get_save_queue)]


@router.put(
    "/responses",
    operation_id="save_responses",
    summary="保存答案 Save changed answers",
    responses=problems(*CANDIDATE_PROBLEMS, "too_many_requests", "save_queue_full"),
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


async def _answer(request: Request) -> Response:
    """What the declaration of `save_responses` says."""
    services: Running = request.app.state.services
    claims = candidate_claims(request.app.state.context, request.headers.get("authorization"))
    services.rates.admit(claims)
    try:
        body = ResponsesUpdate.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(
            [entry | {"loc": ("body", *entry["loc"])} for entry in error.errors(include_url=False)]
        ) from error
    saved = await save_responses(body, claims, services.saves, services.presence, services.mailbox)
    return Response(saved.model_dump_json(), media_type="application/json")


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
