"""Reading the audit log: events by what they are about, and how far the chains have come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.models.audit import AuditCheckpoint, AuditEvent, AuditHead


@dataclass(frozen=True)
class Filter:
    """What is looked for; None is anything. `action` is how the action begins; from `since` on, before `until`.

    `newest_first` turns the order round.
    """

    subject: str | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


@dataclass(frozen=True)
class HeadRow:
    """How far a chain has come, and what was signed of it last."""

    head: AuditHead
    checkpoint: AuditCheckpoint | None


async def of_chain(
    session: AsyncSession, chain: UUID, sought: Filter, *, after: int | None, limit: int
) -> list[AuditEvent]:
    """In the order of the chain; up to `limit + 1`, so that the caller sees whether there are more."""
    query = _in_order(_matching(sought), col(AuditEvent.sequence), sought, after).where(AuditEvent.chain == chain)
    return list((await session.execute(query.limit(limit + 1))).scalars())


async def of_all(session: AsyncSession, sought: Filter, *, after: UUID | None, limit: int) -> list[AuditEvent]:
    """Of all chains, in the order in which they were recorded; up to `limit + 1`."""
    query = _in_order(_matching(sought), col(AuditEvent.id), sought, after)
    return list((await session.execute(query.limit(limit + 1))).scalars())


async def heads(session: AsyncSession, *, chain: UUID | None, after: UUID | None, limit: int) -> list[HeadRow]:
    """By chain, `chain` alone when given; up to `limit + 1`."""
    newest = (
        select(AuditCheckpoint)
        .where(AuditCheckpoint.chain == AuditHead.chain)
        .order_by(col(AuditCheckpoint.sequence).desc())
        .limit(1)
        .lateral()
    )
    signed = aliased(AuditCheckpoint, newest)
    query = select(AuditHead, signed).outerjoin(signed, true()).order_by(col(AuditHead.chain)).limit(limit + 1)
    if chain is not None:
        query = query.where(AuditHead.chain == chain)
    if after is not None:
        query = query.where(col(AuditHead.chain) > after)
    return [HeadRow(*row) for row in (await session.execute(query)).all()]


def _in_order(
    query: SelectOfScalar[AuditEvent], column: Mapped[Any], sought: Filter, after: UUID | int | None
) -> SelectOfScalar[AuditEvent]:
    if after is not None:
        query = query.where(column < after if sought.newest_first else column > after)
    return query.order_by(column.desc() if sought.newest_first else column)


def _matching(sought: Filter) -> SelectOfScalar[AuditEvent]:
    query = select(AuditEvent)
    for name in ("subject", "subject_id", "actor_id"):
        if (value := getattr(sought, name)) is not None:
            query = query.where(getattr(AuditEvent, name) == value)
    if sought.action is not None:
        query = query.where(col(AuditEvent.action).startswith(sought.action, autoescape=True))
    if sought.since is not None:
        query = query.where(col(AuditEvent.at) >= sought.since)
    if sought.until is not None:
        query = query.where(col(AuditEvent.at) < sought.until)
    return query
