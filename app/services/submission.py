"""Handing in: what was handed in is fixed by a signed receipt, made in the transaction that ends the attempt."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.canonical import canonical_json
from app.core.keyring import Keyring
from app.domain.receipts import make_receipt
from app.models.attempt import Attempt, AttemptPaper
from app.models.entry import Entry
from app.models.paper import Paper
from app.models.result import Receipt
from app.services.stored_answers import Key, StoredAnswers


async def latest_receipts(session: AsyncSession, of: Sequence[Attempt]) -> dict[UUID, Receipt]:
    """By attempt; each of them has been handed in."""
    if not of:
        return {}
    keys = [(attempt.sitting_id, attempt.id) for attempt in of]
    query = (
        select(Receipt)
        .where(tuple_(col(Receipt.sitting_id), col(Receipt.attempt_id)).in_(keys))
        .order_by(col(Receipt.id))
    )
    return {receipt.attempt_id: receipt for receipt in (await session.execute(query)).scalars()}


async def issue_receipts(
    session: AsyncSession,
    keyring: Keyring,
    ended: Sequence[Attempt],
    now: datetime,
    stored: Mapping[Key, StoredAnswers],
) -> list[Receipt]:
    """One receipt for each attempt, which the caller has locked and ended, in their order; `stored` read after the
    lock."""
    if not ended:
        return []
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
