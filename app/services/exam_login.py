"""A candidate's login: ticket and identity number, the seat, the lease. One transaction serves all that wait."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.batching import Batcher, Later, Outcome
from app.core.context import Context
from app.core.keyed import among
from app.core.problems import Problem
from app.core.tokens import CandidateClaims, issue_candidate_token
from app.domain import attempts as rules
from app.domain import incidents
from app.domain.actors import Actor, ActorKind
from app.domain.devices import lease_name
from app.domain.incident_kinds import IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.domain.states import LEASED, AttemptState, RoomState, SittingState
from app.models.attempt import Attempt
from app.models.entry import Entry
from app.services import attempts, incident_log
from app.services.attempts import Setting
from app.services.identification import Identification, Identified

BATCH = 200


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


@dataclass(frozen=True)
class _Leasing:
    """`context` is that of the request, whose id stands in the audit event."""

    who: Identified
    login: Login
    context: Mapping[str, Any] = field(default_factory=structlog.contextvars.get_contextvars)


@dataclass(frozen=True)
class _Leased:
    attempt: Attempt
    at: datetime


class Logins:
    """The logins of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._identification = Identification(context)
        self._leases: Batcher[_Leasing, _Leased] = Batcher(self._lease_together, BATCH)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._leases.running(), self._identification.running():
            yield

    async def log_in(self, login: Login) -> LoggedIn:
        """A token with the lease; after the exam, one for reading only, since nothing more is accepted then.

        Raises Problem `login_refused` (401), `locked_out` (429), `sitting_not_live`, `not_checked_in`,
        `room_not_open`, `wrong_seat`, `lease_held` (409), `database_unavailable` (503); wrong seat and held lease are
        incidents of the attempt although nothing else is written.
        """
        who = await self._identification.identify(login.ticket_number, login.id_number, login.address)
        try:
            leased = await self._leases.ask(_Leasing(who, login))
        except Problem as refusal:
            await self._record_refusal(login, who, refusal)
            raise
        attempt = leased.attempt
        claims = CandidateClaims(attempt.sitting_id, attempt.id, attempt.lease_epoch)
        expires_at = leased.at + self._context.settings.candidate_token_life
        return LoggedIn(issue_candidate_token(self._context.keyring.token_key, claims, expires_at), expires_at, attempt)

    async def _lease_together(self, requests: Sequence[_Leasing]) -> list[Outcome[_Leased]]:
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            keys = [(request.who.sitting_id, request.who.attempt_id) for request in requests]
            locked = await attempts.lock_free(session, keys)
            settings = await attempts.settings_of(session, locked.values())
            seats = await _seats(session, requests, locked, settings)
            outcomes: list[Outcome[_Leased]] = []
            for request in requests:
                attempt = locked.get(request.who.attempt_id)
                if attempt is None:
                    outcomes.append(Later.busy)
                    continue
                try:
                    with structlog.contextvars.bound_contextvars(**request.context):
                        _lease(session, attempt, settings[attempt.room_id], request.login, seats, now)
                except Problem as refusal:
                    outcomes.append(refusal)
                    continue
                outcomes.append(_Leased(attempt, now))
        return outcomes

    async def _record_refusal(self, login: Login, who: Identified, refusal: Problem) -> None:
        kind = incidents.of_refused_login(refusal.code, login.room, refusal.params.get("room"))
        if kind is None:
            return
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            attempt = await session.get_one(Attempt, (who.sitting_id, who.attempt_id))
            key = Key(Place(who.sitting_id, attempt.room_id, who.attempt_id), kind, IncidentSource.client)
            device = {"device": login.device_id, "room": login.room, "seat_number": login.seat_number}
            occurrence = Occurrence(key, details={name: value for name, value in device.items() if value is not None})
            await incident_log.record(session, [occurrence], Actor(ActorKind.candidate, who.attempt_id), now)


def _lease(
    session: AsyncSession,
    attempt: Attempt,
    setting: Setting,
    login: Login,
    seats: Mapping[UUID, int | None],
    now: datetime,
) -> None:
    _require_open(attempt, setting)
    if attempt.state == AttemptState.checked_in or attempt.state in LEASED:
        _require_seat(attempt, setting, login, seats)
    attempts.change(
        session,
        attempt,
        setting,
        lambda facts, _: rules.log_in(facts, lease_name(login.device_id, login.device_secret)),
        actor=Actor(ActorKind.candidate, attempt.id),
        action="log_in",
        now=now,
    )


def _require_open(attempt: Attempt, setting: Setting) -> None:
    if setting.sitting.state in (SittingState.draft, SittingState.ready, SittingState.cancelled):
        raise Problem("sitting_not_live", state=setting.sitting.state)
    waiting = attempt.state in (AttemptState.registered, AttemptState.checked_in)
    if waiting and setting.room_state not in (RoomState.check_in, RoomState.running, RoomState.suspended):
        raise Problem("room_not_open", state=setting.room.state, extra={"room_state": setting.room.state})


def _require_seat(attempt: Attempt, setting: Setting, login: Login, seats: Mapping[UUID, int | None]) -> None:
    if not _seat_matters(login, setting):
        return
    seat_number = seats[attempt.entry_id]
    if (login.room, login.seat_number) != (setting.room.name, seat_number):
        raise Problem("wrong_seat", room=setting.room.name, seat=seat_number)


def _seat_matters(login: Login, setting: Setting) -> bool:
    return login.room is not None or login.seat_number is not None or setting.sitting.enforce_seat


async def _seats(
    session: AsyncSession,
    requests: Sequence[_Leasing],
    locked: Mapping[UUID, Attempt],
    settings: Mapping[UUID, Setting],
) -> Mapping[UUID, int | None]:
    """The seat numbers by entry, where they matter."""
    keys = [
        (attempt.sitting_id, attempt.entry_id)
        for request in requests
        if (attempt := locked.get(request.who.attempt_id)) is not None
        and _seat_matters(request.login, settings[attempt.room_id])
    ]
    if not keys:
        return {}
    query = select(Entry.id, Entry.seat_number).where(among(keys, col(Entry.sitting_id), col(Entry.id)))
    return {row.id: row.seat_number for row in await session.execute(query)}
