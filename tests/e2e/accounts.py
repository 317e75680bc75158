"""Accounts with which people log in through the page."""

from dataclasses import dataclass

from app.core.context import Context
from app.core.passwords import hash_password
from app.domain.actors import Actor
from app.models.staff import Staff

PASSWORD = "考场 nobody-guesses 5c2d"


@dataclass(frozen=True)
class Account:
    username: str
    password: str


async def account_of(context: Context, actor: Actor) -> Account:
    """Gives the actor's account a password."""
    async with context.database.transaction() as session:
        row = await session.get_one(Staff, actor.account())
        row.password_hash = hash_password(PASSWORD)
        return Account(row.username, PASSWORD)
