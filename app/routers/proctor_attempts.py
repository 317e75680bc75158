"""The proctor's candidates: commands on one attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.permissions import Scope
from app.domain import commands
from app.domain.actors import Actor
from app.domain.commands import Command
from app.models.attempt import Attempt
from app.routers.dependencies import ContextDep, NowDep, OnceDep, OnceRunner, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.proctoring import (
    AttemptChanged,
    CheckInCreate,
    CommandCreate,
    CorrectionCreate,
    GrantCreate,
    ResumeCreate,
    TerminationCreate,
)
from app.services import corrections, proctoring
from app.services.corrections import Correction

router = APIRouter(prefix="/proctor/attempts", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]

ATTEMPT_PROBLEMS = ("not_found", "invalid_transition", "idempotency_key_reused", "database_unavailable")
REASONED_PROBLEMS = (*ATTEMPT_PROBLEMS, "reason_not_fitting")


@dataclass(frozen=True)
class Desk:
    """Gives a command once, in the request's transaction."""

    session: AsyncSession
    context: Context
    now: datetime
    once: OnceRunner

    async def give(self, actor: Actor, attempt_id: UUID, command: Command) -> AttemptChanged:
        async def run() -> AttemptChanged:
            keyring = self.context.keyring
            return changed(await proctoring.give(self.session, keyring, actor, attempt_id, command, self.now))

        return await self.once(actor, AttemptChanged, run)


async def get_desk(session: SessionDep, context: ContextDep, now: NowDep, once: OnceDep) -> Desk:
    return Desk(session, context, now, once)


DeskDep = Annotated[Desk, Depends(get_desk)]


@router.post(
    "/{attempt_id}/check-in",
    operation_id="check_in_candidate",
    summary="签到 Identity checked",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open"),
)
async def check_in_candidate(
    attempt_id: UUID, actor: Proctor, desk: DeskDep, body: CheckInCreate | None = None
) -> AttemptChanged:
    command = commands.CheckIn() if body is None else commands.CheckIn(body.identity)
    return await desk.give(actor, attempt_id, command)


@router.post(
    "/{attempt_id}/release",
    operation_id="release_device",
    summary="释放设备 Free the lease for another device",
    responses=problems(*REASONED_PROBLEMS),
)
async def release_device(attempt_id: UUID, body: CommandCreate, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Release(body.reason, body.note))


@router.post(
    "/{attempt_id}/interrupt",
    operation_id="interrupt_attempt",
    summary="中断 Interrupt; the reason decides whether the clock stops",
    responses=problems(*REASONED_PROBLEMS, "deadline_passed"),
)
async def interrupt_attempt(attempt_id: UUID, body: CommandCreate, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Interrupt(body.reason, body.note))


@router.post(
    "/{attempt_id}/resume",
    operation_id="resume_attempt",
    summary="恢复 Re-admit, on the same or another device",
    responses=problems(*ATTEMPT_PROBLEMS, "room_not_open", "deadline_passed"),
)
async def resume_attempt(
    attempt_id: UUID, actor: Proctor, desk: DeskDep, body: ResumeCreate | None = None
) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Resume(body is not None and body.release_device))


@router.post(
    "/{attempt_id}/correct-interruption",
    operation_id="correct_interruption",
    summary="更正中断 Correct whether an interruption stops the clock (chief)",
    responses=problems(*REASONED_PROBLEMS, "deadline_passed", "interruption_with_room", "deadline_would_pass"),
)
async def correct_interruption(
    attempt_id: UUID, body: CorrectionCreate, actor: Chief, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    """Open or ended: the deadline is as if it had been so from the beginning of the interruption."""
    correction = Correction(body.interruption_id, body.stops_clock, body.reason, body.note)

    async def run() -> AttemptChanged:
        return changed(await corrections.correct(session, actor, attempt_id, correction, now))

    return await once(actor, AttemptChanged, run)


@router.post(
    "/{attempt_id}/grants",
    operation_id="grant_time",
    summary="延时 More time for one candidate, effective at once",
    responses=problems(*REASONED_PROBLEMS, "deadline_passed"),
)
async def grant_time(attempt_id: UUID, body: GrantCreate, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Grant(body.reason, body.note, extra=body.extra))


@router.post(
    "/{attempt_id}/submit",
    operation_id="collect_paper",
    summary="代交 Hand the paper in for the candidate",
    responses=problems(*REASONED_PROBLEMS),
)
async def collect_paper(attempt_id: UUID, body: CommandCreate, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Collect(body.reason, body.note))


@router.post(
    "/{attempt_id}/terminate",
    operation_id="terminate_attempt",
    summary="终止考试 Propose; a chief's call with the number of another's proposal confirms it",
    responses=problems(
        *REASONED_PROBLEMS,
        "termination_already_proposed",
        "termination_not_proposed",
        "second_person_needed",
        "not_allowed",
    ),
)
async def terminate_attempt(attempt_id: UUID, body: TerminationCreate, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Terminate(body.reason, body.note, confirms=body.confirms))


@router.post(
    "/{attempt_id}/withdraw-termination",
    operation_id="withdraw_termination",
    summary="撤回终止提议 Withdraw a proposed termination",
    responses=problems(*ATTEMPT_PROBLEMS, "termination_not_proposed"),
)
async def withdraw_termination(attempt_id: UUID, actor: Proctor, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.WithdrawTermination())


@router.post(
    "/{attempt_id}/reverse-absence",
    operation_id="reverse_absence",
    summary="撤销缺考 Let an absent candidate in (chief)",
    responses=problems(*REASONED_PROBLEMS, "room_not_open"),
)
async def reverse_absence(attempt_id: UUID, body: CommandCreate, actor: Chief, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.ReverseAbsence(body.reason, body.note))


@router.post(
    "/{attempt_id}/reopen",
    operation_id="reopen_attempt",
    summary="重新开放 Reopen a paper handed in, with more time (chief)",
    responses=problems(*REASONED_PROBLEMS, "room_not_open", "deadline_passed"),
)
async def reopen_attempt(attempt_id: UUID, body: GrantCreate, actor: Chief, desk: DeskDep) -> AttemptChanged:
    return await desk.give(actor, attempt_id, commands.Reopen(body.reason, body.note, extra=body.extra))


def changed(attempt: Attempt) -> AttemptChanged:
    return AttemptChanged.model_validate(attempt.model_dump(include=set(AttemptChanged.model_fields)))
