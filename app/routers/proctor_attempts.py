"""The proctor's candidates: commands on one attempt."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from app.core.permissions import Scope
from app.domain.actors import Actor
from app.models.attempt import Attempt
from app.routers.dependencies import ContextDep, NowDep, OnceDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.proctoring import AttemptChanged, CommandCreate, GrantCreate, ResumeCreate
from app.services import proctoring

router = APIRouter(prefix="/proctor/attempts", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]

ATTEMPT_PROBLEMS = ("not_found", "invalid_transition", "idempotency_key_reused", "database_unavailable")


@router.post(
    "/{attempt_id}/check-in",
    operation_id="check_in_candidate",
    summary="签到 Identity checked",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open"),
)
async def check_in_candidate(
    attempt_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(once, actor, lambda: proctoring.check_in(session, actor, attempt_id, now))


@router.post(
    "/{attempt_id}/release",
    operation_id="release_device",
    summary="释放设备 Free the lease for another device",
    responses=problems(*ATTEMPT_PROBLEMS),
)
async def release_device(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(once, actor, lambda: proctoring.release(session, actor, attempt_id, body.reason, now))


@router.post(
    "/{attempt_id}/interrupt",
    operation_id="interrupt_attempt",
    summary="中断 Interrupt; the reason decides whether the clock stops",
    responses=problems(*ATTEMPT_PROBLEMS, "deadline_passed"),
)
async def interrupt_attempt(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(
        once, actor, lambda: proctoring.interrupt(session, actor, attempt_id, body.reason, body.note, now)
    )


@router.post(
    "/{attempt_id}/resume",
    operation_id="resume_attempt",
    summary="恢复 Re-admit, on the same or another device",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open", "deadline_passed"),
)
async def resume_attempt(
    attempt_id: UUID,
    actor: Proctor,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
    body: ResumeCreate | None = None,
) -> AttemptChanged:
    swap = body is not None and body.release_device
    return await _command(once, actor, lambda: proctoring.resume(session, actor, attempt_id, swap, now))


@router.post(
    "/{attempt_id}/grants",
    operation_id="grant_time",
    summary="延时 More time for one candidate, effective at once",
    responses=problems(*ATTEMPT_PROBLEMS, "deadline_passed"),
)
async def grant_time(
    attempt_id: UUID, body: GrantCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    extra = timedelta(seconds=body.extra_seconds)
    return await _command(once, actor, lambda: proctoring.grant(session, actor, attempt_id, extra, body.reason, now))


@router.post(
    "/{attempt_id}/submit",
    operation_id="collect_paper",
    summary="代交 Hand the paper in for the candidate",
    responses=problems(*ATTEMPT_PROBLEMS),
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
    return await _command(
        once, actor, lambda: proctoring.collect(session, context.keyring, actor, attempt_id, body.reason, now)
    )


@router.post(
    "/{attempt_id}/terminate",
    operation_id="terminate_attempt",
    summary="终止考试 Propose; a chief's call on another's proposal confirms",
    responses=problems(*ATTEMPT_PROBLEMS, "second_person_needed", "not_allowed"),
)
async def terminate_attempt(
    attempt_id: UUID, body: CommandCreate, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(
        once, actor, lambda: proctoring.terminate(session, actor, attempt_id, body.reason, body.note, now)
    )


@router.post(
    "/{attempt_id}/withdraw-termination",
    operation_id="withdraw_termination",
    summary="撤回终止提议 Withdraw a proposed termination",
    responses=problems(*ATTEMPT_PROBLEMS, "termination_not_proposed"),
)
async def withdraw_termination(
    attempt_id: UUID, actor: Proctor, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(once, actor, lambda: proctoring.withdraw_termination(session, actor, attempt_id, now))


@router.post(
    "/{attempt_id}/reverse-absence",
    operation_id="reverse_absence",
    summary="撤销缺考 Let an absent candidate in (chief)",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open"),
)
async def reverse_absence(
    attempt_id: UUID, body: CommandCreate, actor: Chief, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    return await _command(once, actor, lambda: proctoring.reverse_absence(session, actor, attempt_id, body.reason, now))


@router.post(
    "/{attempt_id}/reopen",
    operation_id="reopen_attempt",
    summary="重新开放 Reopen a paper handed in, with more time (chief)",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open"),
)
async def reopen_attempt(
    attempt_id: UUID, body: GrantCreate, actor: Chief, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    extra = timedelta(seconds=body.extra_seconds)
    return await _command(once, actor, lambda: proctoring.reopen(session, actor, attempt_id, extra, body.reason, now))


def changed(attempt: Attempt) -> AttemptChanged:
    return AttemptChanged.model_validate(attempt.model_dump(include=set(AttemptChanged.model_fields)))


async def _command(once: OnceDep, actor: Actor, command: Callable[[], Awaitable[Attempt]]) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return changed(await command())

    return await once(actor, AttemptChanged, run)
