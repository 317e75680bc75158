"""Handing in: the transaction that ends attempts also fixes what was handed in by signed receipts, and grades it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.canonical import canonical_json
from app.core.ids import new_id
from app.core.keyed import Key, among
from app.core.keyring import Keyring
from app.domain.answers import StoredAnswers
from app.domain.receipts import make_receipt
from app.models.attempt import Attempt
from app.models.result import Receipt
from app.services import frozen_papers, grading
from app.services.frozen_papers import Frozen

INSERT = text("""
INSERT INTO receipt (sitting_id, id, attempt_id, payload, signature, issued_at)
SELECT sitting_id, id, attempt_id, payload, signature, :now
FROM unnest(
    CAST(:sitting_ids AS uuid[]), CAST(:ids AS uuid[]), CAST(:attempt_ids AS uuid[]),
    CAST(CAST(:payloads AS text[]) AS jsonb[]), CAST(:signatures AS text[])
) AS given (sitting_id, id, attempt_id, payload, signature)
""")


class SignedReceipt(NamedTuple):
    """`payload` as `app.domain.receipts` makes it; `signature` is Ed25519 over its canonical JSON, base64."""

    attempt_id: UUID
    payload: dict[str, Any]
    signature: str


async def latest_receipts(session: AsyncSession, of: Sequence[Attempt]) -> dict[UUID, SignedReceipt]:
    """By attempt; each of them has been handed in."""
    if not of:
        return {}
    keys = [(attempt.sitting_id, attempt.id) for attempt in of]
    query = (
        select(col(Receipt.attempt_id), col(Receipt.payload), col(Receipt.signature))
        .where(among(keys, col(Receipt.sitting_id), col(Receipt.attempt_id)))
        .order_by(col(Receipt.id))
    )
    return {row.attempt_id: SignedReceipt(*row) for row in await session.execute(query)}


async def conclude(
    session: AsyncSession,
    keyring: Keyring,
    ended: Sequence[Attempt],
    now: datetime,
    stored: Mapping[Key, StoredAnswers],
) -> list[SignedReceipt]:
    """One receipt for each attempt, which the caller has locked and ended, in their order; `stored` read after the
    lock. What can be graded is graded, the rest is left to the sweeper."""
    if not ended:
        return []
    with session.no_autoflush:  # so that an attempt's end and its grading are one change of its row
        frozen = await frozen_papers.of_attempts(session, ended)
        await grading.grade_these(session, ended, frozen, stored, now)
    receipts = []
    for attempt in ended:
        key = attempt.sitting_id, attempt.id
        payload = _payload(attempt, frozen[key], stored[key], now)
        receipts.append(SignedReceipt(attempt.id, payload, keyring.sign_receipt(canonical_json(payload))))
    values = {
        "sitting_ids": [attempt.sitting_id for attempt in ended],
        "ids": [new_id() for _ in ended],
        "attempt_ids": [attempt.id for attempt in ended],
        "payloads": [canonical_json(receipt.payload).decode() for receipt in receipts],
        "signatures": [receipt.signature for receipt in receipts],
        "now": now,
    }
    await session.execute(INSERT, values)
    return receipts


def _payload(attempt: Attempt, frozen: Frozen, stored: StoredAnswers, now: datetime) -> dict[str, Any]:
    return make_receipt(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        ticket_number=frozen.ticket_number,
        paper_hash=frozen.paper_hash,
        frozen_hash=frozen.frozen_hash,
        submitted_at=attempt.submitted_at or now,
        submitted_by=str(attempt.submitted_by),
        items=len(attempt.answer_forms),
        stored=stored,
    )
