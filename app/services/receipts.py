"""Checks a receipt against what the service stores."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import canonical_json
from app.core.keyring import verify_signature
from app.domain.answers import responses_digest
from app.domain.receipts import receipt_code
from app.models.response import Response
from app.models.result import GradingRun, Result

BATCH = 500

WITH_ANSWERS = text("""
SELECT r.sitting_id, r.id, r.attempt_id, r.payload, r.signature,
    CASE WHEN a.state = 'submitted' AND NOT EXISTS (
        SELECT 1 FROM receipt n WHERE n.sitting_id = r.sitting_id AND n.attempt_id = r.attempt_id AND n.id > r.id
    ) THEN coalesce((
        SELECT jsonb_object_agg(s.number, s.answer)
        FROM response s
        WHERE s.sitting_id = r.sitting_id AND s.attempt_id = r.attempt_id
    ), '{}') END AS answers
FROM receipt r
JOIN attempt a ON a.sitting_id = r.sitting_id AND a.id = r.attempt_id
WHERE (r.sitting_id, r.id) > (:sitting_id, :id)
ORDER BY r.sitting_id, r.id
LIMIT :limit
""")
"""`answers` are what is stored, for the receipt that counts: the newest of an attempt that has not been reopened."""


@dataclass(frozen=True)
class Finding:
    """`stored` and `graded` are None where there is nothing to compare with: not graded yet, or not signed by us."""

    signed: bool
    code: bool
    stored: bool | None
    graded: bool | None

    @property
    def ok(self) -> bool:
        return self.signed and self.code and self.stored is not False and self.graded is not False


def check_signature(receipt: dict[str, Any], public_key: str) -> Finding:
    """What can be told without the database, of a receipt as `ReceiptRead` shows it."""
    payload = receipt["payload"]
    try:
        signed = verify_signature(public_key, canonical_json(payload), receipt["signature"])
    except UnicodeEncodeError:
        return Finding(False, False, None, None)
    return Finding(signed, receipt["code"] == payload.get("code") == receipt_code(payload), None, None)


async def check(session: AsyncSession, receipt: dict[str, Any], public_key: str) -> Finding:
    """Also whether the stored responses, and those that were graded, have the digest in the receipt."""
    offline = check_signature(receipt, public_key)
    if not offline.signed:
        return offline
    payload = receipt["payload"]
    sitting_id, attempt_id = UUID(payload["sitting_id"]), UUID(payload["attempt_id"])
    query = select(Response).where(Response.sitting_id == sitting_id, Response.attempt_id == attempt_id)
    answers = {row.number: row.answer for row in (await session.execute(query)).scalars()}
    run = (
        select(GradingRun)
        .join(
            Result, (col(Result.sitting_id) == col(GradingRun.sitting_id)) & (col(Result.run_id) == col(GradingRun.id))
        )
        .where(Result.sitting_id == sitting_id, Result.attempt_id == attempt_id)
    )
    graded = (await session.execute(run)).scalar_one_or_none()
    expected = payload["responses_digest"]
    return Finding(
        offline.signed,
        offline.code,
        responses_digest(answers) == expected,
        None
        if graded is None
        else graded.responses_digest == expected and graded.frozen_hash == payload["frozen_hash"],
    )


async def check_all(session: AsyncSession, public_key: str) -> tuple[int, list[UUID]]:
    """How many receipts there are, and the attempts of those that are not genuine or not what is stored."""
    last, checked = (UUID(int=0), UUID(int=0)), 0
    wrong: list[UUID] = []
    while True:
        values = {"sitting_id": last[0], "id": last[1], "limit": BATCH}
        rows = (await session.execute(WITH_ANSWERS, values)).all()
        if not rows:
            return checked, wrong
        wrong += [row.attempt_id for row in rows if not _agrees(row.payload, row.signature, row.answers, public_key)]
        last, checked = (rows[-1].sitting_id, rows[-1].id), checked + len(rows)


def _agrees(payload: dict[str, Any], signature: str, answers: dict[str, str] | None, public_key: str) -> bool:
    if not verify_signature(public_key, canonical_json(payload), signature) or payload["code"] != receipt_code(payload):
        return False
    stored = None if answers is None else responses_digest({int(number): text for number, text in answers.items()})
    return stored in (None, payload["responses_digest"])
