"""The proctor's rooms: commands on a whole room, and one command for several of its candidates."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from app.core.permissions import Scope
from app.core.problems import Language
from app.domain import commands
from app.domain.actors import Actor
from app.domain.room_record import SEALS_NEEDED
from app.models.sitting import Room
from app.routers.dependencies import ContextDep, NowDep, OnceDep, SessionDep, staff_with
from app.routers.errors import language_of, problems
from app.schemas.commands import CommandOutcome, CommandsRead, RoomCommandCreate
from app.schemas.proctoring import (
    CommandCreate,
    GrantCreate,
    RoomChanged,
    StartCreate,
)
from app.schemas.room_record import RoomConfirmed, SealCount, SealCreate
from app.services import proctoring, rooms, sealing
from app.services.proctoring import Outcome

router = APIRouter(prefix="/proctor/rooms", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]

ROOM_PROBLEMS = ("not_found", "invalid_transition", "idempotency_key_reused", "database_unavailable")
SET_PROBLEMS = ("not_found", "reason_not_fitting", "idempotency_key_reused", "database_unavailable")


@router.post(
    "/{room_id}/check-in",
    operation_id="open_room_check_in",
    summary="开始签到 Open check-in",
    responses=problems(*ROOM_PROBLEMS, "sitting_not_live", "staffing_too_low"),
)
async def open_room_check_in(
    room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.open_check_in(session, actor, room_id, now))


@router.post(
    "/{room_id}/start",
    operation_id="start_room",
    summary="开考 Start the room",
    responses=problems(*ROOM_PROBLEMS, "sitting_not_live", "staffing_too_low", "only_in_rehearsal"),
)
async def start_room(
    room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep, body: StartCreate | None = None
) -> RoomChanged:
    """After the sitting's start, late entry and the end move by the lateness for everyone in the room."""
    keep_end = body is not None and body.keep_end
    return await _command(once, actor, lambda: rooms.start(session, actor, room_id, now, keep_end=keep_end))


@router.post(
    "/{room_id}/suspend",
    operation_id="suspend_room",
    summary="暂停考场 Suspend: everyone's clock stops",
    responses=problems(*ROOM_PROBLEMS, "reason_not_fitting"),
)
async def suspend_room(
    room_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.suspend(session, actor, room_id, body.reason, body.note, now))


@router.post(
    "/{room_id}/resume",
    operation_id="resume_room",
    summary="恢复考场 Resume: the clocks go on",
    responses=problems(*ROOM_PROBLEMS),
)
async def resume_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.resume(session, actor, room_id, now))


@router.post(
    "/{room_id}/grants",
    operation_id="grant_room_time",
    summary="全场延时 More time for the whole room",
    responses=problems(*SET_PROBLEMS),
)
async def grant_room_time(
    room_id: UUID,
    body: GrantCreate,
    actor: Proctor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    once: OnceDep,
    request: Request,
) -> CommandsRead:
    command = commands.Grant(body.reason, body.note, extra=body.extra)

    async def run() -> CommandsRead:
        outcomes = await proctoring.give_to_room(session, context.keyring, actor, room_id, None, command, now)
        return _outcomes(outcomes, language_of(request), now)

    return await once(actor, CommandsRead, run)


@router.post(
    "/{room_id}/commands",
    operation_id="command_attempts",
    summary="批量操作 One command for several candidates or for all",
    responses=problems(*SET_PROBLEMS, "not_allowed"),
)
async def command_attempts(
    room_id: UUID,
    body: RoomCommandCreate,
    actor: Proctor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    once: OnceDep,
    request: Request,
) -> CommandsRead:
    """For each candidate the command is done or refused by itself; the answer is 200 though some or all are refused.

    `refused` is the problem code that the command on one candidate would be refused with; `not_found` for an attempt
    that is not of this room. `reopen` and `reverse_absence` are a chief's.
    """
    command = body.given()

    async def run() -> CommandsRead:
        outcomes = await proctoring.give_to_room(session, context.keyring, actor, room_id, body.attempts, command, now)
        return _outcomes(outcomes, language_of(request), now)

    return await once(actor, CommandsRead, run)


@router.post(
    "/{room_id}/close",
    operation_id="close_room",
    summary="关闭考场 Close, once nobody writes",
    responses=problems(*ROOM_PROBLEMS, "attempts_unfinished"),
)
async def close_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.close(session, actor, room_id, now))


@router.post(
    "/{room_id}/seal",
    operation_id="seal_room",
    summary="封存考场 Confirm the record; the second proctor's confirmation seals",
    responses=problems(*ROOM_PROBLEMS, "record_changed"),
)
async def seal_room(
    room_id: UUID,
    actor: Proctor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    once: OnceDep,
    body: SealCreate | None = None,
) -> RoomConfirmed:
    """A confirmation counts as long as the record is the one that was confirmed; two people must confirm the same."""
    named = None if body is None else body.record_digest

    async def run() -> RoomConfirmed:
        done = await sealing.seal(session, context.keyring, actor, room_id, named, now)
        return RoomConfirmed(
            id=done.room.id,
            state=done.room.state,
            record_digest=done.record_digest,
            seals=SealCount(confirmed=done.confirmed, needed=SEALS_NEEDED),
        )

    return await once(actor, RoomConfirmed, run)


async def _command(once: OnceDep, actor: Actor, command: Callable[[], Awaitable[Room]]) -> RoomChanged:
    async def run() -> RoomChanged:
        room = await command()
        return RoomChanged(id=room.id, state=room.state)

    return await once(actor, RoomChanged, run)


def _outcomes(outcomes: Sequence[Outcome], language: Language, now: datetime) -> CommandsRead:
    return CommandsRead(outcomes=[_outcome(one, language) for one in outcomes], server_time=now)


def _outcome(outcome: Outcome, language: Language) -> CommandOutcome:
    attempt, refused = outcome.attempt, outcome.refused
    return CommandOutcome(
        attempt_id=outcome.attempt_id,
        done=refused is None,
        refused=None if refused is None else refused.code,
        detail=None if refused is None else refused.detail(language),
        state=None if attempt is None else attempt.state,
        deadline_at=None if attempt is None else attempt.deadline_at,
        deadline_version=None if attempt is None else attempt.deadline_version,
    )
