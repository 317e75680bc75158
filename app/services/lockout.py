"""Lockout after repeated failures to log in, of staff and of candidates."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.problems import Problem
from app.models.staff import LoginFailure


@dataclass(frozen=True)
class Policy:
    """After so many failures in a row the subject is locked for `span` from the last one."""

    failures: int
    span: timedelta


async def begin(session: AsyncSession, subject: str, policy: Policy, now: datetime) -> int:
    """Counts a try as a failure before it is checked, so that tries at once cannot pass the limit together.

    Returns the failures in a row with this one; `succeeded` forgets them. Raises Problem `locked_out` (429).
    """
    held = insert(LoginFailure).values(subject=subject, failures=0, last_at=now)
    held = held.on_conflict_do_update(index_elements=["subject"], set_={"subject": subject})
    failure = (await session.execute(held.returning(LoginFailure))).scalar_one()
    _refuse_locked(failure, policy, now)
    failure.failures = 1 if failure.failures >= policy.failures else failure.failures + 1
    failure.last_at = now
    return failure.failures


async def succeeded(session: AsyncSession, subject: str) -> None:
    await session.execute(delete(LoginFailure).where(col(LoginFailure.subject) == subject))


def _refuse_locked(failure: LoginFailure, policy: Policy, now: datetime) -> None:
    left = math.ceil((failure.last_at + policy.span - now).total_seconds())
    if failure.failures >= policy.failures and left > 0:
        raise Problem("locked_out", seconds=left, headers={"Retry-After": str(left)})
