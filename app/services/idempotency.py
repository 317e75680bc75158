"""Repeated commands get the first answer (design, section 3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.keyring import Keyring
from app.core.problems import Problem
from app.models.audit import IdempotentAnswer


def request_hash(keyring: Keyring, method: str, path: str, body: bytes) -> str:
    """Keyed, so that what stands in the body (a password, an identity number) cannot be guessed from it."""
    return keyring.request_digest(b"\n".join([method.encode(), path.encode(), body]))


async def claim(session: AsyncSession, actor_id: UUID, key: str, hash_: str, now: datetime) -> Any | None:
    """Claims the key for this transaction; the remembered answer when it was used before, else None.

    A concurrent repeat waits here for the first to commit. Raises Problem `idempotency_key_reused` (422) when the
    key was used for another request.
    """
    claimed = await session.execute(
        insert(IdempotentAnswer)
        .values(actor_id=actor_id, key=key, request_hash=hash_, body=None, created_at=now)
        .on_conflict_do_nothing()
        .returning(col(IdempotentAnswer.key))
    )
    if claimed.first() is not None:
        return None
    known = await session.get_one(IdempotentAnswer, (actor_id, key))
    if known.request_hash != hash_:
        raise Problem("idempotency_key_reused")
    return known.body


async def remember(session: AsyncSession, actor_id: UUID, key: str, body: Any) -> None:
    await session.execute(
        update(IdempotentAnswer)
        .where(col(IdempotentAnswer.actor_id) == actor_id, col(IdempotentAnswer.key) == key)
        .values(body=body)
    )
