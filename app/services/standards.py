"""National occupational standards: loading, and reading parsed; editions never change and are kept in memory."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import digest
from app.core.ids import new_id
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.standard import Standard, parse_standard
from app.models.standard import StandardEdition
from app.services import audit

_parsed: dict[str, Standard] = {}
_hashes: dict[UUID, str] = {}


async def load(session: AsyncSession, text: str, actor: Actor, now: datetime) -> StandardEdition:
    """The edition of the document in `text` (YAML or JSON); loading the same content again changes nothing.

    Raises Problem `standard_invalid` (422), or `standard_edition_immutable` (409) when the edition is loaded with
    other content.
    """
    standard = await asyncio.to_thread(parse_standard, text)
    document = standard.model_dump(mode="json")
    loaded = StandardEdition(
        id=new_id(),
        code=standard.code,
        edition=standard.edition,
        title=standard.title,
        document=document,
        content_hash=digest(document),
        loaded_at=now,
    )
    claimed = await session.execute(
        insert(StandardEdition).values(loaded.model_dump()).on_conflict_do_nothing().returning(col(StandardEdition.id))
    )
    is_new = claimed.first() is not None
    edition = await _edition(session, standard.code, standard.edition)
    if edition.content_hash != loaded.content_hash:
        raise Problem("standard_edition_immutable", standard=standard.code, edition=standard.edition)
    if is_new:
        details = {"code": edition.code, "edition": edition.edition, "content_hash": edition.content_hash}
        audit.record(session, actor, "standard.load", "standard", edition.id, at=now, details=details)
    return edition


async def list_(session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[StandardEdition]:
    """In the order of loading; up to `limit + 1`, so that the caller sees whether there are more."""
    query = select(StandardEdition).order_by(col(StandardEdition.id)).limit(limit + 1)
    if after is not None:
        query = query.where(col(StandardEdition.id) > after)
    return (await session.execute(query)).scalars().all()


async def of_code(session: AsyncSession, code: str | None) -> dict[UUID, Standard]:
    """All editions of the standard, or of every standard, parsed, by id."""
    query = select(StandardEdition)
    if code is not None:
        query = query.where(StandardEdition.code == code)
    return {edition.id: parsed(edition) for edition in (await session.execute(query)).scalars()}


async def get(session: AsyncSession, code: str, edition: str | None = None) -> tuple[StandardEdition, Standard]:
    """The edition, the newest when none is named. Raises Problem `standard_not_loaded` (404)."""
    row = await _edition(session, code, edition)
    return row, parsed(row)


async def by_id(session: AsyncSession, edition_id: UUID) -> Standard:
    """The parsed standard, read from the database once per process. Raises Problem `not_found`."""
    known = _parsed.get(_hashes.get(edition_id, ""))
    if known is not None:
        return known
    edition = await session.get(StandardEdition, edition_id)
    if edition is None:
        raise Problem("not_found", what=str(edition_id))
    return parsed(edition)


async def lock(session: AsyncSession, edition_id: UUID) -> None:
    """Holds the edition until the transaction ends, so that its bank has one writer of new codes at a time."""
    query = select(StandardEdition.id).where(StandardEdition.id == edition_id).with_for_update(key_share=True)
    (await session.execute(query)).scalar_one()


def parsed(edition: StandardEdition) -> Standard:
    """The standard in the document, parsed once per process and content."""
    standard = _parsed.get(edition.content_hash)
    if standard is None:
        standard = _parsed[edition.content_hash] = Standard.model_validate(edition.document)
    _hashes[edition.id] = edition.content_hash
    return standard


async def _edition(session: AsyncSession, code: str, edition: str | None) -> StandardEdition:
    query = select(StandardEdition).where(StandardEdition.code == code)
    if edition is not None:
        query = query.where(StandardEdition.edition == edition)
    row = (await session.execute(query.order_by(col(StandardEdition.edition).desc()).limit(1))).scalar_one_or_none()
    if row is None:
        raise Problem("standard_not_loaded", standard=code if edition is None else f"{code} ({edition})")
    return row
