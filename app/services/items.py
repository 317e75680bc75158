"""Items: written, reviewed, activated and retired; an edit is a new version, papers keep theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import digest
from app.core.ids import new_id
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.bank_files import read_item
from app.domain.item_states import ITEM_MOVES, PENDING, ItemCommand, ItemState, head
from app.domain.item_tags import reference_errors
from app.domain.items import ItemDocument, ItemType, content_hash
from app.domain.key_access import reads_keys, require_own_key
from app.domain.pool import PoolItem
from app.domain.standard import Standard
from app.domain.states import SittingState, move
from app.models.item import Item, ItemVersion
from app.models.paper import PaperItemVersion
from app.models.sitting import Sitting, SittingPaper
from app.models.standard import StandardEdition
from app.services import audit, item_keys, standards


@dataclass(frozen=True)
class BankItem:
    """An item with all its versions, the newest first, or in a list with the one that was asked for."""

    item: Item
    standard: Standard
    versions: tuple[ItemVersion, ...]

    @property
    def head(self) -> ItemVersion:
        return head(self.versions)

    @property
    def area(self) -> str:
        return self.standard.knowledge_point(self.head.knowledge_points[0]).area


@dataclass(frozen=True)
class ActivePool:
    """What papers are assembled from; `versions` by `PoolItem.version_id`, `version` is the state of the bank.

    `version` is the SHA-256 over code, content hash and uses of all items, by code.
    """

    pool: list[PoolItem]
    versions: dict[str, ItemVersion]
    version: str


async def create(
    session: AsyncSession,
    standard_code: str,
    edition: str | None,
    fields: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> BankItem:
    """A new item, a draft; `fields` as in ItemDocument.

    Raises Problem `not_found` for the standard, `item_invalid` (422), `item_code_taken` (409).
    """
    row, standard = await standards.get(session, standard_code, edition)
    document = read_item(fields)
    await standards.lock(session, row.id)
    known = await _known_codes(session, row.id, {document.code, *document.enemies})
    if document.code in known:
        raise Problem("item_code_taken", item=document.code)
    _require_references(document, standard, known)
    item = Item(id=new_id(), standard_id=row.id, code=document.code, created_at=now)
    session.add(item)
    await session.flush()
    version = await _add_version(session, item, document, 1, actor, now)
    audit.record(session, actor, "item.create", "item", item.id, at=now, details=_named(item, version))
    return BankItem(item, standard, (version,))


async def update(
    session: AsyncSession,
    item_id: UUID,
    changes: Mapping[str, Any],
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> BankItem:
    """The item with a new version, a draft, made of the version that stands for it; the same content makes none.

    An active version stays active; a pending one is replaced, that is retired. `expected_version` is the newest
    version that the caller has seen. For who may not read the item's key the same content makes a version too: its not
    being made would tell the key. Raises Problem `not_found`, `item_changed` (412), `item_invalid`, `item_key_needed`
    (422).
    """
    held = await _lock(session, item_id)
    sees_key = reads_keys(actor, locked=await _is_locked(session, item_id))
    if not sees_key:
        require_own_key(changes)
    newest = held.versions[0].version
    if expected_version is not None and expected_version != newest:
        raise Problem("item_changed", version=newest)
    document = read_item(document_of(held.item, held.head).model_dump() | dict(changes))
    if sees_key and content_hash(document) == held.head.content_hash:
        return held
    known = await _known_codes(session, held.item.standard_id, set(document.enemies))
    _require_references(document, held.standard, known)
    if held.head.state in PENDING:
        held.head.state = ItemState.retired
        await session.flush()
    version = await _add_version(session, held.item, document, newest + 1, actor, now)
    audit.record(session, actor, "item.update", "item", item_id, at=now, details=_named(held.item, version))
    return BankItem(held.item, held.standard, (version, *held.versions))


async def command(
    session: AsyncSession, item_id: UUID, name: ItemCommand, number: int | None, actor: Actor, now: datetime
) -> BankItem:
    """Moves version `number`, or the one that stands for the item, by the table of moves.

    Activating retires the version that was active; retiring without a number retires that one too, so that no version
    reaches papers any more. Raises Problem `not_found`, `invalid_transition` (409), or, for a review,
    `second_person_needed` (409) when the author reviews the own version and `item_locked` (409) when the key is locked.
    """
    held = await _lock(session, item_id)
    version = held.head if number is None else _numbered(held, number)
    target = move(ITEM_MOVES, name, ItemState(version.state))
    if name is ItemCommand.review:
        if version.created_by is not None and version.created_by == actor.id:
            raise Problem("second_person_needed")
        if await _is_locked(session, item_id) and not reads_keys(actor, locked=True):
            raise Problem("item_locked")
        version.reviewed_by = actor.id
    whole_item = name is ItemCommand.retire and number is None
    if target is ItemState.active or whole_item:
        for former in held.versions:
            if former.state == ItemState.active:
                former.state = ItemState.retired
        await session.flush()
    version.state = target
    await session.flush()
    audit.record(session, actor, f"item.{name}", "item", item_id, at=now, details=_named(held.item, version))
    return held


async def get(session: AsyncSession, item_id: UUID) -> BankItem:
    """Raises Problem `not_found`."""
    item = await session.get(Item, item_id)
    if item is None:
        raise Problem("not_found", what=str(item_id))
    return await _with_versions(session, item)


async def active_pool(session: AsyncSession, edition: StandardEdition, standard: Standard) -> ActivePool:
    """The active items by code, each with the number of sittings that use any version of it.

    Rehearsals, drafts and cancelled sittings do not count. The same items and uses give the same `version`.
    """
    uses = await _uses(session, edition.id)
    pool, versions, state = [], {}, []
    for item, version in await _active(session, edition.id):
        point = standard.knowledge_point(version.knowledge_points[0])
        pool.append(
            PoolItem(
                code=item.code,
                version_id=str(version.id),
                type=ItemType(version.type),
                area=point.area,
                group=point.group,
                points_ids=tuple(version.knowledge_points),
                level=version.level,
                difficulty=version.difficulty,
                enemies=frozenset(version.enemies),
                uses=uses.get(item.id, 0),
            )
        )
        versions[str(version.id)] = version
        state.append([item.code, version.content_hash, uses.get(item.id, 0)])
    return ActivePool(pool, versions, digest(state))


async def active_documents(session: AsyncSession, edition_id: UUID) -> list[ItemDocument]:
    """The active items of the bank as documents, by code."""
    return [document_of(item, version) for item, version in await _active(session, edition_id)]


def document_of(item: Item, version: ItemVersion) -> ItemDocument:
    fields = {name: getattr(version, name) for name in ItemDocument.model_fields if name != "code"}
    return ItemDocument(code=item.code, **fields)


def version_of(item_id: UUID, document: ItemDocument, number: int, state: ItemState) -> dict[str, Any]:
    """The columns of a version that holds the document, but for when and by whom it was made."""
    return {
        **document.model_dump(exclude={"code"}),
        "id": new_id(),
        "item_id": item_id,
        "version": number,
        "state": state,
        "content_hash": content_hash(document),
    }


def _require_references(document: ItemDocument, standard: Standard, known: frozenset[str]) -> None:
    if errors := list(reference_errors(document, standard.points_by_id, known)):
        raise Problem("item_invalid", errors=errors)


def _numbered(held: BankItem, number: int) -> ItemVersion:
    for version in held.versions:
        if version.version == number:
            return version
    raise Problem("not_found", what=f"{held.item.code} v{number}")


def _named(item: Item, version: ItemVersion) -> dict[str, Any]:
    return {"code": item.code, "version": version.version, "content_hash": version.content_hash}


async def _is_locked(session: AsyncSession, item_id: UUID) -> bool:
    return item_id in await item_keys.locked_items(session, [item_id])


async def _add_version(
    session: AsyncSession, item: Item, document: ItemDocument, number: int, actor: Actor, now: datetime
) -> ItemVersion:
    columns = version_of(item.id, document, number, ItemState.draft)
    version = ItemVersion(**columns, created_at=now, created_by=actor.id)
    session.add(version)
    await session.flush()
    return version


async def _lock(session: AsyncSession, item_id: UUID) -> BankItem:
    query = select(Item).where(Item.id == item_id).with_for_update(key_share=True)
    item = (await session.execute(query)).scalar_one_or_none()
    if item is None:
        raise Problem("not_found", what=str(item_id))
    return await _with_versions(session, item)


async def _with_versions(session: AsyncSession, item: Item) -> BankItem:
    query = select(ItemVersion).where(ItemVersion.item_id == item.id).order_by(col(ItemVersion.version).desc())
    versions = (await session.execute(query)).scalars().all()
    return BankItem(item, await standards.by_id(session, item.standard_id), tuple(versions))


async def _known_codes(session: AsyncSession, edition_id: UUID, codes: set[str]) -> frozenset[str]:
    query = select(Item.code).where(Item.standard_id == edition_id, col(Item.code).in_(codes))
    return frozenset((await session.execute(query)).scalars())


async def _active(session: AsyncSession, edition_id: UUID) -> list[tuple[Item, ItemVersion]]:
    query = (
        select(Item, ItemVersion)
        .join(ItemVersion, col(ItemVersion.item_id) == col(Item.id))
        .where(Item.standard_id == edition_id, ItemVersion.state == ItemState.active)
    )
    rows = [(item, version) for item, version in (await session.execute(query)).all()]
    return sorted(rows, key=lambda row: row[0].code)


async def _uses(session: AsyncSession, edition_id: UUID) -> dict[UUID, int]:
    query = (
        select(ItemVersion.item_id, func.count(col(Sitting.id).distinct()))
        .select_from(Sitting)
        .join(SittingPaper, col(SittingPaper.sitting_id) == col(Sitting.id))
        .join(PaperItemVersion, col(PaperItemVersion.paper_id) == col(SittingPaper.paper_id))
        .join(ItemVersion, col(ItemVersion.id) == col(PaperItemVersion.item_version_id))
        .where(
            Sitting.standard_id == edition_id,
            col(Sitting.rehearsal).is_(False),
            col(Sitting.state).not_in([SittingState.draft, SittingState.cancelled]),
        )
        .group_by(col(ItemVersion.item_id))
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}
