"""The item bank."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.bank_files import parse_bank
from app.domain.bank_import import Bank, rows_of
from app.domain.item_states import ItemCommand, ItemState
from app.domain.items import BankDocument, ItemType
from app.models.item import ItemVersion
from app.routers.dependencies import NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.items import (
    BankLoadRead,
    BankPlanRead,
    BankRowRead,
    ItemCreate,
    ItemDetailRead,
    ItemMove,
    ItemRead,
    ItemUpdate,
    ItemVersionRead,
)
from app.services import bank, item_keys, item_search, items
from app.services.item_keys import KeyView
from app.services.item_search import ItemFilter
from app.services.items import BankItem

router = APIRouter(prefix="/items", tags=["items"])

Reader = Annotated[Actor, staff_with(Scope.items_read)]
Writer = Annotated[Actor, staff_with(Scope.items_read, Scope.items_write)]
Reviewer = Annotated[Actor, staff_with(Scope.items_read, Scope.items_review)]

ImportState = Annotated[
    Literal["draft", "active"], Query(description="active 须有审核权限 active needs `items:review`.")
]

KEY_MEMBERS = ("key", "rationale", "reference", "content_hash")
"""Of a version: the key, what explains it, and what it can be guessed from."""

MEGABYTES = 5
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")
IMPORT_PROBLEMS = ("standard_not_loaded", "not_allowed", "bank_invalid", "bank_too_large", "bank_media_type")
MOVE_PROBLEMS = ("not_found", "invalid_transition")


def _bank_body() -> dict[str, Any]:
    """The request body of an import for the OpenAPI description."""
    schema = BankDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["properties"]["items"]["items"] = schema.pop("$defs")["ItemDocument"]
    content = {"application/json": {"schema": schema}, "application/yaml": {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


@router.get(
    "",
    operation_id="list_items",
    summary="试题列表 Items; the reading of their keys is recorded",
    responses=problems("invalid_cursor"),
)
async def list_items(
    actor: Reader,
    session: SessionDep,
    now: NowDep,
    page: PageDep,
    standard_code: Annotated[str | None, Query(examples=["3-01-01-01"])] = None,
    state: Annotated[ItemState | None, Query()] = None,
    type: Annotated[ItemType | None, Query()] = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
    area: Annotated[str | None, Query(max_length=100)] = None,
    knowledge_point: Annotated[str | None, Query(max_length=40, examples=["L5/1.1.1"])] = None,
    q: Annotated[str | None, Query(max_length=100, description="编号、题干、选项中的文字 Text sought.")] = None,
) -> Page[ItemRead]:
    """In the order of making. With `state=active` the active versions, else the versions that stand for the items.

    Keys are null without `items:read_keys`, and of a `locked` item without `papers:read_keys`.
    """
    wanted = ItemFilter(standard_code, state, type, level, area, knowledge_point, q)
    found = await item_search.list_(session, wanted, after=decode_cursor(page.cursor, UUID), limit=page.limit)
    keys = await item_keys.view(session, actor, [held.item for held in found[: page.limit]], now)
    return page_of(found, page.limit, lambda held: ItemRead(**_fields(held, keys)), lambda held: held.item.id)


@router.post(
    "",
    operation_id="create_item",
    summary="新建试题 A new item, a draft",
    status_code=status.HTTP_201_CREATED,
    responses=problems("standard_not_loaded", "item_invalid", "item_code_taken", "idempotency_key_reused"),
)
async def create_item(
    body: ItemCreate, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> ItemDetailRead:
    fields = body.model_dump(exclude={"standard_code", "edition"})

    async def run() -> ItemDetailRead:
        held = await items.create(session, body.standard_code, body.edition, fields, actor, now)
        return _detail(held, KeyView(frozenset(), frozenset({held.item.id})))

    return await once(actor, ItemDetailRead, run)


@router.post(
    "/import",
    operation_id="import_items",
    summary="导入题库 Import a bank: all rows or none",
    responses=problems(*IMPORT_PROBLEMS, "idempotency_key_reused"),
    openapi_extra=_bank_body(),
)
async def import_items(
    request: Request,
    actor: Writer,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
    state: ImportState = "draft",
) -> BankLoadRead:
    """Items that the bank holds with the same content stay; others become drafts, or active at once with `state`."""
    content = await _bank(request, state, actor)

    async def run() -> BankLoadRead:
        loaded = await bank.load(session, content, ItemState(state), actor, now)
        return BankLoadRead(created=loaded.created, changed=loaded.changed, unchanged=loaded.unchanged)

    return await once(actor, BankLoadRead, run)


@router.post(
    "/import/preview",
    operation_id="preview_import",
    summary="预览导入 What an import would do with each row; nothing is changed",
    responses=problems(*IMPORT_PROBLEMS),
    openapi_extra=_bank_body(),
)
async def preview_import(
    request: Request, actor: Writer, session: SessionDep, state: ImportState = "draft"
) -> BankPlanRead:
    planned = await bank.plan(session, await _bank(request, state, actor), ItemState(state), actor)
    return BankPlanRead(
        standard_code=planned.edition.code,
        edition=planned.edition.edition,
        rows=[
            BankRowRead(code=item.code, type=item.type, level=item.level, stem=item.stem, outcome=plan.outcome)
            for item, plan in planned.rows
        ],
    )


@router.get(
    "/{item_id}",
    operation_id="get_item",
    summary="试题及各版本 An item with its versions",
    responses=problems("not_found"),
)
async def get_item(
    item_id: UUID, actor: Reader, session: SessionDep, now: NowDep, response: Response
) -> ItemDetailRead:
    """The ETag is the newest version, for `If-Match` of a change. Keys as in the list."""
    return await _shown(session, actor, await items.get(session, item_id), now, response)


@router.patch(
    "/{item_id}",
    operation_id="update_item",
    summary="修改试题 A changed item is a new version, a draft",
    responses=problems("not_found", "item_invalid", "item_changed", "item_key_needed"),
)
async def update_item(
    item_id: UUID,
    body: ItemUpdate,
    actor: Writer,
    session: SessionDep,
    now: NowDep,
    response: Response,
    if_match: Annotated[str | None, Header(pattern=r'^"[0-9]{1,9}"$', examples=['"1"'])] = None,
) -> ItemDetailRead:
    """The active version stays in use until the new one is activated. The same content makes no new version.

    Of a `locked` item a new version may be written, but its keys are not shown.
    """
    expected = int(if_match.strip('"')) if if_match else None
    changes = body.model_dump(exclude_unset=True)
    held = await items.update(session, item_id, changes, expected, actor, now)
    return await _shown(session, actor, held, now, response)


@router.post(
    "/{item_id}/review",
    operation_id="review_item",
    summary="审核通过 Pass a draft, by another than its author",
    responses=problems(*MOVE_PROBLEMS, "second_person_needed", "item_locked"),
)
async def review_item(
    item_id: UUID, actor: Reviewer, session: SessionDep, now: NowDep, body: ItemMove | None = None
) -> ItemDetailRead:
    held = await items.command(session, item_id, ItemCommand.review, _number(body), actor, now)
    return await _shown(session, actor, held, now)


@router.post(
    "/{item_id}/activate",
    operation_id="activate_item",
    summary="启用 Put a reviewed version to use; it replaces the active one",
    responses=problems(*MOVE_PROBLEMS),
)
async def activate_item(
    item_id: UUID, actor: Reviewer, session: SessionDep, now: NowDep, body: ItemMove | None = None
) -> ItemDetailRead:
    held = await items.command(session, item_id, ItemCommand.activate, _number(body), actor, now)
    return await _shown(session, actor, held, now)


@router.post(
    "/{item_id}/retire",
    operation_id="retire_item",
    summary="停用 Withdraw a version; papers that have it keep it",
    responses=problems(*MOVE_PROBLEMS),
)
async def retire_item(
    item_id: UUID, actor: Reviewer, session: SessionDep, now: NowDep, body: ItemMove | None = None
) -> ItemDetailRead:
    held = await items.command(session, item_id, ItemCommand.retire, _number(body), actor, now)
    return await _shown(session, actor, held, now)


async def _bank(request: Request, state: ImportState, actor: Actor) -> Bank:
    """The bank in the body. Raises Problem `not_allowed`, `bank_media_type`, `bank_too_large` or `bank_invalid`."""
    if state == "active" and Scope.items_review not in actor.scopes:
        raise Problem("not_allowed", scopes=Scope.items_review)
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in ("application/json", *YAML_TYPES):
        raise Problem("bank_media_type")
    body = await request.body()
    if len(body) > MEGABYTES << 20:
        raise Problem("bank_too_large", limit=MEGABYTES)
    document = await asyncio.to_thread(parse_bank, body.decode(errors="replace"))
    return Bank(document.standard, document.edition, rows_of(document))


def _number(body: ItemMove | None) -> int | None:
    return None if body is None else body.version


def _version(version: ItemVersion, *, keys: bool) -> ItemVersionRead:
    read = ItemVersionRead.model_validate(version, from_attributes=True)
    return read if keys else read.model_copy(update=dict.fromkeys(KEY_MEMBERS))


def _fields(held: BankItem, keys: KeyView) -> dict[str, Any]:
    return {
        **_version(held.head, keys=held.item.id in keys.readable).model_dump(),
        "id": held.item.id,
        "standard_code": held.standard.code,
        "edition": held.standard.edition,
        "code": held.item.code,
        "area": held.area,
        "locked": held.item.id in keys.locked,
    }


def _detail(held: BankItem, keys: KeyView) -> ItemDetailRead:
    readable = held.item.id in keys.readable
    return ItemDetailRead(
        **_fields(held, keys), versions=[_version(version, keys=readable) for version in held.versions]
    )


async def _shown(
    session: AsyncSession, actor: Actor, held: BankItem, now: datetime, response: Response | None = None
) -> ItemDetailRead:
    """The item with the keys that the actor may read, which is recorded."""
    if response is not None:
        response.headers["ETag"] = f'"{held.versions[0].version}"'
    return _detail(held, await item_keys.view(session, actor, [held.item], now))
