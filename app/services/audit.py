"""The audit log: every state change, command, grant, login, export and key read, in the transaction it belongs to.

Events are collected while a transaction does its work and appended to their chains as its last step, so that the lock
on the head of a chain is held over the append and the commit only.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.canonical import canonical_json
from app.core.database import before_commit
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.audit_chain import START, Content, Head, chain_of, content_digest, event_content
from app.models.audit import AuditHead

RECORDED = "audit_events"
"""Of `session.info`: the events to be appended, by chain."""

APPEND = text("""
WITH RECURSIVE
given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS event(
        chain uuid, step bigint, id uuid, sitting_id uuid, at timestamptz, actor_kind text, actor_id uuid, action text,
        subject text, subject_id uuid, details jsonb, request_id text
    )
),
digests AS (SELECT * FROM unnest(CAST(:chains AS uuid[]), CAST(:digests AS bytea[])) AS of(chain, digests)),
known AS (SELECT count(*) AS heads FROM audit_head WHERE chain = ANY(CAST(:chains AS uuid[]))),
head AS (
    SELECT chain, sequence, hash FROM audit_head
    WHERE chain = ANY(CAST(:chains AS uuid[])) AND (SELECT heads FROM known) = cardinality(CAST(:chains AS uuid[]))
    ORDER BY chain FOR NO KEY UPDATE
),
link AS (
    SELECT chain, CAST(0 AS bigint) AS step, sequence, CAST(NULL AS bytea) AS previous_hash, hash FROM head
    UNION ALL
    SELECT chain, step + 1, sequence + 1, hash,
        sha256(hash || int8send(sequence + 1) || substr(digests, CAST(32 * step AS int) + 1, 32))
    FROM link JOIN digests USING (chain)
    WHERE 32 * step < length(digests)
),
appended AS (
    INSERT INTO audit_event (
        chain, sequence, id, sitting_id, at, actor_kind, actor_id, action, subject, subject_id, details, request_id,
        previous_hash, hash
    )
    SELECT chain, sequence, id, sitting_id, at, actor_kind, actor_id, action, subject, subject_id, details, request_id,
        previous_hash, hash
    FROM link JOIN given USING (chain, step)
    RETURNING chain
),
moved AS (
    UPDATE audit_head SET sequence = last.sequence, hash = last.hash
    FROM (SELECT DISTINCT ON (chain) chain, sequence, hash FROM link ORDER BY chain, step DESC) AS last
    WHERE audit_head.chain = last.chain
)
SELECT count(*) FROM appended
""")
"""Locks the heads in one order, makes the links and moves the heads; when a head is missing it does nothing and holds
no lock, so that the missing ones can be made without a deadlock.

`digests` are per chain those of its events' contents, one after the other.
"""


def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: UUID | None,
    *,
    at: datetime,
    sitting_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds one event to the session's transaction. `details` hold no personal data and no fractions."""
    content = event_content(
        id=new_id(),
        sitting_id=sitting_id,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        subject_id=subject_id,
        details=details or {},
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
    )
    session.info.setdefault(RECORDED, {}).setdefault(chain_of(sitting_id), []).append(content)
    before_commit(session, append)


async def append(session: AsyncSession) -> None:
    """Writes the recorded events to their chains. Raises RuntimeError when one could not be written."""
    recorded: dict[UUID, list[Content]] = session.info.pop(RECORDED)
    await session.flush()
    if await _append(session, recorded) == 0:
        await _begin_chains(session, recorded)
        if await _append(session, recorded) == 0:
            raise RuntimeError("the audit log has no head for a chain")


async def head(session: AsyncSession, sitting_id: UUID | None) -> Head:
    """How far the sitting's chain had come at the last commit."""
    found = await session.get(AuditHead, chain_of(sitting_id), populate_existing=True)
    return START if found is None else Head(found.sequence, found.hash)


async def _append(session: AsyncSession, recorded: Mapping[UUID, Sequence[Content]]) -> int:
    """How many were appended: all, or none when a chain has no head."""
    chains = sorted(recorded)
    values = {
        "events": canonical_json(
            [
                {"chain": str(chain), "step": step, **event}
                for chain in chains
                for step, event in enumerate(recorded[chain], start=1)
            ]
        ).decode(),
        "chains": chains,
        "digests": [b"".join(map(content_digest, recorded[chain])) for chain in chains],
    }
    count: int = (await session.execute(APPEND, values)).scalar_one()
    return count


async def _begin_chains(session: AsyncSession, chains: Iterable[UUID]) -> None:
    heads = [{"chain": chain, "sequence": START.sequence, "hash": START.hash} for chain in sorted(chains)]
    await session.execute(insert(AuditHead).on_conflict_do_nothing(), heads)
