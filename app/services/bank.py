"""Loading bank documents: all rows or none, in a constant number of statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from app.core.canonical import digest
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.bank_import import Bank, HeldVersion, RowOutcome, RowPlan, check_rows, plan_row
from app.domain.item_states import ItemState
from app.domain.items import ItemDocument, content_hash
from app.domain.key_access import reads_keys
from app.models.item import Item, ItemVersion
from app.models.standard import StandardEdition
from app.services import audit, item_keys, standards
from app.services.items import version_of


@dataclass(frozen=True)
class Loaded:
    """How many items were new, got a new version or were activated, and stayed as they were."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Planned:
    """What a load does: `rows` in the order of the bank, `item_ids` of the items held, by code."""

    edition: StandardEdition
    item_ids: dict[str, UUID]
    rows: tuple[tuple[ItemDocument, RowPlan], ...]


async def load(session: AsyncSession, bank: Bank, state: ItemState, actor: Actor, now: datetime) -> Loaded:
    """Loads all rows; new and changed ones become versions in `state`, draft or active.

    Loading as active is without review: it replaces the versions active before. Pending versions are replaced as by an
    edit. A row of an item whose key the actor may not read always makes a version: its being unchanged would tell the
    key. Raises Problem `not_found` for the edition, `bank_invalid` (422) with the place of every wrong row.
    """
    planned = await plan(session, bank, state, actor)
    edition, plans = planned.edition, planned.rows
    new_ids = {item.code: new_id() for item, plan in plans if plan.outcome is RowOutcome.created}
    item_ids = planned.item_ids | new_ids
    new_items: list[dict[str, Any]] = [
        {"id": item_id, "standard_id": edition.id, "code": code, "created_at": now} for code, item_id in new_ids.items()
    ]
    new_versions = [
        {**version_of(item_ids[item.code], item, plan.number, state), "created_at": now, "created_by": actor.id}
        for item, plan in plans
        if plan.number is not None
    ]
    await _set_state(session, [version_id for _, plan in plans for version_id in plan.retired], ItemState.retired)
    await _set_state(session, [plan.activated for _, plan in plans if plan.activated], ItemState.active)
    await _insert(session, Item, new_items)
    await _insert(session, ItemVersion, new_versions)
    outcomes = Counter(plan.outcome for _, plan in plans)
    loaded = Loaded(**{outcome.value: outcomes[outcome] for outcome in RowOutcome})
    rows_hash = digest(sorted([item.code, content_hash(item)] for item, _ in plans))
    details = {"state": state, "rows_hash": rows_hash, **asdict(loaded)}
    audit.record(session, actor, "bank.load", "standard", edition.id, at=now, details=details)
    return loaded


async def plan(session: AsyncSession, bank: Bank, state: ItemState, actor: Actor) -> Planned:
    """What `load` with the same arguments would do, and nothing is done. Raises Problem as it does.

    The items stay locked until the transaction ends.
    """
    edition, standard = await standards.get(session, bank.standard, bank.edition)
    await standards.lock(session, edition.id)
    item_ids = await _lock_items(session, edition.id)
    check_rows(bank.rows, standard.points_by_id, item_ids.keys())
    locked = await item_keys.locked_items(session, item_ids.values())
    hidden = {item_id for item_id in item_ids.values() if not reads_keys(actor, locked=item_id in locked)}
    held = await _versions(session, edition.id, hidden)
    rows = tuple((row.item, plan_row(row.item, held[item_ids.get(row.item.code)], state)) for row in bank.rows)
    return Planned(edition, item_ids, rows)


async def _lock_items(session: AsyncSession, edition_id: UUID) -> dict[str, UUID]:
    """The ids of all items of the bank by code, locked so that none is edited meanwhile."""
    query = select(Item).where(Item.standard_id == edition_id).order_by(col(Item.id)).with_for_update(key_share=True)
    return {item.code: item.id for item in (await session.execute(query)).scalars()}


async def _versions(
    session: AsyncSession, edition_id: UUID, hidden: Set[UUID]
) -> Mapping[UUID | None, list[HeldVersion]]:
    """The versions of each item of the bank; none for others. Those of hidden items are like no content."""
    query = (
        select(ItemVersion).join(Item, col(Item.id) == col(ItemVersion.item_id)).where(Item.standard_id == edition_id)
    )
    held: defaultdict[UUID | None, list[HeldVersion]] = defaultdict(list)
    for row in (await session.execute(query)).scalars():
        like = "" if row.item_id in hidden else row.content_hash
        held[row.item_id].append(HeldVersion(row.id, row.version, ItemState(row.state), like))
    return held


async def _set_state(session: AsyncSession, version_ids: Iterable[UUID], state: ItemState) -> None:
    await session.execute(update(ItemVersion).where(col(ItemVersion.id).in_(version_ids)).values(state=state))


async def _insert(session: AsyncSession, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(table), rows)
