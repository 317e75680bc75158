"""A candidate's login: ticket and identity number, the seat, the lease."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.context import Context
from app.core.problems import Problem
from app.core.tokens import CandidateClaims, issue_candidate_token
from app.domain import attempts as rules
from app.domain import incidents
from app.domain.actors import SYSTEM, Actor, ActorKind
from app.domain.devices import lease_name
from app.domain.identity import normalise_identity_number
from app.domain.incident_kinds import IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.domain.states import LEASED, AttemptState, RoomState, SittingState
from app.models.attempt import Attempt
from app.models.entry import Candidate, Entry
from app.models.sitting import Sitting
from app.services import attempts, audit, incident_log, lockout
from app.services.attempts import Setting
from app.services.lockout import Limit


@dataclass(frozen=True)
class Login:
    """`room` (its name) and `seat_number` are where the device stands, if it knows; `address` is its network's.

    With a `device_secret` only who knows it is the same device again.
    """

    ticket_number: str
    id_number: str
    device_id: str
    device_secret: str | None
    room: str | None
    seat_number: int | None
    address: str


@dataclass(frozen=True)
class LoggedIn:
    token: str
    expires_at: datetime
    attempt: Attempt


async def log_in(context: Context, login: Login) -> LoggedIn:
    """A token with the lease; after the exam, one for reading only, since nothing more is accepted then.

    Raises Problem `login_refused` (401), `locked_out` (429), `sitting_not_live`, `not_checked_in`, `room_not_open`,
    `wrong_seat`, `lease_held` (409); the last two are incidents of the attempt although nothing else is written.
    """
    sitting_id, attempt_id = await _identified(context, login)
    try:
        attempt, now = await _take_lease(context, login, sitting_id, attempt_id)
    except Problem as refusal:
        await _record_refusal(context, login, sitting_id, attempt_id, refusal)
        raise
    claims = CandidateClaims(attempt.sitting_id, attempt.id, attempt.lease_epoch)
    expires_at = now + context.settings.candidate_token_life
    return LoggedIn(issue_candidate_token(context.keyring.token_key, claims, expires_at), expires_at, attempt)


async def _take_lease(context: Context, login: Login, sitting_id: UUID, attempt_id: UUID) -> tuple[Attempt, datetime]:
    """The attempt with the device's lease, and when it got it."""
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        attempt = await attempts.lock(session, attempt_id, sitting_id)
        setting = await attempts.setting_of(session, attempt)
        _require_open(attempt, setting)
        if attempt.state == AttemptState.checked_in or attempt.state in LEASED:
            await _require_seat(session, attempt, setting, login)
        attempts.change(
            session,
            attempt,
            setting,
            lambda facts, _: rules.log_in(facts, lease_name(login.device_id, login.device_secret)),
            actor=Actor(ActorKind.candidate, attempt.id),
            action="log_in",
            now=now,
        )
    return attempt, now


async def _record_refusal(context: Context, login: Login, sitting_id: UUID, attempt_id: UUID, refusal: Problem) -> None:
    kind = incidents.of_refused_login(refusal.code, login.room, refusal.params.get("room"))
    if kind is None:
        return
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        attempt = await session.get_one(Attempt, (sitting_id, attempt_id))
        key = Key(Place(sitting_id, attempt.room_id, attempt_id), kind, IncidentSource.client)
        device = {"device": login.device_id, "room": login.room, "seat_number": login.seat_number}
        occurrence = Occurrence(key, details={name: value for name, value in device.items() if value is not None})
        await incident_log.record(session, [occurrence], Actor(ActorKind.candidate, attempt_id), now)


def lockout_name(ticket_number: str) -> str:
    return f"ticket:{ticket_number}"


async def _identified(context: Context, login: Login) -> tuple[UUID, UUID]:
    """Sitting and attempt. A wrong guess is counted whatever becomes of the request, a right one forgets the others.

    Guesses are counted per ticket and network address, so that nobody locks a candidate out from another machine.
    """
    subject = lockout.at_address(lockout_name(login.ticket_number), login.address)
    limits = [Limit(subject, context.settings.candidate_lockout_after, context.settings.candidate_lockout)]
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        locks = await lockout.begin(session, limits, now)
        found = await _find(session, context, login)
        if found is not None:
            await lockout.succeeded(session, limits)
        elif locks:
            audit.record(session, SYSTEM, "auth.lock_out", "ticket", None, at=now)
    if found is None:
        raise Problem("login_refused")
    return found


def _require_open(attempt: Attempt, setting: Setting) -> None:
    if setting.sitting.state in (SittingState.draft, SittingState.ready, SittingState.cancelled):
        raise Problem("sitting_not_live", state=setting.sitting.state)
    waiting = attempt.state in (AttemptState.registered, AttemptState.checked_in)
    if waiting and setting.room_state not in (RoomState.check_in, RoomState.running, RoomState.suspended):
        raise Problem("room_not_open", state=setting.room.state, extra={"room_state": setting.room.state})


async def _require_seat(session: AsyncSession, attempt: Attempt, setting: Setting, login: Login) -> None:
    if login.room is None and login.seat_number is None and not setting.sitting.enforce_seat:
        return
    entry = await session.get_one(Entry, (attempt.sitting_id, attempt.entry_id))
    if (login.room, login.seat_number) != (setting.room.name, entry.seat_number):
        raise Problem("wrong_seat", room=setting.room.name, seat=entry.seat_number)


async def _find(session: AsyncSession, context: Context, login: Login) -> tuple[UUID, UUID] | None:
    """The attempt of this ticket and identity number: of a live sitting, else of the newest one."""
    index = context.keyring.identity_index(normalise_identity_number(login.id_number))
    query = (
        select(Attempt.sitting_id, Attempt.id, Candidate.identity_index)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .join(Sitting, col(Sitting.id) == col(Attempt.sitting_id))
        .where(Entry.ticket_number == login.ticket_number, Sitting.state != SittingState.cancelled)
        .order_by((col(Sitting.state) == SittingState.live).desc(), col(Sitting.starts_at).desc(), col(Attempt.id))
    )
    for sitting_id, attempt_id, known in (await session.execute(query)).all():
        if hmac.compare_digest(known, index):
            return sitting_id, attempt_id
    return None
