"""Lockout after repeated failures to log in, of staff and of candidates.

Failures are counted per name and network address, so that nobody locks another out from elsewhere. A name that is tried
from many addresses may have a looser limit for all of them together.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, DateTime, Text, bindparam, delete, text, update
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


@dataclass(frozen=True)
class Failures:
    """In a row, the last one `last_at`."""

    count: int
    last_at: datetime


HOLD = text("""
INSERT INTO login_failure (subject, failures, last_at)
SELECT subject, 0, :now FROM unnest(:subjects) AS subject
ON CONFLICT (subject) DO UPDATE SET subject = excluded.subject
RETURNING subject, failures, last_at
""").bindparams(bindparam("subjects", type_=ARRAY(Text)), bindparam("now", type_=DateTime(timezone=True)))


def at_address(name: str, address: str) -> str:
    """The subject of one name at one network address."""
    return f"{name}@{address}"


class Tries:
    """Tries to log in of one transaction, which holds what is known of their subjects until it ends."""

    def __init__(self, held: Mapping[str, Failures], now: datetime) -> None:
        self._before = held
        self._after = dict(held)
        self._now = now

    def begin(self, limits: Sequence[Limit]) -> bool:
        """Counts a try as a failure before it is checked, so that tries at once cannot pass a limit together.

        Returns whether this failure reaches a limit; `succeeded` forgets them. Raises Problem `locked_out` (429), and
        then counts nothing.
        """
        for limit in limits:
            _refuse_locked(self._after[limit.subject], limit, self._now)
        for limit in limits:
            before = self._after[limit.subject]
            count = 1 if before.last_at + limit.span <= self._now else before.count + 1
            self._after[limit.subject] = Failures(count, self._now)
        return any(self._after[limit.subject].count == limit.failures for limit in limits)

    def succeeded(self, limits: Sequence[Limit]) -> None:
        for limit in limits:
            self._after[limit.subject] = Failures(0, self._now)

    async def write(self, session: AsyncSession) -> None:
        await _forget(session, [subject for subject, failures in self._after.items() if not failures.count])
        counted = [
            {"subject": subject, "failures": failures.count, "last_at": failures.last_at}
            for subject, failures in self._after.items()
            if failures.count and failures != self._before[subject]
        ]
        if counted:
            await session.execute(update(LoginFailure), counted)


async def hold(session: AsyncSession, limits: Iterable[Limit], now: datetime) -> Tries:
    """In one order, so that transactions do not wait for each other in a circle."""
    subjects = sorted({limit.subject for limit in limits})
    held = {
        subject: Failures(count, last_at)
        for subject, count, last_at in await session.execute(HOLD, {"subjects": subjects, "now": now})
    }
    return Tries(held, now)


async def succeeded(session: AsyncSession, limits: Sequence[Limit]) -> None:
    await _forget(session, [limit.subject for limit in limits])


async def unlock(session: AsyncSession, name: str) -> None:
    """Forgets the failures of a name, at every address."""
    everywhere = col(LoginFailure.subject).startswith(at_address(name, ""), autoescape=True)
    await session.execute(delete(LoginFailure).where((col(LoginFailure.subject) == name) | everywhere))


async def _forget(session: AsyncSession, subjects: Sequence[str]) -> None:
    if subjects:
        await session.execute(delete(LoginFailure).where(col(LoginFailure.subject).in_(subjects)))


def _refuse_locked(failures: Failures, limit: Limit, now: datetime) -> None:
    left = math.ceil((failures.last_at + limit.span - now).total_seconds())
    if failures.count >= limit.failures and left > 0:
        raise Problem("locked_out", seconds=left, headers={"Retry-After": str(left)})
