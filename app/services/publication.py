"""Publishing a sitting's results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.states import SITTING_MOVES, ResultState, SittingCommand, SittingState, move
from app.models.attempt import Attempt
from app.models.result import Result
from app.models.sitting import Sitting
from app.services import sittings


@dataclass(frozen=True)
class Publication:
    """`confirmed_unreviewed`: how many of the results nobody had confirmed before."""

    sitting: Sitting
    results: int
    confirmed_unreviewed: int


async def publish(
    session: AsyncSession, sitting_id: UUID, actor: Actor, now: datetime, *, confirm_unreviewed: bool
) -> Publication:
    """Publishes the results; those that nobody has confirmed are confirmed by it, if the actor says so.

    Raises Problem `invalid_transition`, `not_all_graded` while grading goes on, `results_unreviewed` (409).
    """
    sitting = await sittings.lock(session, sitting_id)
    move(SITTING_MOVES, SittingCommand.publish, SittingState(sitting.state))
    ungraded = select(func.count()).where(Attempt.sitting_id == sitting_id, col(Attempt.grading_needed))
    if count := (await session.execute(ungraded)).scalar_one():
        raise Problem("not_all_graded", count=count)
    results = await _locked_results(session, sitting_id)
    unreviewed = [result for result in results if result.state is ResultState.graded]
    if unreviewed and not confirm_unreviewed:
        raise Problem("results_unreviewed", count=len(unreviewed), extra={"unreviewed": len(unreviewed)})
    for result in unreviewed:
        result.confirmed_by = actor.id
    for result in results:
        result.state = ResultState.published
        result.published_at = now
    sitting.published_at = now
    counts = {"results": len(results), "confirmed_unreviewed": len(unreviewed)}
    sittings.write(session, sitting, SittingCommand.publish, actor, now, **counts)
    return Publication(sitting, **counts)


async def _locked_results(session: AsyncSession, sitting_id: UUID) -> Sequence[Result]:
    query = select(Result).where(Result.sitting_id == sitting_id).order_by(col(Result.attempt_id)).with_for_update()
    return (await session.execute(query)).scalars().all()
