"""Staff accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.core.passwords import hash_password, in_turn
from app.core.permissions import Role, Scope, scopes_of
from app.core.problems import Problem
from app.domain.accounts import password_faults
from app.domain.actors import Actor
from app.models.staff import Staff
from app.services import audit, lockout, refresh_tokens


async def active_account(session: AsyncSession, staff_id: UUID) -> Staff:
    """Raises Problem `invalid_token` (401) when the account is gone or no longer active."""
    account = await session.get(Staff, staff_id)
    if account is None or not account.active:
        raise Problem("invalid_token")
    return account


async def require_scopes(session: AsyncSession, actor: Actor) -> None:
    """Raises Problem `invalid_token` or `not_allowed` when the account has lost what the actor was let in with."""
    account = await active_account(session, actor.account())
    if lost := actor.scopes - scopes_of(tuple(account.roles)):
        raise Problem("not_allowed", scopes=", ".join(sorted(lost)))


async def create(
    session: AsyncSession,
    *,
    username: str,
    name: str,
    roles: Iterable[Role],
    password: str,
    actor: Actor,
    now: datetime,
) -> Staff:
    """A new active account. Raises Problem `username_taken` (409), `password_refused` (422)."""
    username = username.lower()
    password_hash = await _hashed(password, username)
    created = await session.execute(
        insert(Staff)
        .values(
            id=new_id(),
            username=username,
            name=name,
            password_hash=password_hash,
            roles=_in_order(roles),
            active=True,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(Staff)
    )
    account = created.scalar_one_or_none()
    if account is None:
        raise Problem("username_taken", username=username)
    audit.record(session, actor, "staff.create", "staff", account.id, at=now, details={"roles": account.roles})
    return account


async def list_(session: AsyncSession, *, after: UUID | None, limit: int) -> list[Staff]:
    """The oldest first; up to `limit + 1`, so that the caller sees whether there are more."""
    query = select(Staff).order_by(col(Staff.id)).limit(limit + 1)
    if after is not None:
        query = query.where(col(Staff.id) > after)
    return list((await session.execute(query)).scalars())


async def get(session: AsyncSession, staff_id: UUID) -> Staff:
    """Raises Problem `not_found` (404)."""
    return _found(await session.get(Staff, staff_id), staff_id)


async def find(session: AsyncSession, username: str) -> Staff | None:
    return (await session.execute(select(Staff).where(Staff.username == username.lower()))).scalar_one_or_none()


async def named(session: AsyncSession, username: str) -> Staff:
    """Raises Problem `not_found` (404)."""
    return _found(await find(session, username), username)


async def update(
    session: AsyncSession, staff_id: UUID, changes: Mapping[str, Any], actor: Actor, now: datetime
) -> Staff:
    """Sets what `changes` has of `name`, `roles`, `active` and `password`; who is deactivated is logged out.

    Raises Problem `not_found` (404), `own_account` (409), `password_refused` (422).
    """
    account = _found(await session.get(Staff, staff_id, with_for_update=True), staff_id)
    roles = _in_order(changes.get("roles", account.roles))
    active = changes.get("active", account.active)
    stripped = not active or Scope.staff_manage not in scopes_of(tuple(roles))
    if account.id == actor.id and (stripped or "password" in changes):
        raise Problem("own_account")
    account.name, account.roles, account.active = changes.get("name", account.name), roles, active
    if not active:
        await refresh_tokens.revoke_all(session, account.id, now)
    if "password" in changes:
        await _set_password(session, account, changes["password"], now)
    details = {"changed": sorted(changes), "roles": roles, "active": active}
    audit.record(session, actor, "staff.update", "staff", account.id, at=now, details=details)
    return account


async def set_password(session: AsyncSession, staff_id: UUID, password: str, actor: Actor, now: datetime) -> None:
    """Ends all logins of the account and its lockout. Raises Problem `not_found` (404), `password_refused` (422)."""
    account = _found(await session.get(Staff, staff_id, with_for_update=True), staff_id)
    await _set_password(session, account, password, now)
    audit.record(session, actor, "staff.set_password", "staff", account.id, at=now)


async def unlock(session: AsyncSession, staff_id: UUID, actor: Actor, now: datetime) -> None:
    """Ends the account's lockout. Raises Problem `not_found` (404)."""
    account = await get(session, staff_id)
    await lockout.unlock(session, lockout_name(account.username))
    audit.record(session, actor, "staff.unlock", "staff", account.id, at=now)


async def names(session: AsyncSession) -> list[tuple[UUID, str]]:
    """Id and name of every account, by name."""
    query = select(Staff.id, Staff.name).order_by(col(Staff.name), col(Staff.id))
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


def lockout_name(username: str) -> str:
    return f"staff:{username}"


async def _set_password(session: AsyncSession, account: Staff, password: str, now: datetime) -> None:
    account.password_hash = await _hashed(password, account.username)
    await lockout.unlock(session, lockout_name(account.username))
    await refresh_tokens.revoke_all(session, account.id, now)


async def _hashed(password: str, username: str) -> str:
    if faults := password_faults(password, username):
        raise Problem("password_refused", errors=faults)
    return await in_turn(hash_password, password)


def _in_order(roles: Iterable[str]) -> list[str]:
    chosen = set(roles)
    return [role.value for role in Role if role in chosen]


def _found(account: Staff | None, what: object) -> Staff:
    if account is None:
        raise Problem("not_found", what=what)
    return account
