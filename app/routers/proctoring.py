"""The proctor's rooms and candidates."""

from collections import Counter
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
from app.models.attempt import Attempt
from app.models.sitting import Room, Sitting
from app.routers.dependencies import ContextDep, NowDep, OnceDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.proctoring import (
    ActionRead,
    AttemptChanged,
    AttemptRow,
    CommandCreate,
    GrantCreate,
    GrantOutcome,
    GrantsRead,
    ProctorRoomRead,
    ResumeCreate,
    RoomChanged,
    RoomSnapshot,
)
from app.services import attempts, board, proctoring, rooms
from app.services.board import Board, BoardRow

router = APIRouter(prefix="/proctor", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]

ROOM_PROBLEMS = ("not_found", "invalid_transition", "idempotency_key_reused", "database_unavailable")


@router.get("/rooms", operation_id="list_proctor_rooms", summary="我的考场 The rooms I may act in")
async def list_proctor_rooms(actor: Proctor, session: SessionDep) -> Page[ProctorRoomRead]:
    found = await rooms.accessible(session, actor)
    return Page(items=[ProctorRoomRead(**_room(sitting, room)) for sitting, room in found], next_cursor=None)


@router.get(
    "/rooms/{room_id}",
    operation_id="get_room_snapshot",
    summary="考场快照 One row a candidate",
    responses=problems("not_found"),
)
async def get_room_snapshot(
    room_id: UUID, actor: Proctor, session: SessionDep, context: ContextDep, now: NowDep
) -> RoomSnapshot:
    return _snapshot(await board.of_room(session, actor, room_id), context.keyring, actor, now)


@router.post(
    "/rooms/{room_id}/check-in",
    operation_id="open_room_check_in",
    summary="开始签到 Open check-in",
    responses=problems(*ROOM_PROBLEMS, "sitting_not_live", "staffing_too_low"),
)
async def open_room_check_in(
    room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.open_check_in(session, actor, room_id, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/rooms/{room_id}/start",
    operation_id="start_room",
    summary="开考 Start the room",
    responses=problems(*ROOM_PROBLEMS, "sitting_not_live", "staffing_too_low"),
)
async def start_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.start(session, actor, room_id, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/rooms/{room_id}/suspend",
    operation_id="suspend_room",
    summary="暂停考场 Suspend: everyone's clock stops",
    responses=problems(*ROOM_PROBLEMS),
)
async def suspend_room(
    room_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.suspend(session, actor, room_id, body.reason, body.note, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/rooms/{room_id}/resume",
    operation_id="resume_room",
    summary="恢复考场 Resume: the clocks go on",
    responses=problems(*ROOM_PROBLEMS),
)
async def resume_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.resume(session, actor, room_id, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/rooms/{room_id}/grants",
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
    "/rooms/{room_id}/close",
    operation_id="close_room",
    summary="关闭考场 Close, once nobody writes",
    responses=problems(*ROOM_PROBLEMS, "attempts_unfinished"),
)
async def close_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.close(session, actor, room_id, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/rooms/{room_id}/seal",
    operation_id="seal_room",
    summary="封存考场 Confirm the record; the second proctor's confirmation seals",
    responses=problems(*ROOM_PROBLEMS),
)
async def seal_room(room_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep) -> RoomChanged:
    async def run() -> RoomChanged:
        return _changed_room(await rooms.seal(session, actor, room_id, now))

    return await once(actor, RoomChanged, run)


@router.post(
    "/attempts/{attempt_id}/check-in",
    operation_id="check_in_candidate",
    summary="签到 Identity checked",
    responses=problems(*ROOM_PROBLEMS, "room_not_open"),
)
async def check_in_candidate(
    attempt_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.check_in(session, actor, attempt_id, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/release",
    operation_id="release_device",
    summary="释放设备 Free the lease for another device",
    responses=problems(*ROOM_PROBLEMS),
)
async def release_device(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.release(session, actor, attempt_id, body.reason, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/interrupt",
    operation_id="interrupt_attempt",
    summary="中断 Interrupt; the reason decides whether the clock stops",
    responses=problems(*ROOM_PROBLEMS, "deadline_passed"),
)
async def interrupt_attempt(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.interrupt(session, actor, attempt_id, body.reason, body.note, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/resume",
    operation_id="resume_attempt",
    summary="恢复 Re-admit, on the same or another device",
    responses=problems(*ROOM_PROBLEMS, "room_not_open", "deadline_passed"),
)
async def resume_attempt(
    attempt_id: UUID,
    actor: Proctor,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
    body: ResumeCreate | None = None,
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        swap = body is not None and body.release_device
        return _changed(await proctoring.resume(session, actor, attempt_id, swap, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/grants",
    operation_id="grant_time",
    summary="延时 More time for one candidate, effective at once",
    responses=problems(*ROOM_PROBLEMS, "deadline_passed"),
)
async def grant_time(
    attempt_id: UUID, body: GrantCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        extra = timedelta(seconds=body.extra_seconds)
        return _changed(await proctoring.grant(session, actor, attempt_id, extra, body.reason, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/submit",
    operation_id="collect_paper",
    summary="代交 Hand the paper in for the candidate",
    responses=problems(*ROOM_PROBLEMS),
)
async def collect_paper(
    attempt_id: UUID,
    body: CommandCreate,
    actor: Proctor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    once: OnceDep,
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.collect(session, context.keyring, actor, attempt_id, body.reason, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/terminate",
    operation_id="terminate_attempt",
    summary="终止考试 Propose; a chief's call on another's proposal confirms",
    responses=problems(*ROOM_PROBLEMS, "second_person_needed", "not_allowed"),
)
async def terminate_attempt(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.terminate(session, actor, attempt_id, body.reason, body.note, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/withdraw-termination",
    operation_id="withdraw_termination",
    summary="撤回终止提议 Withdraw a proposed termination",
    responses=problems(*ROOM_PROBLEMS, "termination_not_proposed"),
)
async def withdraw_termination(
    attempt_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.withdraw_termination(session, actor, attempt_id, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/reverse-absence",
    operation_id="reverse_absence",
    summary="撤销缺考 Let an absent candidate in (chief)",
    responses=problems(*ROOM_PROBLEMS, "room_not_open"),
)
async def reverse_absence(
    attempt_id: UUID, body: CommandCreate, actor: Chief, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return _changed(await proctoring.reverse_absence(session, actor, attempt_id, body.reason, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/attempts/{attempt_id}/reopen",
    operation_id="reopen_attempt",
    summary="重新开放 Reopen a paper handed in, with more time (chief)",
    responses=problems(*ROOM_PROBLEMS, "room_not_open"),
)
async def reopen_attempt(
    attempt_id: UUID, body: GrantCreate, actor: Chief, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        extra = timedelta(seconds=body.extra_seconds)
        return _changed(await proctoring.reopen(session, actor, attempt_id, extra, body.reason, now))

    return await once(actor, AttemptChanged, run)


def _changed(attempt: Attempt) -> AttemptChanged:
    return AttemptChanged.model_validate(attempt.model_dump(include=set(AttemptChanged.model_fields)))


def _changed_room(room: Room) -> RoomChanged:
    return RoomChanged(id=room.id, state=RoomState(room.state))


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
