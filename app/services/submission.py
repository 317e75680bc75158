"""Handing in: what was handed in is fixed by a signed receipt, made in the transaction that ends the attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.canonical import canonical_json
from app.core.keyring import Keyring
from app.core.problems import Problem
from app.core.tokens import CandidateClaims
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.answers import responses_digest
from app.domain.receipts import make_receipt
from app.domain.states import AttemptState
from app.models.attempt import Attempt, AttemptPaper
from app.models.entry import Entry
from app.models.paper import Paper
from app.models.result import Receipt
from app.services import attempts
from app.services.stored_answers import Key, StoredAnswers, stored_answers


@dataclass(frozen=True)
class HandIn:
    """What the candidate's client says it has; `sequences` are the last sequence per item number."""

    last_sequence: int
    digest: str | None = None
    sequences: Mapping[int, int] | None = None


async def submit(
    session: AsyncSession, keyring: Keyring, claims: CandidateClaims, hand_in: HandIn, now: datetime
) -> Receipt:
    """Hands in for the candidate and returns the receipt; handing in again returns the same receipt.

    Raises Problem `responses_missing` (409, nothing closed) when the server lacks what the client has, `too_early`,
    `deadline_passed`, `lease_moved` or `invalid_transition`.
    """
    attempt = await attempts.lock(session, claims.attempt_id, claims.sitting_id)
    rules.require_lease(attempts.facts_of(attempt), claims.epoch)
    if attempt.state == AttemptState.submitted:
        return await latest_receipt(session, attempt)
    setting = await attempts.setting_of(session, attempt)
    actor = Actor(ActorKind.candidate, attempt.id)
    attempts.change(
        session,
        attempt,
        setting,
        lambda facts, setting: rules.submit(facts, setting.rules, now),
        actor=actor,
        action="submit",
        now=now,
    )
    stored = (await stored_answers(session, [attempt]))[attempt.sitting_id, attempt.id]
    _require_all(stored, hand_in)
    return (await issue_receipts(session, keyring, [attempt], now))[0]


async def latest_receipt(session: AsyncSession, attempt: Attempt) -> Receipt:
    """Raises Problem `not_submitted` when there is none."""
    query = (
        select(Receipt)
        .where(col(Receipt.sitting_id) == attempt.sitting_id, col(Receipt.attempt_id) == attempt.id)
        .order_by(col(Receipt.id).desc())
        .limit(1)
    )
    receipt = (await session.execute(query)).scalar_one_or_none()
    if receipt is None:
        raise Problem("not_submitted")
    return receipt


async def issue_receipts(
    session: AsyncSession, keyring: Keyring, ended: Sequence[Attempt], now: datetime
) -> list[Receipt]:
    """One receipt for each attempt, which the caller has locked and ended, in their order."""
    stored = await stored_answers(session, ended)
    frozen = await _frozen(session, ended)
    receipts = [
        _receipt(keyring, attempt, *frozen[attempt.sitting_id, attempt.id], stored[attempt.sitting_id, attempt.id], now)
        for attempt in ended
    ]
    session.add_all(receipts)
    await session.flush()
    return receipts


def _receipt(
    keyring: Keyring,
    attempt: Attempt,
    ticket_number: str,
    frozen_hash: str,
    paper_hash: str,
    stored: StoredAnswers,
    now: datetime,
) -> Receipt:
    payload = make_receipt(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        ticket_number=ticket_number,
        paper_hash=paper_hash,
        frozen_hash=frozen_hash,
        submitted_at=attempt.submitted_at or now,
        submitted_by=str(attempt.submitted_by),
        items=len(attempt.answer_forms),
        answers=stored.answers,
        last_sequence=stored.last_sequence,
    )
    return Receipt(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        payload=payload,
        signature=keyring.sign_receipt(canonical_json(payload)),
        issued_at=now,
    )


def _require_all(stored: StoredAnswers, hand_in: HandIn) -> None:
    have = stored.sequences
    claimed = hand_in.sequences or {}
    missing = sorted(number for number, sequence in claimed.items() if have.get(number, 0) < sequence)
    last = stored.last_sequence
    own = responses_digest(stored.answers)
    if missing or last < hand_in.last_sequence or (hand_in.digest is not None and hand_in.digest != own):
        raise Problem(
            "responses_missing",
            extra={
                "missing": missing,
                "last_sequence": last,
                "digest": own,
                "stored": [{"number": number, "sequence": have[number]} for number in sorted(have)],
            },
        )


async def _frozen(session: AsyncSession, of: Sequence[Attempt]) -> dict[Key, tuple[str, str, str]]:
    """Ticket number, hash of the frozen paper and hash of the paper, by (sitting, attempt)."""
    keys = [(attempt.sitting_id, attempt.id) for attempt in of]
    query = (
        select(
            col(Attempt.sitting_id),
            col(Attempt.id),
            col(Entry.ticket_number),
            col(AttemptPaper.frozen_hash),
            col(Paper.content_hash),
        )
        .join(
            Attempt,
            (col(AttemptPaper.sitting_id) == col(Attempt.sitting_id))
            & (col(AttemptPaper.attempt_id) == col(Attempt.id)),
        )
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Paper, col(Paper.id) == col(AttemptPaper.paper_id))
        .where(tuple_(col(Attempt.sitting_id), col(Attempt.id)).in_(keys))
    )
    return {
        (sitting_id, attempt_id): (ticket_number, frozen_hash, paper_hash)
        for sitting_id, attempt_id, ticket_number, frozen_hash, paper_hash in await session.execute(query)
    }
