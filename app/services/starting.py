"""Starting: at the bell a whole hall asks at once; one transaction serves every request that arrived meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.batching import Batcher, Later, Outcome
from app.core.context import Context
from app.core.keyed import among
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.states import AttemptState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.services import attempts, exam_papers, standards
from app.services.attempts import Setting
from app.services.exam import ExamView

BATCH = 200


@dataclass(frozen=True)
class StartRequest:
    """`context` is that of the request, whose id stands in the audit event."""

    claims: CandidateClaims
    context: Mapping[str, Any] = field(default_factory=structlog.contextvars.get_contextvars)


@dataclass(frozen=True)
class Started:
    """`paper_id` is the form whose key the candidate is now given."""

    view: ExamView
    paper_id: UUID


class Starts:
    """The starts of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batcher: Batcher[StartRequest, Started] = Batcher(self._start_together, BATCH)
        self.running = self._batcher.running

    async def start(self, claims: CandidateClaims) -> Started:
        """Begins the attempt and returns after the commit; started again on the same lease it changes nothing.

        Raises what `app.domain.attempts.start` raises; Problem `lease_moved` (409) for an old lease, `invalid_token`
        (401) for an attempt that does not exist, `database_unavailable` (503).
        """
        return await self._batcher.ask(StartRequest(claims))

    async def _start_together(self, requests: Sequence[StartRequest]) -> list[Outcome[Started]]:
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            keys = [(request.claims.sitting_id, request.claims.attempt_id) for request in requests]
            locked = await attempts.lock_free(session, keys)
            settings = await attempts.settings_of(session, locked.values())
            people = await _people(session, locked.values())
            forms = await exam_papers.paper_ids(session, locked.values())
            known = await attempts.existing(session, [key for key in keys if key[1] not in locked])
            outcomes: list[Outcome[Started]] = []
            for request in requests:
                attempt_id = request.claims.attempt_id
                if attempt_id not in locked:
                    outcomes.append(Later.busy if attempt_id in known else Problem("invalid_token"))
                    continue
                attempt = locked[attempt_id]
                setting = settings[attempt.room_id]
                try:
                    with structlog.contextvars.bound_contextvars(**request.context):
                        _start(session, attempt, setting, request.claims, now)
                except Problem as refusal:
                    outcomes.append(refusal)
                    continue
                standard = await standards.by_id(session, setting.sitting.standard_id)
                view = ExamView(attempt, setting, *people[attempt.entry_id], standard, now)
                outcomes.append(Started(view, forms[attempt_id]))
        return outcomes


def _start(session: AsyncSession, attempt: Attempt, setting: Setting, claims: CandidateClaims, now: datetime) -> None:
    rules.require_lease(attempts.facts_of(attempt), claims.epoch)
    if attempt.state != AttemptState.in_progress:
        attempts.change(
            session,
            attempt,
            setting,
            lambda facts, setting: rules.start(facts, setting.rules, setting.room_state, now),
            actor=Actor(ActorKind.candidate, attempt.id),
            action="start",
            now=now,
        )


async def _people(session: AsyncSession, locked: Collection[Attempt]) -> Mapping[UUID, tuple[Entry, Candidate]]:
    entries = {(attempt.sitting_id, attempt.entry_id) for attempt in locked}
    query = (
        select(Entry, Candidate)
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .where(among(entries, col(Entry.sitting_id), col(Entry.id)))
    )
    return {entry.id: (entry, candidate) for entry, candidate in (await session.execute(query)).all()}
