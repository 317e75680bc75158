"""Starting: at the bell a whole hall asks at once; one transaction serves every request that arrived meanwhile."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.context import Context
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.states import AttemptState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.sitting import Room, Sitting
from app.services import attempts, exam_papers, standards
from app.services.attempts import Setting
from app.services.exam import ExamView

BATCH = 200
RETRY_AFTER = {"Retry-After": "2"}
BUSY_PAUSE = 0.01
"""Seconds before the next transaction when every attempt of the last one was held by another command."""

BUSY_PATIENCE = 5.0
"""Seconds that a start waits for such a command before it is refused."""


@dataclass(frozen=True)
class Started:
    """`paper_id` is the form whose key the candidate is now given."""

    view: ExamView
    paper_id: UUID


@dataclass
class _Waiting:
    """`context` is that of the request, whose id stands in the audit event."""

    claims: CandidateClaims
    context: Mapping[str, Any] = field(default_factory=structlog.contextvars.get_contextvars)
    reply: asyncio.Future[Started] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    since: float = field(default_factory=time.monotonic)

    def refuse(self, error: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)


class StartQueue:
    """The starts waiting for the next transaction of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False

    async def start(self, claims: CandidateClaims) -> Started:
        """Begins the attempt and returns after the commit; started again on the same lease it changes nothing.

        Raises what `app.domain.attempts.start` raises; Problem `lease_moved` (409) for an old lease, `invalid_token`
        (401) for an attempt that does not exist, `database_unavailable` (503).
        """
        if self._closing:
            raise Problem("database_unavailable", headers=RETRY_AFTER)
        waiting = _Waiting(claims)
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.reply

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Starts while the block runs, and at its end what has been accepted."""
        task = asyncio.create_task(self._start_forever())
        try:
            yield
        finally:
            self._closing = True
            self._arrived.set()
            await task

    async def _start_forever(self) -> None:
        while not self._closing or self._waiting:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                busy = await self._start_together(batch)
                self._defer(busy)
                if len(busy) == len(batch):
                    await asyncio.sleep(BUSY_PAUSE)

    async def _start_together(self, batch: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Those whose attempt another command holds. When the transaction fails, each is tried alone."""
        try:
            return await self._transact(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].refuse(error)
                return []
        return [busy for one in batch for busy in await self._start_together([one])]

    async def _transact(self, batch: Sequence[_Waiting]) -> Sequence[_Waiting]:
        started: list[tuple[_Waiting, Started]] = []
        refused: list[tuple[_Waiting, Problem]] = []
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            locked = await _lock(session, [waiting.claims for waiting in batch])
            settings = await _settings(session, locked.values())
            people = await _people(session, locked.values())
            forms = await exam_papers.paper_ids(session, locked.values())
            absent = [waiting for waiting in batch if waiting.claims.attempt_id not in locked]
            known = await _known(session, absent)
            for waiting in batch:
                attempt = locked.get(waiting.claims.attempt_id)
                if attempt is None:
                    continue
                setting = settings[attempt.room_id]
                try:
                    with structlog.contextvars.bound_contextvars(**waiting.context):
                        _start(session, attempt, setting, waiting.claims, now)
                except Problem as refusal:
                    refused.append((waiting, refusal))
                    continue
                entry, candidate = people[attempt.entry_id]
                standard = await standards.by_id(session, setting.sitting.standard_id)
                view = ExamView(attempt, setting, entry, candidate, standard, now)
                started.append((waiting, Started(view, forms[attempt.id])))
        for waiting, reply in started:
            if not waiting.reply.done():
                waiting.reply.set_result(reply)
        for waiting, why in refused:
            waiting.refuse(why)
        for waiting in absent:
            if waiting.claims.attempt_id not in known:
                waiting.refuse(Problem("invalid_token"))
        return [waiting for waiting in absent if waiting.claims.attempt_id in known]

    def _defer(self, busy: Sequence[_Waiting]) -> None:
        for waiting in busy:
            if time.monotonic() - waiting.since > BUSY_PATIENCE:
                waiting.refuse(Problem("database_unavailable", headers=RETRY_AFTER))
            else:
                self._waiting.append(waiting)


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


async def _lock(session: AsyncSession, claims: Sequence[CandidateClaims]) -> Mapping[UUID, Attempt]:
    """In the order in which every statement locks attempts, without those that another command holds."""
    pairs = {(one.sitting_id, one.attempt_id) for one in claims}
    query = (
        select(Attempt)
        .where(tuple_(col(Attempt.sitting_id), col(Attempt.id)).in_(pairs))
        .order_by(col(Attempt.sitting_id), col(Attempt.id))
        .with_for_update(key_share=True, skip_locked=True)
    )
    return {attempt.id: attempt for attempt in (await session.execute(query)).scalars()}


async def _known(session: AsyncSession, absent: Sequence[_Waiting]) -> set[UUID]:
    if not absent:
        return set()
    pairs = [(waiting.claims.sitting_id, waiting.claims.attempt_id) for waiting in absent]
    query = select(Attempt.id).where(tuple_(col(Attempt.sitting_id), col(Attempt.id)).in_(pairs))
    return set((await session.execute(query)).scalars())


async def _settings(session: AsyncSession, locked: Collection[Attempt]) -> Mapping[UUID, Setting]:
    """By room; read after the locks, so that a command on a room that held them is seen."""
    rooms = {(attempt.sitting_id, attempt.room_id) for attempt in locked}
    query = (
        select(Sitting, Room)
        .join(Room, col(Room.sitting_id) == col(Sitting.id))
        .where(tuple_(col(Room.sitting_id), col(Room.id)).in_(rooms))
    )
    return {room.id: Setting(sitting, room) for sitting, room in (await session.execute(query)).all()}


async def _people(session: AsyncSession, locked: Collection[Attempt]) -> Mapping[UUID, tuple[Entry, Candidate]]:
    entries = {(attempt.sitting_id, attempt.entry_id) for attempt in locked}
    query = (
        select(Entry, Candidate)
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .where(tuple_(col(Entry.sitting_id), col(Entry.id)).in_(entries))
    )
    return {entry.id: (entry, candidate) for entry, candidate in (await session.execute(query)).all()}
