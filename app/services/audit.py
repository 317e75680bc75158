"""The audit log: every state change, command, grant, login, export and key read, in the transaction it belongs to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.actors import Actor
from app.models.audit import AuditEvent


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
    """Adds one event to the session's transaction. `details` hold no personal data."""
    session.add(
        AuditEvent(
            sitting_id=sitting_id,
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            details=dict(details or {}),
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
        )
    )


async def list_(
    session: AsyncSession, *, sitting_id: UUID | None, subject_id: UUID | None, after: UUID | None, limit: int
) -> list[AuditEvent]:
    """In the order they were written; up to `limit + 1`, so that the caller sees whether there are more."""
    query = select(AuditEvent).order_by(col(AuditEvent.id)).limit(limit + 1)
    if sitting_id is not None:
        query = query.where(AuditEvent.sitting_id == sitting_id)
    if subject_id is not None:
        query = query.where(AuditEvent.subject_id == subject_id)
    if after is not None:
        query = query.where(col(AuditEvent.id) > after)
    return list((await session.execute(query)).scalars())
