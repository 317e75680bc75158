"""Papers."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, status

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.answers import LETTERS
from app.domain.composition import Composition
from app.models.paper import Paper
from app.routers.dependencies import ContextDep, NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.papers import (
    BlueprintCellsRead,
    BlueprintPreviewRead,
    BlueprintRead,
    BlueprintRequest,
    BlueprintRowRead,
    PaperAssemble,
    PaperDetailRead,
    PaperItemRead,
    PaperRead,
    PapersRead,
)
from app.services import papers
from app.services.papers import Assembly

BLUEPRINT_PROBLEMS = ("standard_not_loaded", "unknown_level", "composition_total", "blueprint_infeasible")
READER = staff_with(Scope.papers_read)

router = APIRouter(prefix="/papers", tags=["papers"])


@router.post(
    "/assemble",
    operation_id="assemble_papers",
    summary="组卷 Assemble papers to the standard's weights",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*BLUEPRINT_PROBLEMS, "forms_unavailable", "search_limit"),
)
async def assemble_papers(
    body: PaperAssemble,
    actor: Annotated[Actor, staff_with(Scope.papers_write)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    once: OnceDep,
) -> PapersRead:
    """Each area's points equal its weight exactly. The same bank, request and seed give the same sealed papers."""
    request = Assembly(**body.model_dump(exclude={"composition"}), composition=Composition(shares=body.composition))

    async def run() -> PapersRead:
        made = await papers.assemble(session, context.apart, request, actor, now)
        return PapersRead(papers=[_read(paper) for paper in made])

    return await once(actor, PapersRead, run)


@router.post(
    "/blueprint",
    operation_id="preview_blueprint",
    summary="试算双向细目表 The blueprint that papers would have, beside what the bank holds; nothing is changed",
    dependencies=[staff_with(Scope.papers_write)],
    responses=problems(*BLUEPRINT_PROBLEMS),
)
async def preview_blueprint(body: BlueprintRequest, context: ContextDep, session: SessionDep) -> BlueprintPreviewRead:
    """A blueprint for one paper may exist where `forms` of them do not: compare `counts` times `forms` with
    `available`. Whether enemies, difficulty and levels allow papers too is found by assembling.
    """
    composition = Composition(shares=body.composition)
    blueprint, cells = await papers.preview(
        session, context.apart, body.standard_code, body.edition, body.level, composition, body.forms
    )
    return BlueprintPreviewRead(
        rows=[
            BlueprintCellsRead(
                **row.model_dump(), available={kind: cells.get(row.area, {}).get(kind, 0) for kind in row.counts}
            )
            for row in blueprint.rows
        ]
    )


@router.get(
    "",
    operation_id="list_papers",
    summary="试卷列表 Papers, the newest first",
    dependencies=[READER],
    responses=problems("invalid_cursor"),
)
async def list_papers(
    session: SessionDep,
    page: PageDep,
    standard_code: Annotated[str | None, Query()] = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
) -> Page[PaperRead]:
    found = await papers.list_(
        session, standard_code=standard_code, level=level, after=decode_cursor(page.cursor, UUID), limit=page.limit
    )
    return page_of(found, page.limit, _read, lambda paper: paper.id)


@router.get(
    "/{paper_id}",
    operation_id="get_paper",
    summary="试卷 A paper without keys",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def get_paper(paper_id: UUID, session: SessionDep) -> PaperDetailRead:
    return _detail(await papers.get(session, paper_id), with_keys=False)


@router.get(
    "/{paper_id}/keys",
    operation_id="get_paper_keys",
    summary="试卷及答案 A paper with its keys; the reading is recorded",
    responses=problems("not_found"),
)
async def get_paper_keys(
    paper_id: UUID,
    actor: Annotated[Actor, staff_with(Scope.papers_read_keys)],
    session: SessionDep,
    now: NowDep,
) -> PaperDetailRead:
    return _detail(await papers.read_keys(session, paper_id, actor, now), with_keys=True)


@router.get(
    "/{paper_id}/blueprint",
    operation_id="get_paper_blueprint",
    summary="双向细目表 Points and items per area and type",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def get_paper_blueprint(paper_id: UUID, session: SessionDep) -> BlueprintRead:
    paper = await papers.get(session, paper_id)
    return BlueprintRead(paper_id=paper.id, rows=_rows(paper), composition=paper.composition)


def _rows(paper: Paper) -> list[BlueprintRowRead]:
    return [BlueprintRowRead.model_validate(row) for row in paper.blueprint]


def _fields(paper: Paper) -> dict[str, Any]:
    rows = _rows(paper)
    total = sum((row.points for row in rows), Decimal(0))
    own = paper.model_dump(include=set(PaperRead.model_fields) - {"blueprint"})
    return own | {"blueprint": rows, "total_points": total}


def _read(paper: Paper) -> PaperRead:
    return PaperRead(**_fields(paper))


def _detail(paper: Paper, *, with_keys: bool) -> PaperDetailRead:
    items = [
        PaperItemRead(
            **{name: item[name] for name in ("code", "version", "type", "area", "stem", "points")},
            number=item["position"],
            options=[{"letter": letter, "text": text} for letter, text in zip(LETTERS, item["options"], strict=False)],
            key=item["key"] if with_keys else None,
        )
        for item in paper.content["items"]
    ]
    return PaperDetailRead(**_fields(paper), items=items)
