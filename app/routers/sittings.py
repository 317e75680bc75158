"""Sittings and their rooms."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.alarm_rules import own_rules
from app.domain.states import SittingState
from app.models.sitting import Sitting
from app.routers.dependencies import NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import language_of, problems
from app.schemas.shared import FieldErrorRead
from app.schemas.sittings import (
    AlarmRulesUpdate,
    PublicationCreate,
    ReadinessRead,
    SittingCreate,
    SittingPublished,
    SittingRead,
    SittingUpdate,
)
from app.services import alarm_settings, publication, readiness, sittings

router = APIRouter(prefix="/sittings", tags=["sittings"])

READER = staff_with(Scope.sittings_read)
Writer = Annotated[Actor, staff_with(Scope.sittings_write)]
Chief = Annotated[Actor, staff_with(Scope.rooms_chief)]
Publisher = Annotated[Actor, staff_with(Scope.results_publish)]
Command = Callable[[AsyncSession, UUID, Actor, datetime], Awaitable[Sitting]]

COMMAND_PROBLEMS = ("not_found", "invalid_transition")


@router.post(
    "",
    operation_id="create_sitting",
    summary="新建场次 Plan a sitting",
    status_code=status.HTTP_201_CREATED,
    responses=problems("standard_not_loaded", "unknown_level", "sitting_refused", "idempotency_key_reused"),
)
async def create_sitting(
    body: SittingCreate, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> SittingRead:
    async def run() -> SittingRead:
        return await _read(session, await sittings.create(session, body.model_dump(), actor, now))

    return await once(actor, SittingRead, run)


@router.get(
    "",
    operation_id="list_sittings",
    summary="场次列表 Sittings, the newest first",
    dependencies=[READER],
    responses=problems("invalid_cursor"),
)
async def list_sittings(
    session: SessionDep, page: PageDep, state: Annotated[SittingState | None, Query()] = None
) -> Page[SittingRead]:
    found = await sittings.list_(session, state=state, after=decode_cursor(page.cursor, UUID), limit=page.limit)
    papers = await sittings.paper_ids(session, [sitting.id for sitting in found])
    return page_of(found, page.limit, lambda sitting: _shape(sitting, papers[sitting.id]), lambda sitting: sitting.id)


@router.get(
    "/{sitting_id}",
    operation_id="get_sitting",
    summary="场次 A sitting",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def get_sitting(sitting_id: UUID, session: SessionDep) -> SittingRead:
    return await _read(session, await sittings.get(session, sitting_id))


@router.patch(
    "/{sitting_id}",
    operation_id="update_sitting",
    summary="修改场次 Change a sitting while it is a draft",
    responses=problems("not_found", "sitting_frozen", "sitting_refused"),
)
async def update_sitting(
    sitting_id: UUID, body: SittingUpdate, actor: Writer, session: SessionDep, now: NowDep
) -> SittingRead:
    changes = body.model_dump(exclude_unset=True)
    return await _read(session, await sittings.update(session, sitting_id, changes, actor, now))


@router.get(
    "/{sitting_id}/readiness",
    operation_id="check_sitting_readiness",
    summary="就绪检查 What still stands against the sitting's becoming ready",
    dependencies=[READER],
    response_model_exclude_none=True,
    responses=problems("not_found"),
)
async def check_sitting_readiness(sitting_id: UUID, request: Request, session: SessionDep) -> ReadinessRead:
    """In draft: what `ready` would refuse, with the clauses of the standard."""
    errors = await readiness.check(session, await sittings.get(session, sitting_id))
    language = language_of(request)
    return ReadinessRead(errors=[FieldErrorRead(**error.render(language)) for error in errors])


@router.post(
    "/{sitting_id}/ready",
    operation_id="make_sitting_ready",
    summary="就绪并冻结 Check against the standard and freeze",
    responses=problems(*COMMAND_PROBLEMS, "sitting_not_ready"),
)
async def make_sitting_ready(
    sitting_id: UUID, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> SittingRead:
    """Every entry gets its own attempt with a fixed paper. Refusals name the clauses of the standard."""
    return await _command(readiness.make_ready, sitting_id, actor, session, now, once)


@router.post(
    "/{sitting_id}/go-live",
    operation_id="take_sitting_live",
    summary="开放 Open the sitting's rooms to their proctors",
    responses=problems(*COMMAND_PROBLEMS),
)
async def take_sitting_live(
    sitting_id: UUID, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> SittingRead:
    return await _command(sittings.go_live, sitting_id, actor, session, now, once)


@router.post(
    "/{sitting_id}/close",
    operation_id="close_sitting",
    summary="结束场次 Close, once every room is closed",
    responses=problems(*COMMAND_PROBLEMS, "rooms_open"),
)
async def close_sitting(
    sitting_id: UUID, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> SittingRead:
    return await _command(sittings.close, sitting_id, actor, session, now, once)


@router.post(
    "/{sitting_id}/publish",
    operation_id="publish_sitting",
    summary="发布成绩 Publish the results",
    responses=problems(*COMMAND_PROBLEMS, "not_all_graded", "results_unreviewed"),
)
async def publish_sitting(
    sitting_id: UUID,
    actor: Publisher,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
    body: PublicationCreate | None = None,
) -> SittingPublished:
    confirm = (body or PublicationCreate()).confirm_unreviewed

    async def run() -> SittingPublished:
        done = await publication.publish(session, sitting_id, actor, now, confirm_unreviewed=confirm)
        sitting = await _read(session, done.sitting)
        counts = {"results": done.results, "confirmed_unreviewed": done.confirmed_unreviewed}
        return SittingPublished(**sitting.model_dump(), **counts)

    return await once(actor, SittingPublished, run)


@router.post(
    "/{sitting_id}/cancel",
    operation_id="cancel_sitting",
    summary="取消场次 Cancel before it is live",
    responses=problems(*COMMAND_PROBLEMS),
)
async def cancel_sitting(
    sitting_id: UUID, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> SittingRead:
    return await _command(sittings.cancel, sitting_id, actor, session, now, once)


@router.put(
    "/{sitting_id}/alarm-rules",
    operation_id="set_alarm_rules",
    summary="调整异常规则 Set the rules for incidents while the sitting is ready or live (chief)",
    responses=problems("not_found", "sitting_frozen", "sitting_refused"),
)
async def set_alarm_rules(
    sitting_id: UUID, body: AlarmRulesUpdate, actor: Chief, session: SessionDep, now: NowDep
) -> SittingRead:
    return await _read(session, await alarm_settings.replace(session, sitting_id, body.alarm_rules, actor, now))


async def _command(
    command: Command, sitting_id: UUID, actor: Actor, session: AsyncSession, now: datetime, once: OnceDep
) -> SittingRead:
    async def run() -> SittingRead:
        return await _read(session, await command(session, sitting_id, actor, now))

    return await once(actor, SittingRead, run)


def _shape(sitting: Sitting, papers: list[UUID]) -> SittingRead:
    fields = sitting.model_dump(exclude={"alarm_rules"})
    return SittingRead(**fields, paper_ids=papers, alarm_rules=list(own_rules(sitting.alarm_rules)))


async def _read(session: AsyncSession, sitting: Sitting) -> SittingRead:
    await session.flush()
    return _shape(sitting, (await sittings.paper_ids(session, [sitting.id]))[sitting.id])
