"""The exam as the candidate's client calls it."""

import base64
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter

from app.core.keyring import Keyring
from app.domain.identity import mask_identity_number
from app.domain.timing import seconds_left
from app.models.attempt import Attempt
from app.routers.dependencies import (
    PUBLIC,
    AddressDep,
    CandidateDep,
    ContextDep,
    NowDep,
    PresenceDep,
    SessionDep,
)
from app.routers.errors import problems
from app.routers.exam_messages import CANDIDATE_PROBLEMS
from app.routers.hot_routes import HotAnswer, HotRequest, HotRoute, services_of
from app.schemas.exam import (
    AreaScore,
    CandidateResultRead,
    ExamClock,
    ExamRead,
    ExamRules,
    LoginCreate,
    LoginRead,
    ReceiptRead,
    ResponseRead,
    ResponsesRead,
    StartRead,
    SubmissionCreate,
)
from app.services import exam
from app.services.exam import ExamView
from app.services.exam_login import Login, Logins
from app.services.handing_in import HandIn, Submissions
from app.services.starting import Starts
from app.services.submission import SignedReceipt

HAND_IN = TypeAdapter(SubmissionCreate)
RECEIPT = TypeAdapter(ReceiptRead)
STARTED = TypeAdapter(StartRead)

router = APIRouter(prefix="/exam", tags=["exam"])


def get_starts(request: Request) -> Starts:
    return services_of(request).starts


def get_submissions(request: Request) -> Submissions:
    return services_of(request).submissions


def get_logins(request: Request) -> Logins:
    return services_of(request).logins


LoginsDep = Annotated[Logins, Depends(get_logins)]
StartsDep = Annotated[Starts, Depends(get_starts)]
SubmissionsDep = Annotated[Submissions, Depends(get_submissions)]


@router.post(
    "/login",
    operation_id="log_in_candidate",
    summary="考生登录 Log in with ticket and identity number",
    dependencies=[PUBLIC],
    responses=problems(
        "login_refused",
        "locked_out",
        "sitting_not_live",
        "not_checked_in",
        "room_not_open",
        "wrong_seat",
        "lease_held",
        "database_unavailable",
    ),
)
async def log_in_candidate(body: LoginCreate, logins: LoginsDep, address: AddressDep) -> LoginRead:
    """Takes the lease for this device. A second device waits until a proctor releases the first."""
    logged_in = await logins.log_in(Login(**body.model_dump(), address=address))
    return LoginRead(
        access_token=logged_in.token,
        expires_at=logged_in.expires_at,
        attempt_id=logged_in.attempt.id,
        state=logged_in.attempt.state,
        lease_epoch=logged_in.attempt.lease_epoch,
    )


@router.get(
    "",
    operation_id="get_exam",
    summary="考试信息 Who, where, state, times and rules",
    responses=problems(*CANDIDATE_PROBLEMS),
)
async def get_exam(claims: CandidateDep, session: SessionDep, context: ContextDep, now: NowDep) -> ExamRead:
    return _exam(await exam.view(session, claims, now), context.keyring)


@router.post(
    "/start",
    operation_id="start_exam",
    summary="开始作答 Begin the attempt",
    responses=problems(
        *CANDIDATE_PROBLEMS, "invalid_transition", "room_not_open", "not_started_yet", "late_entry_closed"
    ),
)
async def start_exam(claims: CandidateDep, starts: StartsDep, context: ContextDep, presence: PresenceDep) -> StartRead:
    """Repeated on the same lease it changes nothing and answers the same, with the key of the sealed paper."""
    started = await starts.start(claims)
    version = started.view.attempt.deadline_version
    presence.seen(claims.sitting_id, claims.attempt_id, started.view.now, deadline_version=version)
    key = context.keyring.paper_key(claims.sitting_id, started.paper_id)
    return StartRead(**dict(_exam(started.view, context.keyring)), paper_key=base64.b64encode(key).decode())


@router.get(
    "/responses",
    operation_id="list_responses",
    summary="已存答案 What is stored, to go on elsewhere",
    responses=problems(*CANDIDATE_PROBLEMS),
)
async def list_responses(claims: CandidateDep, session: SessionDep) -> ResponsesRead:
    stored = await exam.responses(session, claims)
    return ResponsesRead(
        responses=[
            ResponseRead(number=row.number, answer=row.answer, sequence=row.sequence, saved_at=row.saved_at)
            for row in stored
        ],
        last_sequence=max((row.sequence for row in stored), default=0),
    )


