"""The paper as the candidate's client fetches it: in clear while writing, sealed while waiting."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response, status

from app.routers.dependencies import CandidateDep
from app.routers.errors import problems
from app.routers.exam_messages import CANDIDATE_PROBLEMS
from app.routers.hot_routes import HotAnswer, HotRequest, HotRoute, services_of
from app.schemas.exam import CandidatePaperRead, SealedPaperRead
from app.services.exam_papers import CandidatePaper, Papers

router = APIRouter(prefix="/exam", tags=["exam"])

IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="ETag of the paper the client has.")]


def get_papers(request: Request) -> Papers:
    return services_of(request).papers


PapersDep = Annotated[Papers, Depends(get_papers)]


@router.get(
    "/paper",
    operation_id="get_exam_paper",
    summary="试卷 The items in this candidate's order, without keys",
    response_model=CandidatePaperRead,
    responses=problems(*CANDIDATE_PROBLEMS, "paper_not_open")
    | {304: {"description": "The paper has not changed (ETag)."}},
)
async def get_exam_paper(claims: CandidateDep, papers: PapersDep, known: IfNoneMatch = None) -> Response:
    return _response(_paper(await papers.clear(claims), known))


@router.get(
    "/sealed-paper",
    operation_id="get_sealed_paper",
    summary="加密试卷（候考时预取）The paper, encrypted, to be fetched while waiting",
    response_model=SealedPaperRead,
    responses=problems(*CANDIDATE_PROBLEMS, "paper_not_open")
    | {304: {"description": "The paper has not changed (ETag)."}},
)
async def get_sealed_paper(claims: CandidateDep, papers: PapersDep, known: IfNoneMatch = None) -> Response:
    """POST /exam/start gives the key, so that the bell costs one small request, and no paper is seen before it."""
    return _response(_paper(await papers.sealed(claims), known))


async def _clear_paper(request: HotRequest) -> HotAnswer:
    """What the declaration of `get_exam_paper` says."""
    return _paper(await request.services.papers.clear(request.claims()), request.header(b"if-none-match"))


async def _sealed_paper(request: HotRequest) -> HotAnswer:
    """What the declaration of `get_sealed_paper` says."""
    return _paper(await request.services.papers.sealed(request.claims()), request.header(b"if-none-match"))


def _paper(paper: CandidatePaper, known: str | None) -> HotAnswer:
    tag = f'"{paper.tag}"'
    headers = [(b"etag", tag.encode())]
    if known is not None and tag in known:
        return HotAnswer(b"", status.HTTP_304_NOT_MODIFIED, headers)
    return HotAnswer(paper.body, headers=headers)


def _response(answer: HotAnswer) -> Response:
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.content, answer.status, headers, media_type="application/json")


HOT = (
    HotRoute("GET", "/api/v1/exam/paper", "get_exam_paper", _clear_paper),
    HotRoute("GET", "/api/v1/exam/sealed-paper", "get_sealed_paper", _sealed_paper),
)
