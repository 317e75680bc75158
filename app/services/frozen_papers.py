"""Papers as the candidates of frozen sittings have them; contents never change and are kept in memory."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.papers import PaperContent
from app.models.paper import Paper

KEPT = 256

_contents: dict[UUID, PaperContent] = {}


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
