"""Papers as the candidates of frozen sittings have them; contents never change and are kept in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.keyed import Key
from app.core.problems import Problem
from app.domain.papers import PaperContent
from app.models.attempt import Attempt
from app.models.paper import Paper

KEPT = 256

_contents: dict[UUID, PaperContent] = {}


class Frozen(NamedTuple):
    """What was frozen for an attempt; `layout` is a `Layout` as JSON."""

    ticket_number: str
    paper_id: UUID
    paper_hash: str
    frozen_hash: str
    layout: Any


FROZEN = text("""
SELECT given.sitting_id, given.attempt_id, entry.ticket_number, frozen.paper_id, paper.content_hash, frozen.frozen_hash,
    frozen.layout
FROM unnest(CAST(:sitting_ids AS uuid[]), CAST(:attempt_ids AS uuid[]), CAST(:entry_ids AS uuid[]))
    AS given (sitting_id, attempt_id, entry_id)
JOIN attempt_paper AS frozen ON frozen.sitting_id = given.sitting_id AND frozen.attempt_id = given.attempt_id
JOIN entry ON entry.sitting_id = given.sitting_id AND entry.id = given.entry_id
JOIN paper ON paper.id = frozen.paper_id
""").columns(layout=JSONB())


async def of_attempts(session: AsyncSession, of: Sequence[Attempt]) -> dict[Key, Frozen]:
    """What was frozen for each of the attempts."""
    values = {
        "sitting_ids": [attempt.sitting_id for attempt in of],
        "attempt_ids": [attempt.id for attempt in of],
        "entry_ids": [attempt.entry_id for attempt in of],
    }
    return {(row[0], row[1]): Frozen(*row[2:]) for row in await session.execute(FROZEN, values)}


async def contents(session: AsyncSession, paper_ids: set[UUID]) -> dict[UUID, PaperContent]:
    """The contents of the papers, read from the database once per process.

    Raises Problem `paper_damaged` (500) when a content no longer has the hash it was sealed with.
    """
    found = {paper_id: _contents[paper_id] for paper_id in paper_ids & _contents.keys()}
    lacking = paper_ids - found.keys()
    if lacking:
        for paper in (await session.execute(select(Paper).where(col(Paper.id).in_(lacking)))).scalars():
            content = PaperContent.model_validate(paper.content)
            if content.content_hash != paper.content_hash:
                raise Problem("paper_damaged", paper=str(paper.id))
            found[paper.id] = content
        _keep(found)
    return found


def _keep(contents: Mapping[UUID, PaperContent]) -> None:
    _contents.update(contents)
    while len(_contents) > KEPT:
        _contents.pop(next(iter(_contents)))
