"""Refresh tokens: one use each, in families that end together (RFC 9700, 4.14.2). Only their SHA-256 is stored.

Whoever uses or revokes tokens locks the account first, so that no token of a family is made while the family ends.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.ids import new_id
from app.models.staff import RefreshToken, Staff

TOKEN_BYTES = 32


async def find(session: AsyncSession, token: str) -> RefreshToken | None:
    """The token as it is now, with its account locked until the transaction ends."""
    link = await session.get(RefreshToken, _hash(token))
    if link is not None:
        await session.get_one(Staff, link.staff_id, with_for_update=True)
        await session.refresh(link)
    return link


async def use(session: AsyncSession, link: RefreshToken, now: datetime) -> bool:
    """Marks the token used; False when it was used, revoked or has expired. Of several at once exactly one wins."""
    used = await session.execute(
        update(RefreshToken)
        .where(
            col(RefreshToken.token_hash) == link.token_hash,
            col(RefreshToken.used_at).is_(None),
            col(RefreshToken.revoked_at).is_(None),
            col(RefreshToken.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(RefreshToken.token_hash))
    )
    return used.first() is not None


def issue(
    session: AsyncSession,
    staff_id: UUID,
    *,
    family: UUID | None,
    scopes: list[str] | None,
    now: datetime,
    life: timedelta,
) -> str:
    """A new token of the family, of a new one when it is None."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        RefreshToken(
            token_hash=_hash(token),
            family=family or new_id(),
            staff_id=staff_id,
            scopes=scopes,
            issued_at=now,
            expires_at=now + life,
        )
    )
    return token


async def revoke_family(session: AsyncSession, family: UUID, now: datetime) -> bool:
    """Ends a login; False when it had ended before."""
    return await _revoke(session, col(RefreshToken.family) == family, now)


async def revoke_all(session: AsyncSession, staff_id: UUID, now: datetime) -> bool:
    """Ends all logins of an account; False when there were none."""
    return await _revoke(session, col(RefreshToken.staff_id) == staff_id, now)


async def _revoke(session: AsyncSession, which: ColumnElement[bool], now: datetime) -> bool:
    revoked = await session.execute(
        update(RefreshToken)
        .where(which, col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(RefreshToken.token_hash))
    )
    return revoked.first() is not None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
