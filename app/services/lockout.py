"""Lockout after repeated failures to log in, of staff and of candidates.

Failures are counted per name and network address, so that nobody locks another out from elsewhere. A name that is tried
from many addresses may have a looser limit for all of them together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.problems import Problem
from app.models.staff import LoginFailure


@dataclass(frozen=True)
class Limit:
    """After so many failures in a row, none of them `span` after the one before, `subject` is locked for `span`."""

    subject: str
    failures: int
    span: timedelta


def at_address(name: str, address: str) -> str:
    """The subject of one name at one network address."""
    return f"{name}@{address}"


async def begin(session: AsyncSession, limits: Sequence[Limit], now: datetime) -> bool:
    """Counts a try as a failure before it is checked, so that tries at once cannot pass a limit together.

    Returns whether this failure reaches a limit; `succeeded` forgets them. Raises Problem `locked_out` (429), and
    then counts nothing. Callers give the limits in one order, so that they do not wait for each other in a circle.
    """
    held = [await _hold(session, limit, now) for limit in limits]
    for failure, limit in zip(held, limits, strict=True):
        _refuse_locked(failure, limit, now)
    for failure, limit in zip(held, limits, strict=True):
        failure.failures = 1 if failure.last_at + limit.span <= now else failure.failures + 1
        failure.last_at = now
    return any(failure.failures == limit.failures for failure, limit in zip(held, limits, strict=True))


async def succeeded(session: AsyncSession, limits: Sequence[Limit]) -> None:
    subjects = [limit.subject for limit in limits]
    await session.execute(delete(LoginFailure).where(col(LoginFailure.subject).in_(subjects)))


async def unlock(session: AsyncSession, name: str) -> None:
    """Forgets the failures of a name, at every address."""
    everywhere = col(LoginFailure.subject).startswith(at_address(name, ""), autoescape=True)
    await session.execute(delete(LoginFailure).where((col(LoginFailure.subject) == name) | everywhere))


async def _hold(session: AsyncSession, limit: Limit, now: datetime) -> LoginFailure:
    held = insert(LoginFailure).values(subject=limit.subject, failures=0, last_at=now)
    held = held.on_conflict_do_update(index_elements=["subject"], set_={"subject": limit.subject})
    return (await session.execute(held.returning(LoginFailure))).scalar_one()


def _refuse_locked(failure: LoginFailure, limit: Limit, now: datetime) -> None:
    left = math.ceil((failure.last_at + limit.span - now).total_seconds())
    if failure.failures >= limit.failures and left > 0:
        raise Problem("locked_out", seconds=left, headers={"Retry-After": str(left)})
