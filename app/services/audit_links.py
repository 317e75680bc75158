"""The chains of the audit log as they are stored, link by link, in bounded memory."""

import json
from collections.abc import AsyncGenerator
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.audit_chain import Checkpoint, Head, Link

BATCH = 1000
"""Links held in memory at a time."""

LAST = 2**63 - 1

LINKS = text("""
SELECT event.sequence, event.previous_hash, event.hash, checkpoint.sequence AS signed_sequence,
    checkpoint.hash AS signed_hash, checkpoint.signature,
    to_char(checkpoint.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS signed_at,
    jsonb_build_object(
        'id', event.id, 'sitting_id', event.sitting_id,
        'at', to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'actor_kind', event.actor_kind, 'actor_id', event.actor_id, 'action', event.action, 'subject', event.subject,
        'subject_id', event.subject_id, 'details', event.details, 'request_id', event.request_id
    )::text AS content
FROM audit_event AS event LEFT JOIN audit_checkpoint AS checkpoint USING (chain, sequence)
WHERE chain = :chain AND sequence <= :last ORDER BY sequence
""")
"""With the contents as `event_content` makes them, read as text: so that whatever stands there can be read."""

NEWEST_CHECKPOINT = text("""
SELECT sequence AS signed_sequence, hash AS signed_hash, signature,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS signed_at
FROM audit_checkpoint WHERE chain = :chain ORDER BY sequence DESC LIMIT 1
""")


async def links(
    session: AsyncSession, chain: UUID, last: int = LAST
) -> AsyncGenerator[tuple[Link, Checkpoint | None], None]:
    """In order, up to the sequence `last`; each with what was signed of it."""
    rows = await session.stream(LINKS, {"chain": chain, "last": last}, execution_options={"yield_per": BATCH})
    async for row in rows.mappings():
        yield _link(row), None if row["signed_sequence"] is None else _checkpoint(chain, row)


async def newest_checkpoint(session: AsyncSession, chain: UUID) -> Checkpoint | None:
    row = (await session.execute(NEWEST_CHECKPOINT, {"chain": chain})).mappings().one_or_none()
    return None if row is None else _checkpoint(chain, row)


def _link(row: RowMapping) -> Link:
    try:
        content = json.loads(row["content"])
    except ValueError:  # a number longer than Python reads, which nobody recorded
        content = {"unreadable": row["content"]}
    return Link(row["sequence"], row["previous_hash"], row["hash"], content)


def _checkpoint(chain: UUID, row: RowMapping) -> Checkpoint:
    return Checkpoint(chain, Head(row["signed_sequence"], row["signed_hash"]), row["signed_at"], row["signature"])
