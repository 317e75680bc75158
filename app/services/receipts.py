"""Checks a receipt against what the service stores."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import canonical_json
from app.core.keyring import verify_signature
from app.domain.answers import responses_digest
from app.domain.receipts import receipt_code
from app.models.response import Response
from app.models.result import GradingRun, Result


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
