"""What the database holds of an attempt."""

from decimal import Decimal

from sqlmodel import col, select

from app.models.response import Response
from app.models.result import GradingRun, Receipt, Result
from tests.halls import Hall, Seated


async def answers_of(hall: Hall, who: Seated) -> dict[int, str]:
    """The newest answer to each item, in the letters that the candidate saw."""
    query = (
        select(Response.number, Response.answer)
        .where(Response.sitting_id == hall.sitting_id, Response.attempt_id == who.attempt_id)
        .order_by(col(Response.number))
    )
    async with hall.context.database.transaction() as session:
        return {number: answer for number, answer in await session.execute(query)}


async def receipts_of(hall: Hall, who: Seated) -> list[dict[str, object]]:
    """What each of them says."""
    query = select(Receipt.payload).where(Receipt.attempt_id == who.attempt_id)
    async with hall.context.database.transaction() as session:
        return list((await session.execute(query)).scalars())


async def points_of(hall: Hall, who: Seated) -> Decimal | None:
    """Of the run that counts; None while it is not graded."""
    query = (
        select(GradingRun.total)
        .join(Result, col(Result.run_id) == col(GradingRun.id))
        .where(Result.attempt_id == who.attempt_id)
    )
    async with hall.context.database.transaction() as session:
        return (await session.execute(query)).scalar_one_or_none()
