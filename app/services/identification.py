"""Who a candidate is, by ticket and identity number; wrong guesses are counted and lock out who guesses."""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.batching import Batcher, Outcome
from app.core.context import Context
from app.core.problems import Problem
from app.domain.actors import SYSTEM
from app.domain.identity import normalise_identity_number
from app.domain.states import SittingState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.sitting import Sitting
from app.services import audit, lockout
from app.services.lockout import Limit

BATCH = 200


@dataclass(frozen=True)
class Guess:
    """`address` is the guesser's network's; `context` that of the request, whose id stands in the audit event."""

    ticket_number: str
    id_number: str
    address: str
    context: Mapping[str, Any] = field(default_factory=structlog.contextvars.get_contextvars)


@dataclass(frozen=True)
class Identified:
    sitting_id: UUID
    attempt_id: UUID


@dataclass(frozen=True)
class _Candidacy:
    identified: Identified
    identity_index: bytes


def lockout_name(ticket_number: str) -> str:
    return f"ticket:{ticket_number}"


class Identification:
    """The guesses of this process; one transaction serves all that wait."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batcher: Batcher[Guess, Identified] = Batcher(self._identify_together, BATCH)
        self.running = self._batcher.running

    async def identify(self, ticket_number: str, id_number: str, address: str) -> Identified:
        """A wrong guess is counted whatever becomes of the request, a right one forgets the others.

        Guesses are counted per ticket and network address, so that nobody locks a candidate out from another machine.
        Raises Problem `login_refused` (401), `locked_out` (429), `database_unavailable` (503).
        """
        return await self._batcher.ask(Guess(ticket_number, id_number, address))

    async def _identify_together(self, guesses: Sequence[Guess]) -> list[Outcome[Identified]]:
        limits = [self._limits(guess) for guess in guesses]
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            tries = await lockout.hold(session, (limit for each in limits for limit in each), now)
            candidacies = await _candidacies(session, {guess.ticket_number for guess in guesses})
            outcomes: list[Outcome[Identified]] = []
            for guess, its_limits in zip(guesses, limits, strict=True):
                try:
                    locks = tries.begin(its_limits)
                except Problem as refusal:
                    outcomes.append(refusal)
                    continue
                found = self._found(guess, candidacies.get(guess.ticket_number, ()))
                if found is not None:
                    tries.succeeded(its_limits)
                elif locks:
                    with structlog.contextvars.bound_contextvars(**guess.context):
                        audit.record(session, SYSTEM, "auth.lock_out", "ticket", None, at=now)
                outcomes.append(Problem("login_refused") if found is None else found)
            await tries.write(session)
        return outcomes

    def _limits(self, guess: Guess) -> list[Limit]:
        settings = self._context.settings
        subject = lockout.at_address(lockout_name(guess.ticket_number), guess.address)
        return [Limit(subject, settings.candidate_lockout_after, settings.candidate_lockout)]

    def _found(self, guess: Guess, candidacies: Iterable[_Candidacy]) -> Identified | None:
        index = self._context.keyring.identity_index(normalise_identity_number(guess.id_number))
        for one in candidacies:
            if hmac.compare_digest(one.identity_index, index):
                return one.identified
        return None


async def _candidacies(session: AsyncSession, tickets: Iterable[str]) -> Mapping[str, Sequence[_Candidacy]]:
    """By ticket number: of a live sitting first, then of the newest one."""
    query = (
        select(Entry.ticket_number, Attempt.sitting_id, Attempt.id, Candidate.identity_index)
        .join(Attempt, (col(Attempt.sitting_id) == col(Entry.sitting_id)) & (col(Attempt.entry_id) == col(Entry.id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .join(Sitting, col(Sitting.id) == col(Attempt.sitting_id))
        .where(col(Entry.ticket_number).in_(tickets), Sitting.state != SittingState.cancelled)
        .order_by((col(Sitting.state) == SittingState.live).desc(), col(Sitting.starts_at).desc(), col(Attempt.id))
    )
    found: dict[str, list[_Candidacy]] = defaultdict(list)
    for ticket, sitting_id, attempt_id, index in (await session.execute(query)).all():
        found[ticket].append(_Candidacy(Identified(sitting_id, attempt_id), index))
    return found
