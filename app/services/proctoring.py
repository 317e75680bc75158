"""A proctor's commands for one candidate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.keyring import Keyring
from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain import attempts as rules
from app.domain.actors import Actor
from app.domain.attempts import IdentityCheck
from app.domain.reasons import REASONS, Reason
from app.models.attempt import Attempt, Interruption
from app.models.result import Result
from app.services import attempts, rooms, submission
from app.services.attempts import Decision, Setting


@dataclass(frozen=True)
class Commander:
    """One proctor's command on one locked attempt in a room that the proctor may act in."""

    session: AsyncSession
    actor: Actor
    attempt: Attempt
    setting: Setting
    now: datetime

    def change(self, action: str, decide: Decision, **details: str | int | bool) -> Attempt:
        attempts.change(
            self.session,
            self.attempt,
            self.setting,
            decide,
            actor=self.actor,
            action=action,
            now=self.now,
            details=details,
        )
        return self.attempt


async def command(session: AsyncSession, actor: Actor, attempt_id: UUID, now: datetime) -> Commander:
    """Locks the attempt. To who may not act in its room it does not exist: Problem `not_found`."""
    attempt = await attempts.lock(session, attempt_id)
    await rooms.require_access(session, actor, attempt.room_id)
    return Commander(session, actor, attempt, await attempts.setting_of(session, attempt), now)


async def check_in(
    session: AsyncSession,
    actor: Actor,
    attempt_id: UUID,
    now: datetime,
    identity: IdentityCheck = IdentityCheck.identity_card,
) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    return on.change(
        "check_in",
        lambda facts, setting: rules.check_in(facts, setting.room_state, now, actor.account(), identity),
        identity_check=identity.value,
    )


async def release(session: AsyncSession, actor: Actor, attempt_id: UUID, reason: Reason, now: datetime) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    return on.change("release", lambda facts, _: rules.release(facts), reason=reason.value)


async def interrupt(
    session: AsyncSession, actor: Actor, attempt_id: UUID, reason: Reason, note: str, now: datetime
) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    stops = REASONS[reason].stops_clock
    attempt = on.change(
        "interrupt",
        lambda facts, setting: rules.interrupt(facts, setting.rules, now, stops_clock=stops),
        reason=reason.value,
        stops_clock=stops,
    )
    session.add(rooms.interruption(attempt, reason, note, now, stops_clock=stops, with_room=False))
    return attempt


async def resume(session: AsyncSession, actor: Actor, attempt_id: UUID, release_device: bool, now: datetime) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    attempt = on.change(
        "resume",
        lambda facts, setting: rules.resume(
            facts, setting.rules, setting.room_state, now, release_device=release_device
        ),
        release_device=release_device,
    )
    await _end_interruption(session, attempt, now)
    return attempt


async def grant(
    session: AsyncSession, actor: Actor, attempt_id: UUID, extra: timedelta, reason: Reason, now: datetime
) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    rooms.grant_to(session, actor, on.attempt, on.setting, extra, reason, now)
    return on.attempt


async def collect(
    session: AsyncSession, keyring: Keyring, actor: Actor, attempt_id: UUID, reason: Reason, now: datetime
) -> Attempt:
    """Hands the paper in for the candidate."""
    on = await command(session, actor, attempt_id, now)
    attempt = on.change("collect", lambda facts, _: rules.collect(facts, now), reason=reason.value)
    await _end_interruption(session, attempt, now)
    await submission.issue_receipts(session, keyring, [attempt], now)
    return attempt


async def terminate(
    session: AsyncSession, actor: Actor, attempt_id: UUID, reason: Reason, note: str, now: datetime
) -> Attempt:
    """A first call proposes; a chief's call on a proposal of somebody else confirms."""
    on = await command(session, actor, attempt_id, now)
    if on.attempt.termination_proposed_by is None:
        return on.change(
            "propose_termination",
            lambda facts, _: rules.propose_termination(facts, actor.account()),
            reason=reason.value,
            note=note,
        )
    if Scope.rooms_chief not in actor.scopes:
        raise Problem("not_allowed", scopes=Scope.rooms_chief.value)
    attempt = on.change(
        "terminate",
        lambda facts, _: rules.confirm_termination(facts, actor.account(), now),
        reason=reason.value,
        note=note,
    )
    await _end_interruption(session, attempt, now)
    return attempt


async def withdraw_termination(session: AsyncSession, actor: Actor, attempt_id: UUID, now: datetime) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    return on.change("withdraw_termination", lambda facts, _: rules.withdraw_termination(facts))


async def reverse_absence(
    session: AsyncSession, actor: Actor, attempt_id: UUID, reason: Reason, now: datetime
) -> Attempt:
    on = await command(session, actor, attempt_id, now)
    return on.change(
        "reverse_absence", lambda facts, setting: rules.reverse_absence(facts, setting.room_state), reason=reason.value
    )


async def reopen(
    session: AsyncSession, actor: Actor, attempt_id: UUID, extra: timedelta, reason: Reason, now: datetime
) -> Attempt:
    """Back from handed in, with a time grant; a result already computed is withdrawn, its run is kept."""
    on = await command(session, actor, attempt_id, now)
    attempt = on.change(
        "reopen",
        lambda facts, setting: rules.reopen(facts, setting.rules, setting.room_state, now, extra),
        reason=reason.value,
        seconds=int(extra.total_seconds()),
    )
    session.add(rooms.time_grant(attempt, extra, reason, actor, now))
    result = await session.get(Result, (attempt.sitting_id, attempt.id))
    if result is not None:
        await session.delete(result)
    return attempt


async def void(session: AsyncSession, actor: Actor, attempt_id: UUID, file_number: str, now: datetime) -> Attempt:
    """An officer's ruling after the exam, with the number of its file."""
    attempt = await attempts.lock(session, attempt_id)
    setting = await attempts.setting_of(session, attempt)
    on = Commander(session, actor, attempt, setting, now)
    return on.change("void", lambda facts, _: rules.void(facts), file_number=file_number)


async def _end_interruption(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    query = select(Interruption).where(
        Interruption.sitting_id == attempt.sitting_id,
        Interruption.attempt_id == attempt.id,
        col(Interruption.ended_at).is_(None),
    )
    interruption = (await session.execute(query)).scalar_one_or_none()
    if interruption is not None:
        interruption.ended_at = now
        session.add(interruption)
