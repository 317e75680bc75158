"""Loaded standards: immutable editions, parsed once per process."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.canonical import digest
from app.core.ids import new_id
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.standard import Standard, parse_standard
from app.models.standard import StandardEdition
from app.services import audit

_parsed: dict[UUID, Standard] = {}


async def load(session: AsyncSession, text: str, actor: Actor, now: datetime) -> StandardEdition:
    """Loads an edition; loading the same again changes nothing.

    Raises Problem `standard_invalid` naming each place, `standard_edition_immutable` when the edition is loaded with
    another content.
    """
    standard = parse_standard(text)
    document = standard.model_dump(mode="json")
    content_hash = digest(document)
    known = await _edition(session, standard.code, standard.edition)
    if known is not None:
        if known.content_hash != content_hash:
            raise Problem("standard_edition_immutable", code=standard.code, edition=standard.edition)
        return known
    edition = StandardEdition(
        id=new_id(),
        code=standard.code,
        edition=standard.edition,
        title=standard.title,
        document=document,
        content_hash=content_hash,
        loaded_at=now,
    )
    session.add(edition)
    await session.flush()
    audit.record(
        session, actor, "standard.load", "standard", edition.id, at=now, details={"content_hash": content_hash}
    )
    return edition


async def list_(session: AsyncSession) -> list[StandardEdition]:
    query = select(StandardEdition).order_by(col(StandardEdition.code), col(StandardEdition.edition).desc())
    return list((await session.execute(query)).scalars())


async def get(session: AsyncSession, code: str, edition: str | None = None) -> tuple[StandardEdition, Standard]:
    """The edition asked for, else the newest. Raises Problem `not_found`."""
    found = await _edition(session, code, edition)
    if found is None:
        raise Problem("not_found", what=code if edition is None else f"{code} {edition}")
    return found, _parse(found)


async def by_id(session: AsyncSession, standard_id: UUID) -> Standard:
    if standard_id in _parsed:
        return _parsed[standard_id]
    return _parse(await session.get_one(StandardEdition, standard_id))


def _parse(edition: StandardEdition) -> Standard:
    if edition.id not in _parsed:
        _parsed[edition.id] = Standard.model_validate(edition.document)
    return _parsed[edition.id]


async def _edition(session: AsyncSession, code: str, edition: str | None) -> StandardEdition | None:
    query = select(StandardEdition).where(StandardEdition.code == code)
    if edition is not None:
        query = query.where(StandardEdition.edition == edition)
    newest = query.order_by(col(StandardEdition.edition).desc()).limit(1)
    return (await session.execute(newest)).scalar_one_or_none()
