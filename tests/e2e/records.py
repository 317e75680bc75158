"""What the database holds of an attempt."""

from decimal import Decimal

from sqlmodel import col, select

from app.models.response import Response
from app.models.result import GradingRun, Receipt, Result
from tests.halls import Hall, Seated


async def answers_of(hall: Hall, who: Seated) -> dict[int, str]:
    """The newest answer to each item, in the letters that the candidate saw."""
    query = (
        select(col(Response.number), col(Response.answer))
        .where(Response.sitting_id == hall.sitting_id, Response.attempt_id == who.attempt_id)
        .order_by(col(Response.number))
    )
    async with hall.context.database.transaction() as session:
        return {row.number: row.answer for row in await session.execute(query)}


async def receipts_of(hall: Hall, who: Seated) -> list[dict[str, object]]:
    """What each of them says."""
    query = select(col(Receipt.payload)).where(col(Receipt.attempt_id) == who.attempt_id)
    async with hall.context.database.transaction() as session:
        return list((await session.execute(query)).scalars())


async def points_of(hall: Hall, who: Seated) -> Decimal | None:
    """Of the run that counts; None while it is not graded."""
    query = (
        select(col(GradingRun.total))
        .join(Result, col(Result.run_id) == col(GradingRun.id))
        .where(col(Result.attempt_id) == who.attempt_id)
    )
    async with hall.context.database.transaction() as session:
        return (await session.execute(query)).scalar_one_or_none()
