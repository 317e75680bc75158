"""Logging staff in and out.

Refusals must be counted and recorded although the request fails, and hashing takes long: so these functions open short
transactions of their own and hold no connection while a password is checked.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.passwords import in_turn, verify_password
from app.core.permissions import Scope, limited, scopes_of
from app.core.problems import Problem
from app.core.tokens import StaffClaims, issue_staff_token
from app.domain.actors import SYSTEM, Actor, ActorKind
from app.models.staff import Staff
from app.services import audit, lockout, refresh_tokens, staff
from app.services.lockout import Limit


@dataclass(frozen=True)
class Login:
    """An access token and the refresh token that follows it up; `scopes` are those that the access token allows now."""

    access_token: str
    refresh_token: str
    roles: list[str]
    scopes: list[Scope]


async def log_in(context: Context, username: str, password: str, address: str, scopes: list[str] | None) -> Login:
    """A login that `scopes` limits when not None; `address` is its network's.

    Raises Problem `wrong_password` (401), `locked_out` (429).
    """
    verified = await _verified(context, username, password, address)
    if verified is None:
        raise Problem("wrong_password")
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        account = await _still(session, verified)
        if account is None:
            raise Problem("wrong_password")
        audit.record(session, _actor(account), "auth.log_in", "staff", account.id, at=now)
        return _login(session, context, account, None, scopes, now)


async def refresh(context: Context, token: str) -> Login:
    """The next pair of tokens of a login.

    Raises Problem `invalid_refresh_token` (401), or `refresh_token_reused` (401) after it ended the login: someone
    else may hold the token.
    """
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        link = await refresh_tokens.find(session, token)
        account = None if link is None else await session.get_one(Staff, link.staff_id)
        if link is None or account is None or not account.active:
            raise Problem("invalid_refresh_token")
        if await refresh_tokens.use(session, link, now):
            return _login(session, context, account, link.family, link.scopes, now)
        if link.used_at is None:
            raise Problem("invalid_refresh_token")
        if await refresh_tokens.revoke_family(session, link.family, now):
            audit.record(session, SYSTEM, "auth.refresh_token_reused", "staff", account.id, at=now)
    raise Problem("refresh_token_reused")


async def log_out(session: AsyncSession, token: str, now: datetime) -> None:
    """Ends the login that the refresh token belongs to; an unknown or ended one is no error (RFC 7009, 2.2)."""
    link = await refresh_tokens.find(session, token)
    if link is not None and await refresh_tokens.revoke_family(session, link.family, now):
        actor = Actor(ActorKind.staff, link.staff_id)
        audit.record(session, actor, "auth.log_out", "staff", link.staff_id, at=now)


async def change_password(context: Context, actor: Actor, current: str, new: str, address: str) -> None:
    """Sets the actor's own password and ends all its logins.

    Raises Problem `current_password_wrong`, `password_refused` (422), `locked_out` (429).
    """
    async with context.database.transaction() as session:
        username = (await staff.get(session, actor.account())).username
    verified = await _verified(context, username, current, address)
    if verified is None:
        raise Problem("current_password_wrong")
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        if await _still(session, verified) is None:
            raise Problem("current_password_wrong")
        await staff.set_password(session, verified.id, new, actor, now)


async def _still(session: AsyncSession, verified: Staff) -> Staff | None:
    """The account, locked, unless it was deactivated or got another password since it was verified."""
    account = await session.get_one(Staff, verified.id, with_for_update=True)
    return account if account.active and account.password_hash == verified.password_hash else None


async def _verified(context: Context, username: str, password: str, address: str) -> Staff | None:
    """The active account whose password this is; it takes as long when there is none.

    Counts a failure and records it. Raises Problem `locked_out` (429 with Retry-After).
    """
    name, settings = staff.lockout_name(username), context.settings
    limits = [
        Limit(lockout.at_address(name, address), settings.staff_lockout_after, settings.staff_lockout),
        Limit(name, settings.staff_lockout_after_anywhere, settings.staff_lockout),
    ]
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        tries = await lockout.hold(session, limits, now)
        locks = tries.begin(limits)
        await tries.write(session)
        account = await staff.find(session, username)
    known = None if account is None else account.password_hash
    genuine = await in_turn(verify_password, password, known)
    async with context.database.transaction() as session:
        if account is not None and account.active and genuine:
            await lockout.succeeded(session, limits)
            return account
        _record_failure(session, account, now, locked=locks)
    return None


def _record_failure(session: AsyncSession, account: Staff | None, now: datetime, *, locked: bool) -> None:
    staff_id = None if account is None else account.id
    audit.record(session, SYSTEM, "auth.log_in_failed", "staff", staff_id, at=now)
    if locked:
        audit.record(session, SYSTEM, "auth.lock_out", "staff", staff_id, at=now)


def _login(
    session: AsyncSession,
    context: Context,
    account: Staff,
    family: UUID | None,
    scopes: list[str] | None,
    now: datetime,
) -> Login:
    settings = context.settings
    limit = None if scopes is None else tuple(scopes)
    roles = tuple(account.roles)
    access_token = issue_staff_token(
        context.keyring.token_key,
        StaffClaims(account.id, roles, limit),
        context.clock.host_now() + settings.access_token_life,
    )
    refresh_token = refresh_tokens.issue(
        session, account.id, family=family, scopes=scopes, now=now, life=settings.refresh_token_life
    )
    return Login(access_token, refresh_token, account.roles, sorted(limited(scopes_of(roles), limit)))


def _actor(account: Staff) -> Actor:
    return Actor(ActorKind.staff, account.id)
