"""The proctor's rooms: their boards, and commands on a whole room."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from app.core.keyring import Keyring
from app.core.paging import Page
from app.core.permissions import Scope
from app.domain.actions import attempt_actions, room_actions
from app.domain.actors import Actor
from app.domain.identity import mask_identity_number
from app.domain.states import AttemptState, RoomState
from app.domain.timing import seconds_left
from app.models.sitting import Room, Sitting
from app.routers.dependencies import ContextDep, NowDep, OnceDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.proctoring import (
    ActionRead,
    AttemptRow,
    CommandCreate,
    GrantCreate,
    GrantOutcome,
    GrantsRead,
    ProctorRoomRead,
    RoomChanged,
    RoomSnapshot,
)
from app.services import attempts, board, rooms
from app.services.board import Board, BoardRow

router = APIRouter(prefix="/proctor/rooms", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]

ROOM_PROBLEMS = ("not_found", "invalid_transition", "idempotency_key_reused", "database_unavailable")


@router.get("", operation_id="list_proctor_rooms", summary="我的考场 The rooms I may act in")
async def list_proctor_rooms(actor: Proctor, session: SessionDep) -> Page[ProctorRoomRead]:
    found = await rooms.accessible(session, actor)
    return Page(items=[ProctorRoomRead(**_room(sitting, room)) for sitting, room in found], next_cursor=None)


@router.get(
    "/{room_id}",
    operation_id="get_room_snapshot",
    summary="考场快照 One row a candidate",
    responses=problems("not_found"),
)
async def get_room_snapshot(
    room_id: UUID, actor: Proctor, session: SessionDep, context: ContextDep, now: NowDep
) -> RoomSnapshot:
    return _snapshot(await board.of_room(session, actor, room_id), context.keyring, actor, now)


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
    responses=problems(*ROOM_PROBLEMS, "sitting_not_live", "staffing_too_low"),
)
async def start_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.start(session, actor, room_id, now))


@router.post(
    "/{room_id}/suspend",
    operation_id="suspend_room",
    summary="暂停考场 Suspend: everyone's clock stops",
    responses=problems(*ROOM_PROBLEMS),
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
    responses=problems(*ROOM_PROBLEMS),
)
async def grant_room_time(
    room_id: UUID, body: GrantCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> GrantsRead:
    async def run() -> GrantsRead:
        extra = timedelta(seconds=body.extra_seconds)
        outcomes = await rooms.grant(session, actor, room_id, extra, body.reason, now)
        return GrantsRead(outcomes=[GrantOutcome(attempt_id=who, refused=refused) for who, refused in outcomes])

    return await once(actor, GrantsRead, run)


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
    responses=problems(*ROOM_PROBLEMS),
)
async def seal_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    return await _command(once, actor, lambda: rooms.seal(session, actor, room_id, now))


async def _command(once: OnceDep, actor: Actor, command: Callable[[], Awaitable[Room]]) -> RoomChanged:
    async def run() -> RoomChanged:
        room = await command()
        return RoomChanged(id=room.id, state=room.state)

    return await once(actor, RoomChanged, run)


def _room(sitting: Sitting, room: Room) -> dict[str, object]:
    return {
        "id": room.id,
        "sitting_id": sitting.id,
        "sitting_name": sitting.name,
        "name": room.name,
        "state": room.state,
        "starts_at": sitting.starts_at,
    }


def _snapshot(board: Board, keyring: Keyring, actor: Actor, now: datetime) -> RoomSnapshot:
    return RoomSnapshot.model_validate(
        _room(board.sitting, board.room)
        | {
            "server_time": now,
            "totals": Counter(AttemptState(row.attempt.state) for row in board.rows),
            "attempts": [_row(board, row, keyring, actor, now) for row in board.rows],
            "allowed_actions": _actions(room_actions(RoomState(board.room.state))),
        }
    )


def _row(board: Board, row: BoardRow, keyring: Keyring, actor: Actor, now: datetime) -> AttemptRow:
    attempt = row.attempt
    allowed = attempt_actions(
        attempts.facts_of(attempt),
        attempts.timing_rules(board.sitting),
        RoomState(board.room.state),
        now,
        chief=Scope.rooms_chief in actor.scopes,
    )
    return AttemptRow(
        id=attempt.id,
        ticket_number=row.entry.ticket_number,
        seat_number=row.entry.seat_number or 0,
        name=row.candidate.name,
        id_number=mask_identity_number(keyring.decrypt_identity(row.candidate.identity_sealed)),
        state=AttemptState(attempt.state),
        answered=row.progress.answered,
        total=len(attempt.answer_forms),
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        seconds_left=None if attempt.deadline_at is None else seconds_left(attempt.deadline_at, now),
        clock_stopped=attempt.clock_stopped,
        last_save_at=row.progress.last_save_at,
        granted_seconds=int(attempt.granted.total_seconds()),
        termination_proposed=attempt.termination_proposed_by is not None,
        submitted_at=attempt.submitted_at,
        submitted_by=attempt.submitted_by,
        allowed_actions=_actions(allowed),
    )


def _actions(allowed: dict[str, str | None]) -> list[ActionRead]:
    return [ActionRead(action=action, refused=refused) for action, refused in allowed.items()]
