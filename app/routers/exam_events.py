"""What clients report, and their heartbeats."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter

from app.core.context import Context
from app.core.tokens import CandidateClaims
from app.domain.client_events import Event
from app.domain.states import AttemptState
from app.domain.timing import seconds_left
from app.routers.dependencies import ContextDep, MailboxDep, PacedCandidateDep, PresenceDep
from app.routers.errors import problems
from app.routers.exam_messages import PACED_PROBLEMS, messages_seen
from app.routers.hot_routes import HotAnswer, HotRequest, HotRoute, services_of
from app.schemas.exam import EventsCreate, EventsRead
from app.services import exam
from app.services.heartbeats import Heartbeats, Standing

BODY = TypeAdapter(EventsCreate)
REPLY = TypeAdapter(EventsRead)

router = APIRouter(prefix="/exam", tags=["exam"])


async def get_heartbeats(request: Request) -> Heartbeats:
    return services_of(request).heartbeats


HeartbeatsDep = Annotated[Heartbeats, Depends(get_heartbeats)]


@router.post(
    "/events",
    operation_id="report_events",
    summary="客户端事件与心跳 Client events; an empty list is the heartbeat",
    responses=problems(*PACED_PROBLEMS),
)
async def report_events(
    body: EventsCreate,
    claims: PacedCandidateDep,
    context: ContextDep,
    heartbeats: HeartbeatsDep,
    presence: PresenceDep,
    mailbox: MailboxDep,
) -> EventsRead:
    standing = await _reported(context, claims, body) if body.events else await heartbeats.beat(claims)
    presence.seen(
        claims.sitting_id,
        claims.attempt_id,
        standing.now,
        client_time=body.client_time,
        deadline_version=standing.deadline_version,
    )
    return EventsRead(
        state=standing.state,
        messages=messages_seen(mailbox.hand_out(claims.sitting_id, claims.attempt_id)),
        server_time=standing.now,
        deadline_at=standing.deadline_at,
        deadline_version=standing.deadline_version,
        seconds_left=None if standing.deadline_at is None else seconds_left(standing.deadline_at, standing.now),
    )


async def _answer(request: HotRequest) -> HotAnswer:
    """What the declaration of `report_events` says."""
    services = request.services
    claims = request.paced_claims()
    body = await request.parsed(BODY)
    reply = await report_events(body, claims, request.context, services.heartbeats, services.presence, services.mailbox)
    return HotAnswer(REPLY.dump_json(reply))


async def _reported(context: Context, claims: CandidateClaims, body: EventsCreate) -> Standing:
    events = [Event(event.kind, event.detail, event.client_time) for event in body.events]
    async with context.database.transaction() as session:
        now: datetime = await context.clock.now(session)
        attempt = await exam.report(session, claims, events, now)
    return Standing(AttemptState(attempt.state), attempt.deadline_at, attempt.deadline_version, now)


HOT = HotRoute("POST", "/api/v1/exam/events", "report_events", _answer)
