"""Rosters and seats of a sitting."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response, UploadFile, status

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.entries import SeatMove
from app.domain.seating import Seat
from app.routers.dependencies import ContextDep, NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.entries import (
    AutomaticSeating,
    EntriesCreate,
    EntriesRead,
    EntryRead,
    EntryUpdate,
    ImportRead,
    SeatingCreate,
    SeatingRead,
    SeatRead,
)
from app.services import entries, roster_files, seating, sittings

router = APIRouter(prefix="/sittings/{sitting_id}", tags=["entries"])

READER = staff_with(Scope.sittings_read)
Writer = Annotated[Actor, staff_with(Scope.sittings_write)]
Beginning = Query(min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]+$")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WRITE_PROBLEMS = ("not_found", "sitting_frozen", "roster_refused")
DRY_RUN: dict[int | str, Any] = {200: {"model": ImportRead, "description": "Dry run: what would be created"}}
TEMPLATE: dict[int | str, Any] = {200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}}
FILE_PROBLEMS = ("roster_file_too_large", "roster_file_unreadable", "roster_empty", "roster_too_long")


@router.post(
    "/entries",
    operation_id="add_entries",
    summary="添加考生 Add entries, all or none",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*WRITE_PROBLEMS, "idempotency_key_reused"),
)
async def add_entries(
    sitting_id: UUID,
    body: EntriesCreate,
    actor: Writer,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    once: OnceDep,
) -> EntriesRead:
    """Every faulty row is reported at once, e.g. at `entries[3].id_number`."""

    async def run() -> EntriesRead:
        return EntriesRead(items=await entries.add(session, context.keyring, sitting_id, body.entries, actor, now))

    return await once(actor, EntriesRead, run)


@router.post(
    "/entries/import",
    operation_id="import_entries",
    summary="导入名单 Add the entries of an .xlsx or .csv file, all or none",
    status_code=status.HTTP_201_CREATED,
    responses=DRY_RUN | problems(*WRITE_PROBLEMS, *FILE_PROBLEMS),
)
async def import_entries(
    sitting_id: UUID,
    file: UploadFile,
    actor: Writer,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
    dry_run: Annotated[bool, Query(description="只校验，不导入 Check only.")] = False,
) -> ImportRead:
    """Columns by header in any order: 姓名/name, 身份证号/id_number, 准考证号/ticket_number, 考场/room, 座位号/seat.

    Every faulty row is reported at once, e.g. at `row 7, 身份证号`. A file sent twice is refused the second time.
    """
    content = await file.read(roster_files.FILE_LIMIT + 1)
    if dry_run:
        response.status_code = status.HTTP_200_OK
    return await roster_files.import_(session, context.keyring, sitting_id, content, actor, now, dry_run=dry_run)


@router.get(
    "/entries/template.xlsx",
    operation_id="get_roster_template",
    summary="名单模板 An empty roster to fill in",
    dependencies=[READER],
    response_class=Response,
    responses=TEMPLATE | problems("not_found"),
)
async def get_roster_template(sitting_id: UUID, session: SessionDep) -> Response:
    await sittings.get(session, sitting_id)
    headers = {"Content-Disposition": 'attachment; filename="roster.xlsx"'}
    return Response(roster_files.template(), media_type=XLSX, headers=headers)


@router.get(
    "/entries",
    operation_id="list_entries",
    summary="考生名单 Entries in the order of adding",
    dependencies=[READER],
    responses=problems("not_found", "invalid_cursor"),
)
async def list_entries(
    sitting_id: UUID,
    session: SessionDep,
    context: ContextDep,
    page: PageDep,
    room_id: Annotated[UUID | None, Query()] = None,
    name: Annotated[str | None, Beginning] = None,
    ticket_number: Annotated[str | None, Beginning] = None,
) -> Page[EntryRead]:
    """`name` and `ticket_number` find what begins with them."""
    found = await entries.list_(
        session,
        context.keyring,
        sitting_id,
        room_id=room_id,
        name=name,
        ticket_number=ticket_number,
        after=decode_cursor(page.cursor, UUID),
        limit=page.limit,
    )
    return page_of(found, page.limit, lambda entry: entry, lambda entry: entry.id)


@router.get(
    "/entries/{entry_id}",
    operation_id="get_entry",
    summary="报考记录 An entry",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def get_entry(sitting_id: UUID, entry_id: UUID, session: SessionDep, context: ContextDep) -> EntryRead:
    return await entries.get(session, context.keyring, sitting_id, entry_id)


@router.patch(
    "/entries/{entry_id}",
    operation_id="update_entry",
    summary="修改报考记录 Correct an entry while the sitting is a draft",
    responses=problems(*WRITE_PROBLEMS),
)
async def update_entry(
    sitting_id: UUID,
    entry_id: UUID,
    body: EntryUpdate,
    actor: Writer,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> EntryRead:
    changes = body.model_dump(exclude_unset=True)
    return await entries.update(session, context.keyring, sitting_id, entry_id, changes, actor, now)


@router.delete(
    "/entries/{entry_id}",
    operation_id="remove_entry",
    summary="删除报考记录 Remove an entry while the sitting is a draft",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_found", "sitting_frozen"),
)
async def remove_entry(sitting_id: UUID, entry_id: UUID, actor: Writer, session: SessionDep, now: NowDep) -> None:
    await entries.remove(session, sitting_id, entry_id, actor, now)


@router.post(
    "/seating",
    operation_id="seat_entries",
    summary="排座 Seat entries automatically or by hand",
    responses=problems(*WRITE_PROBLEMS, "not_enough_seats", "idempotency_key_reused"),
)
async def seat_entries(
    sitting_id: UUID,
    body: Annotated[SeatingCreate, Body()],
    actor: Writer,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
) -> SeatingRead:
    """By hand all entries move or none, and two may change places."""

    async def run() -> SeatingRead:
        if isinstance(body, AutomaticSeating):
            seated, seed = await seating.automatic(session, sitting_id, body.seed, actor, now)
            return SeatingRead(seated=seated, seed=seed)
        moves = [SeatMove(move.entry_id, Seat(move.room_id, move.seat_number)) for move in body.assignments]
        return SeatingRead(seated=await seating.by_hand(session, sitting_id, moves, actor, now), seed=None)

    return await once(actor, SeatingRead, run)


@router.get(
    "/rooms/{room_id}/seats",
    operation_id="list_seats",
    summary="座次表 The seats of a room",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def list_seats(sitting_id: UUID, room_id: UUID, session: SessionDep, context: ContextDep) -> Page[SeatRead]:
    return Page(items=await seating.plan(session, context.keyring, sitting_id, room_id), next_cursor=None)
