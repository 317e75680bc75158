"""Signed heads of the audit log: with them a chain that is cut off together with its head is found too."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from app.core.context import Context
from app.core.keyring import Keyring
from app.domain.audit_chain import Head, instant, signed_content
from app.models.audit import AuditCheckpoint, AuditHead

INTERVAL = timedelta(seconds=10)
"""Between two checkpoints of a chain, at least."""

log = structlog.get_logger()


async def sign_heads(context: Context) -> int:
    """Signs the heads that have moved since they were signed last; how many.

    In any number of processes: of a head that several sign, one checkpoint is kept. Each is also logged, so that a
    copy lies outside the database.
    """
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        fresh = select(AuditCheckpoint.chain).where(
            AuditCheckpoint.chain == AuditHead.chain,
            or_(col(AuditCheckpoint.sequence) >= col(AuditHead.sequence), col(AuditCheckpoint.at) > now - INTERVAL),
        )
        query = select(AuditHead).where(col(AuditHead.sequence) > 0, ~fresh.exists()).order_by(col(AuditHead.chain))
        signed = [_signed(context.keyring, head, now) for head in (await session.execute(query)).scalars()]
        if signed:
            rows = [checkpoint.model_dump() for checkpoint in signed]
            await session.execute(insert(AuditCheckpoint).on_conflict_do_nothing(), rows)
    for checkpoint in signed:
        told = {"chain": str(checkpoint.chain), "sequence": checkpoint.sequence, "hash": checkpoint.hash.hex()}
        log.info("audit_checkpoint", **told)
    return len(signed)


def _signed(keyring: Keyring, head: AuditHead, now: datetime) -> AuditCheckpoint:
    content = signed_content(head.chain, Head(head.sequence, head.hash), instant(now))
    return AuditCheckpoint(
        chain=head.chain, sequence=head.sequence, hash=head.hash, at=now, signature=keyring.sign_audit(content)
    )
