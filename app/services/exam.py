"""The exam as the candidate sees it: where, when, the paper, what is stored, the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain import incidents
from app.domain.actors import Actor, ActorKind
from app.domain.client_events import Event
from app.domain.incidents import Place
from app.domain.standard import Standard
from app.domain.states import AttemptState, SittingState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.response import Response
from app.models.result import GradingRun, Result
from app.models.sitting import Sitting
from app.services import attempts, client_events, incident_log, standards, submission
from app.services.attempts import Setting
from app.services.submission import SignedReceipt


@dataclass(frozen=True)
class ExamView:
    """Who sits what, where, and how it stands at `now`."""

    attempt: Attempt
    setting: Setting
    entry: Entry
    candidate: Candidate
    standard: Standard
    now: datetime


async def view(session: AsyncSession, claims: CandidateClaims, now: datetime) -> ExamView:
    """Raises Problem `lease_moved` (409) for an old lease."""
    attempt = await held(session, claims)
    return await _view(session, attempt, await attempts.setting_of(session, attempt), now)


async def responses(session: AsyncSession, claims: CandidateClaims) -> Sequence[Response]:
    """What is stored, by number."""
    attempt = await held(session, claims)
    query = (
        select(Response)
        .where(Response.sitting_id == attempt.sitting_id, Response.attempt_id == attempt.id)
        .order_by(col(Response.number))
    )
    return (await session.execute(query)).scalars().all()


async def report(session: AsyncSession, claims: CandidateClaims, events: Sequence[Event], now: datetime) -> Attempt:
    """Incidents, and what else the client reports; an empty report is a heartbeat and writes nothing."""
    attempt = await held(session, claims)
    state = AttemptState(attempt.state)
    reported = [(event.kind, event.client_time) for event in events if incidents.is_incident(event.kind, state)]
    place = Place(attempt.sitting_id, attempt.room_id, attempt.id)
    actor = Actor(ActorKind.candidate, attempt.id)
    await incident_log.record(session, incidents.of_client(place, reported), actor, now)
    others = [event for event in events if not incidents.is_incident(event.kind, state)]
    await client_events.keep(session, attempt, others, now)
    return attempt


async def receipt(session: AsyncSession, claims: CandidateClaims) -> SignedReceipt:
    """Raises Problem `not_submitted` (409)."""
    attempt = await held(session, claims)
    given = await submission.latest_receipts(session, [attempt]) if attempt.state == AttemptState.submitted else {}
    if attempt.id not in given:
        raise Problem("not_submitted")
    return given[attempt.id]


async def result(session: AsyncSession, claims: CandidateClaims) -> tuple[Attempt, GradingRun]:
    """Raises Problem `result_not_published` (409) before the sitting is published."""
    attempt = await held(session, claims)
    query = (
        select(GradingRun)
        .join(
            Result, (col(Result.sitting_id) == col(GradingRun.sitting_id)) & (col(Result.run_id) == col(GradingRun.id))
        )
        .join(Sitting, col(Sitting.id) == col(Result.sitting_id))
        .where(
            Result.sitting_id == attempt.sitting_id,
            Result.attempt_id == attempt.id,
            Sitting.state == SittingState.published,
            col(Result.published_at).is_not(None),
        )
    )
    run = (await session.execute(query)).scalar_one_or_none()
    if run is None or attempt.state != AttemptState.submitted:
        raise Problem("result_not_published")
    return attempt, run


async def _view(session: AsyncSession, attempt: Attempt, setting: Setting, now: datetime) -> ExamView:
    query = (
        select(Entry, Candidate)
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .where(Entry.sitting_id == attempt.sitting_id, Entry.id == attempt.entry_id)
    )
    entry, candidate = (await session.execute(query)).one()
    standard = await standards.by_id(session, setting.sitting.standard_id)
    return ExamView(attempt, setting, entry, candidate, standard, now)


async def held(session: AsyncSession, claims: CandidateClaims) -> Attempt:
    """The candidate's attempt. Raises Problem `lease_moved` (409) for an old lease."""
    attempt = await session.get(Attempt, (claims.sitting_id, claims.attempt_id))
    if attempt is None:
        raise Problem("invalid_token")
    rules.require_lease(attempts.facts_of(attempt), claims.epoch)
    return attempt
