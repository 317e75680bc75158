"""Results and rulings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.states import AttemptState, ResultState
from app.routers.dependencies import NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.routers.proctor_attempts import changed
from app.schemas.exam import AreaScore
from app.schemas.proctoring import AttemptChanged, VoidCreate
from app.schemas.results import ItemStatisticsRead, ResultRead, ReviewCreate
from app.services import item_statistics, proctoring, results
from app.services.item_statistics import ItemRow
from app.services.results import ResultRow

router = APIRouter(tags=["results"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READER = staff_with(Scope.results_read)
Publisher = Annotated[Actor, staff_with(Scope.results_publish)]


@router.get(
    "/sittings/{sitting_id}/results",
    operation_id="list_results",
    summary="成绩列表 Results of a sitting by ticket number",
    dependencies=[READER],
    responses=problems("not_found", "invalid_cursor"),
)
async def list_results(sitting_id: UUID, session: SessionDep, page: PageDep) -> Page[ResultRead]:
    after = decode_cursor(page.cursor, str)
    rows = await results.of_sitting(session, sitting_id, after=after, limit=page.limit)
    return page_of(rows, page.limit, _read, lambda row: row.entry.ticket_number)


@router.get(
    "/sittings/{sitting_id}/results/items",
    operation_id="list_item_statistics",
    summary="试题统计 How each item did, by form and place",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def list_item_statistics(sitting_id: UUID, session: SessionDep) -> Page[ItemStatisticsRead]:
    """Over those who are graded; terminated and voided attempts do not count."""
    rows = await item_statistics.of_sitting(session, sitting_id)
    return Page(items=[_statistics(row) for row in rows], next_cursor=None)


@router.get(
    "/sittings/{sitting_id}/results.xlsx",
    operation_id="export_results",
    summary="导出成绩 Results as a workbook; the export is recorded",
    response_class=Response,
    responses=problems("not_found") | {200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def export_results(
    sitting_id: UUID, actor: Annotated[Actor, READER], session: SessionDep, now: NowDep
) -> Response:
    content = await results.export_xlsx(session, sitting_id, actor, now)
    return Response(content, media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="results.xlsx"'})


@router.post(
    "/results/{attempt_id}/review",
    operation_id="review_result",
    summary="复核成绩 Confirm a graded result",
    responses=problems("not_found", "invalid_transition"),
)
async def review_result(
    attempt_id: UUID, body: ReviewCreate, actor: Publisher, session: SessionDep, now: NowDep, once: OnceDep
) -> ResultRead:
    async def run() -> ResultRead:
        return _read(await results.confirm(session, attempt_id, body.note, actor, now))

    return await once(actor, ResultRead, run)


@router.post(
    "/results/{attempt_id}/void",
    operation_id="void_attempt",
    summary="成绩作废 Void by a ruling, with its file number",
    responses=problems("not_found", "invalid_transition"),
)
async def void_attempt(
    attempt_id: UUID, body: VoidCreate, actor: Publisher, session: SessionDep, now: NowDep, once: OnceDep
) -> AttemptChanged:
    async def run() -> AttemptChanged:
        return changed(await proctoring.void(session, actor, attempt_id, body.file_number, now))

    return await once(actor, AttemptChanged, run)


def _statistics(row: ItemRow) -> ItemStatisticsRead:
    found = row.statistics
    return ItemStatisticsRead(
        form=row.form,
        **row.item.model_dump(include={"position", "code", "version", "type", "area", "points"}),
        candidates=found.candidates,
        unanswered=found.unanswered,
        full=found.full,
        facility=found.facility,
    )


def _read(row: ResultRow) -> ResultRead:
    run = row.run if row.attempt.state == AttemptState.submitted else None
    return ResultRead(
        attempt_id=row.attempt.id,
        ticket_number=row.entry.ticket_number,
        name=row.candidate.name,
        room=row.room.name,
        seat_number=row.entry.seat_number or 0,
        attempt_state=AttemptState(row.attempt.state),
        state="pending" if row.result is None else ResultState(row.result.state),
        total=None if run is None else run.total,
        maximum=None if run is None else run.maximum,
        pass_mark=None if run is None else run.pass_mark,
        passed=None if run is None else run.passed,
        areas=[]
        if run is None
        else [AreaScore(area=part["area"], points=part["points"], weight=part["maximum"]) for part in run.areas],
        paper_hash=None if run is None else run.paper_hash,
        responses_digest=None if run is None else run.responses_digest,
    )
