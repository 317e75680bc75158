"""The audit log: every state change, command, grant, login, export and key read, in the transaction it belongs to.

Events are collected while a transaction does its work. The database appends them to their chains when it commits, so
that the lock on the head of a chain is held no longer than the commit takes, however busy this process is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import before_commit
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.audit_chain import START, Content, Head, chain_of, content_digest, event_content
from app.models.audit import AuditBatch, AuditHead

RECORDED = "audit_events"
"""Of `session.info`: the events to be appended, by chain."""


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
    """Adds one event to the session's transaction, which then stands for what it tells: call it after what may fail.

    `details` hold no personal data. Raises ValueError when they hold a fraction.
    """
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
    """Gives the recorded events to the database, which links them when the transaction commits, or else refuses it."""
    recorded: dict[UUID, list[Content]] = session.info.pop(RECORDED)
    chains = sorted(recorded)
    events = [
        {"chain": str(chain), "step": step, **event}
        for chain in chains
        for step, event in enumerate(recorded[chain], start=1)
    ]
    digests = [b"".join(map(content_digest, recorded[chain])) for chain in chains]
    session.add(AuditBatch(events=events, chains=chains, digests=digests))


async def head(session: AsyncSession, sitting_id: UUID | None) -> Head:
    """How far the sitting's chain had come at the last commit."""
    found = await session.get(AuditHead, chain_of(sitting_id), populate_existing=True)
    return START if found is None else Head(found.sequence, found.hash)
