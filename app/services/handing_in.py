"""Handing in by the candidate; one transaction serves every request that arrived meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.batching import Batcher, Later, Outcome
from app.core.context import Context
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.answers import StoredAnswers
from app.domain.attempts import AttemptFacts
from app.domain.states import AttemptState
from app.models.attempt import Attempt
from app.services import attempts, submission
from app.services.attempts import Setting
from app.services.stored_answers import stored_answers
from app.services.submission import SignedReceipt

BATCH = 200


@dataclass(frozen=True)
class HandIn:
    """What the candidate's client says it has; `sequences` are the last sequence per item number."""

    last_sequence: int
    digest: str | None = None
    sequences: Mapping[int, int] | None = None


@dataclass(frozen=True)
class _Request:
    """`context` is that of the request, whose id stands in the audit event."""

    claims: CandidateClaims
    hand_in: HandIn
    context: Mapping[str, Any] = field(default_factory=structlog.contextvars.get_contextvars)

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.claims.sitting_id, self.claims.attempt_id


class Submissions:
    """The hand-ins of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batcher: Batcher[_Request, SignedReceipt] = Batcher(self._submit_together, BATCH)
        self.running = self._batcher.running

    async def submit(self, claims: CandidateClaims, hand_in: HandIn) -> SignedReceipt:
        """Hands in and returns the receipt after the commit; handing in again returns the same receipt.

        Raises Problem `responses_missing` (409, nothing closed) when the server lacks what the client has,
        `too_early`, `deadline_passed`, `lease_moved` or `invalid_transition` (409), `invalid_token` (401) for an
        attempt that does not exist, `database_unavailable` (503).
        """
        return await self._batcher.ask(_Request(claims, hand_in))

    async def _submit_together(self, requests: Sequence[_Request]) -> list[Outcome[SignedReceipt]]:
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            locked = await attempts.lock_free(session, [request.key for request in requests])
            settings = await attempts.settings_of(session, locked.values())
            stored = await stored_answers(session, list(locked.values()))
            known = await attempts.existing(
                session, [request.key for request in requests if request.key[1] not in locked]
            )
            refusals: dict[int, Outcome[SignedReceipt]] = {}
            handed_in: dict[UUID, Attempt] = {}
            before: dict[UUID, Attempt] = {}
            for place, request in enumerate(requests):
                attempt = locked.get(request.claims.attempt_id)
                if attempt is None:
                    refusals[place] = Later.busy if request.claims.attempt_id in known else Problem("invalid_token")
                    continue
                try:
                    rules.require_lease(attempts.facts_of(attempt), request.claims.epoch)
                    if attempt.state != AttemptState.submitted:
                        _submit(session, attempt, settings[attempt.room_id], request, stored[request.key], now)
                        handed_in[attempt.id] = attempt
                    elif attempt.id not in handed_in:
                        before[attempt.id] = attempt
                except Problem as refusal:
                    refusals[place] = refusal
            made = await submission.conclude(session, self._context.keyring, list(handed_in.values()), now, stored)
            receipts = await submission.latest_receipts(session, list(before.values()))
            receipts |= {receipt.attempt_id: receipt for receipt in made}
        return [
            refusals.get(place) or receipts.get(request.claims.attempt_id) or Problem("not_submitted")
            for place, request in enumerate(requests)
        ]


def _submit(
    session: AsyncSession,
    attempt: Attempt,
    setting: Setting,
    request: _Request,
    stored: StoredAnswers,
    now: datetime,
) -> None:
    """What is lacking is told only to who may hand in; then nothing is changed."""

    def decide(facts: AttemptFacts, setting: Setting) -> AttemptFacts:
        submitted = rules.submit(facts, setting.rules, now)
        _require_all(stored, request.hand_in)
        return submitted

    with structlog.contextvars.bound_contextvars(**request.context):
        attempts.change(
            session,
            attempt,
            setting,
            decide,
            actor=Actor(ActorKind.candidate, attempt.id),
            action="submit",
            now=now,
        )


def _require_all(stored: StoredAnswers, hand_in: HandIn) -> None:
    have = stored.sequences
    claimed = hand_in.sequences or {}
    missing = sorted(number for number, sequence in claimed.items() if have.get(number, 0) < sequence)
    last = stored.last_sequence
    if missing or last < hand_in.last_sequence or (hand_in.digest is not None and hand_in.digest != stored.digest):
        raise Problem(
            "responses_missing",
            extra={
                "missing": missing,
                "last_sequence": last,
                "digest": stored.digest,
                "stored": [{"number": number, "sequence": have[number]} for number in sorted(have)],
            },
        )