@router.post(
    "/submit",
    operation_id="submit_exam",
    summary="交卷 Hand in",
    responses=problems(*CANDIDATE_PROBLEMS, "invalid_transition", "too_early", "deadline_passed", "responses_missing"),
)
async def submit_exam(
    body: SubmissionCreate, claims: CandidateDep, submissions: SubmissionsDep, context: ContextDep
) -> ReceiptRead:
    """If the server lacks answers it says which and closes nothing. Handed in again, the same receipt is answered."""
    hand_in = HandIn(body.last_sequence, body.digest, body.sequences)
    return _receipt(await submissions.submit(claims, hand_in), context.keyring)


@router.get(
    "/receipt",
    operation_id="get_exam_receipt",
    summary="交卷回执 The receipt of the hand-in",
    responses=problems(*CANDIDATE_PROBLEMS, "not_submitted"),
)
async def get_exam_receipt(claims: CandidateDep, session: SessionDep, context: ContextDep) -> ReceiptRead:
    return _receipt(await exam.receipt(session, claims), context.keyring)


@router.get(
    "/result",
    operation_id="get_exam_result",
    summary="成绩 The result, once published",
    responses=problems(*CANDIDATE_PROBLEMS, "result_not_published"),
)
async def get_exam_result(claims: CandidateDep, session: SessionDep) -> CandidateResultRead:
    attempt, run = await exam.result(session, claims)
    return CandidateResultRead(
        attempt_id=attempt.id,
        total=run.total,
        maximum=run.maximum,
        pass_mark=run.pass_mark,
        passed=run.passed,
        areas=[AreaScore(area=part["area"], points=part["points"], weight=part["maximum"]) for part in run.areas],
        submitted_at=attempt.submitted_at or run.graded_at,
    )


async def _start(request: HotRequest) -> HotAnswer:
    """What the declaration of `start_exam` says."""
    services = request.services
    with request.bound():
        started = await start_exam(request.claims(), services.starts, request.context, services.presence)
    return HotAnswer(STARTED.dump_json(started))


async def _submit(request: HotRequest) -> HotAnswer:
    """What the declaration of `submit_exam` says."""
    claims = request.claims()
    body = await request.parsed(HAND_IN)
    with request.bound():
        receipt = await submit_exam(body, claims, request.services.submissions, request.context)
    return HotAnswer(RECEIPT.dump_json(receipt))


def _clock(attempt: Attempt, now: datetime) -> ExamClock:
    return ExamClock(
        server_time=now,
        deadline_at=attempt.deadline_at,
        deadline_version=attempt.deadline_version,
        seconds_left=None if attempt.deadline_at is None else seconds_left(attempt.deadline_at, now),
    )


def _receipt(receipt: SignedReceipt, keyring: Keyring) -> ReceiptRead:
    return ReceiptRead(
        code=receipt.payload["code"],
        payload=receipt.payload,
        signature=receipt.signature,
        public_key=keyring.receipt_public_key,
    )


def _exam(view: ExamView, keyring: Keyring) -> ExamRead:
    attempt, sitting, rules = view.attempt, view.setting.sitting, view.setting.rules
    return ExamRead(
        name=view.candidate.name,
        id_number=mask_identity_number(keyring.decrypt_identity(view.candidate.identity_sealed)),
        ticket_number=view.entry.ticket_number,
        room=view.setting.room.name,
        room_state=view.setting.room_state,
        seat_number=view.entry.seat_number or 0,
        standard_title=view.standard.title,
        level=sitting.level,
        level_name=view.standard.level(sitting.level).name,
        state=attempt.state,
        starts_at=sitting.starts_at,
        started_at=attempt.started_at,
        submitted_at=attempt.submitted_at,
        rehearsal=sitting.rehearsal,
        rules=ExamRules(
            duration_minutes=sitting.duration_minutes,
            timing_mode=rules.mode,
            late_entry_closes_at=rules.late_entry_closes_at + attempt.waited,
            submission_opens_at=rules.submission_opens_at,
            total_points=Decimal(view.standard.exam_rules.theory.total_points.value),
            pass_mark=Decimal(view.standard.exam_rules.theory.pass_mark.value),
            items=len(attempt.answer_forms),
        ),
        **_clock(attempt, view.now).model_dump(),
    )


HOT = (
    HotRoute("POST", "/api/v1/exam/start", "start_exam", _start),
    HotRoute("POST", "/api/v1/exam/submit", "submit_exam", _submit),
)
