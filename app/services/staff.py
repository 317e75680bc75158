"""Staff accounts."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Problem
from app.models.staff import Staff


async def active_account(session: AsyncSession, staff_id: UUID) -> Staff:
    """Raises Problem `invalid_token` (401) when the account is gone or no longer active."""
    account = await session.get(Staff, staff_id)
    if account is None or not account.active:
        raise Problem("invalid_token")
    return account
