"""A proctor's commands on attempts: on one, on a chosen set, or on everyone in the room; an officer's ruling."""

from collections.abc import Sequence
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
from app.domain.attempts import AttemptFacts
from app.domain.commands import (
    Collect,
    Command,
    Grant,
    Interrupt,
    Reopen,
    Situation,
    audited,
    decide,
    require_allowed,
    told,
)
from app.domain.reasons import Reason
from app.domain.states import AttemptState
from app.models.attempt import Attempt, TimeGrant
from app.models.result import Result
from app.services import attempts, interruptions, messages, rooms, submission
from app.services.stored_answers import stored_answers


@dataclass(frozen=True)
class Outcome:
    """What became of a command for one attempt: done, or the problem of why not.

    `attempt` is None when there is no such attempt in the room.
    """

    attempt_id: UUID
    attempt: Attempt | None = None
    refused: Problem | None = None


async def give(
    session: AsyncSession, keyring: Keyring, actor: Actor, attempt_id: UUID, command: Command, now: datetime
) -> Attempt:
    """One command on one attempt. To who may not act in its room it does not exist: Problem `not_found`.

    Raises what the domain refuses the command with.
    """
    attempt = await rooms.lock_attempt(session, actor, attempt_id)
    (outcome,) = await _give(session, keyring, actor, [attempt], command, now)
    if outcome.refused is not None:
        raise outcome.refused
    return attempt


async def give_to_room(
    session: AsyncSession,
    keyring: Keyring,
    actor: Actor,
    room_id: UUID,
    attempt_ids: Sequence[UUID] | None,
    command: Command,
    now: datetime,
) -> list[Outcome]:
    """One command on the attempts named, in their order, or on all of the room; each is done or refused by itself.

    Raises Problem `not_found` for a room in which the actor may not act, `not_allowed` for a chief's command.
    """
    require_allowed(command, chief=Scope.rooms_chief in actor.scopes)
    room = await rooms.require_access(session, actor, room_id)
    locked = await attempts.lock_room_attempts(session, room, attempt_ids)
    outcomes = await _give(session, keyring, actor, locked, command, now)
    if attempt_ids is None:
        return outcomes
    found = {outcome.attempt_id: outcome for outcome in outcomes}
    return [
        found.get(asked) or Outcome(asked, refused=Problem("not_found", what=str(asked)))
        for asked in dict.fromkeys(attempt_ids)
    ]


async def void(session: AsyncSession, actor: Actor, attempt_id: UUID, file_number: str, now: datetime) -> Attempt:
    """An officer's ruling after the exam, with the number of its file."""
    attempt = await attempts.lock(session, attempt_id)
    attempts.change(
        session,
        attempt,
        await attempts.setting_of(session, attempt),
        lambda facts, _: rules.void(facts),
        actor=actor,
        action="void",
        now=now,
        details={"file_number": file_number},
    )
    return attempt


@dataclass(frozen=True)
class _Done:
    attempt: Attempt
    before: AttemptFacts


async def _give(
    session: AsyncSession,
    keyring: Keyring,
    actor: Actor,
    locked: Sequence[Attempt],
    command: Command,
    now: datetime,
) -> list[Outcome]:
    """On locked attempts of one room: for each the change and its audit event, or nothing at all."""
    if not locked:
        return []
    setting = await attempts.setting_of(session, locked[0])
    chief = Scope.rooms_chief in actor.scopes
    at = Situation(setting.rules, setting.room_state, now, actor.account(), chief)
    outcomes, done = [], []
    for attempt in locked:
        before = attempts.facts_of(attempt)
        action, details = audited(command, before)
        try:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, _: decide(command, facts, at),
                actor=actor,
                action=action,
                now=now,
                details=details,
            )
        except Problem as problem:
            outcomes.append(Outcome(attempt.id, attempt, problem))
        else:
            outcomes.append(Outcome(attempt.id, attempt))
            done.append(_Done(attempt, before))
    await _follow_up(session, keyring, actor, command, done, now)
    return outcomes


async def _follow_up(
    session: AsyncSession, keyring: Keyring, actor: Actor, command: Command, done: Sequence[_Done], now: datetime
) -> None:
    """The rows beside the attempts that a command writes, and what the candidates are told."""
    changed = [one.attempt for one in done]
    match command:
        case Interrupt(reason, note):
            stops = command.stops_clock
            session.add_all(interruptions.begin(attempt, reason, note, now, stops_clock=stops) for attempt in changed)
        case Grant(reason):
            session.add_all(_time_grant(attempt, command.extra, reason, actor, now) for attempt in changed)
        case Reopen(reason):
            session.add_all(_time_grant(attempt, command.extra, reason, actor, now) for attempt in changed)
            await _withdraw_results(session, changed)
    paused = [one.attempt for one in done if one.before.state is AttemptState.interrupted]
    await interruptions.end(session, [one for one in paused if one.state is not AttemptState.interrupted], now)
    if isinstance(command, Collect) and changed:
        stored = await stored_answers(session, changed)
        await submission.conclude(session, keyring, changed, now, stored)
    informed = [(one.attempt, details) for one in done if (details := told(command)) is not None]
    if informed:
        messages.tell_command(session, [who for who, _ in informed], command.name, informed[0][1], actor, now)


def _time_grant(attempt: Attempt, extra: timedelta, reason: Reason, actor: Actor, now: datetime) -> TimeGrant:
    return TimeGrant(
        sitting_id=attempt.sitting_id,
        attempt_id=attempt.id,
        extra=extra,
        reason=reason.value,
        granted_by=actor.account(),
        granted_at=now,
    )


async def _withdraw_results(session: AsyncSession, reopened: Sequence[Attempt]) -> None:
    """A result already computed no longer counts; its grading run is kept."""
    query = select(Result).where(
        col(Result.sitting_id).in_({attempt.sitting_id for attempt in reopened}),
        col(Result.attempt_id).in_([attempt.id for attempt in reopened]),
    )
    for result in (await session.execute(query)).scalars():
        await session.delete(result)
