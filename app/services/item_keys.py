"""The keys of items: locked while a sealed paper that is in use holds them, and every reading is recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.actors import Actor
from app.domain.key_access import LOCKING, reads_keys
from app.models.item import Item, ItemVersion
from app.models.paper import PaperItemVersion
from app.models.sitting import Sitting, SittingPaper
from app.services import audit


@dataclass(frozen=True)
class KeyView:
    """Of the items of an answer: which are locked, and of which the reader sees the keys. By id."""

    locked: frozenset[UUID]
    readable: frozenset[UUID]


async def view(session: AsyncSession, actor: Actor, items: Sequence[Item], now: datetime) -> KeyView:
    """What the actor may see of these items' keys; the reading is recorded, in one event for all of them."""
    locked = await locked_items(session, [item.id for item in items])
    read = [item for item in items if reads_keys(actor, locked=item.id in locked)]
    if read:
        subject = read[0].id if len(read) == 1 else None
        codes = [item.code for item in read]
        audit.record(session, actor, "item.read_keys", "item", subject, at=now, details={"codes": codes})
    return KeyView(locked, frozenset(item.id for item in read))


async def locked_items(session: AsyncSession, item_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of which any version stands in a paper of a sitting that is frozen and not yet published.

    All versions of such an item are locked: one written since may have the same key.
    """
    query = (
        select(ItemVersion.item_id)
        .join(PaperItemVersion, col(PaperItemVersion.item_version_id) == col(ItemVersion.id))
        .join(SittingPaper, col(SittingPaper.paper_id) == col(PaperItemVersion.paper_id))
        .join(Sitting, col(Sitting.id) == col(SittingPaper.sitting_id))
        .where(
            col(ItemVersion.item_id).in_(item_ids), col(Sitting.state).in_(LOCKING), col(Sitting.rehearsal).is_(False)
        )
        .distinct()
    )
    return frozenset((await session.execute(query)).scalars())
