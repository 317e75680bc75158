"""How each item did in a sitting, over the gradings that count."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.domain.item_statistics import ItemGrades, ItemStatistics, of_paper
from app.domain.papers import PaperItem
from app.domain.states import AttemptState
from app.models.attempt import Attempt, AttemptPaper
from app.models.paper import Paper
from app.models.result import GradingRun, Result
from app.services import frozen_papers, sittings


@dataclass(frozen=True)
class ItemRow:
    form: str
    item: PaperItem
    statistics: ItemStatistics


async def of_sitting(session: AsyncSession, sitting_id: UUID) -> list[ItemRow]:
    """By form and position; attempts that were terminated or voided do not count. Raises Problem `not_found`."""
    await sittings.get(session, sitting_id)
    paper_ids = (await sittings.paper_ids(session, [sitting_id]))[sitting_id]
    contents = await frozen_papers.contents(session, set(paper_ids))
    forms = await _forms(session, paper_ids)
    graded = await _graded(session, sitting_id)
    return [
        ItemRow(forms[paper_id], item, statistics)
        for paper_id in paper_ids
        for item, statistics in zip(
            contents[paper_id].items, of_paper(contents[paper_id], graded.get(paper_id, [])), strict=True
        )
    ]


async def _forms(session: AsyncSession, paper_ids: Sequence[UUID]) -> dict[UUID, str]:
    query = select(Paper.id, Paper.form).where(col(Paper.id).in_(paper_ids))
    return dict((await session.execute(query)).all())


async def _graded(session: AsyncSession, sitting_id: UUID) -> dict[UUID, list[ItemGrades]]:
    """Per paper the items of each grading that counts; without those that the release before wrote meanwhile."""
    query = (
        select(AttemptPaper.paper_id, GradingRun.answers, GradingRun.points)
        .join(Result, (col(Result.sitting_id) == sitting_id) & (col(Result.attempt_id) == col(AttemptPaper.attempt_id)))
        .join(GradingRun, (col(GradingRun.sitting_id) == sitting_id) & (col(GradingRun.id) == col(Result.run_id)))
        .join(Attempt, (col(Attempt.sitting_id) == sitting_id) & (col(Attempt.id) == col(Result.attempt_id)))
        .where(
            AttemptPaper.sitting_id == sitting_id,
            Attempt.state == AttemptState.submitted,
            func.jsonb_array_length(col(GradingRun.answers)) > 0,
        )
    )
    graded: dict[UUID, list[ItemGrades]] = {}
    for paper_id, answers, points in (await session.execute(query)).all():
        graded.setdefault(paper_id, []).append(ItemGrades(answers, points))
    return graded
