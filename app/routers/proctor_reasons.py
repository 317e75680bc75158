"""The reasons that proctors give with their commands."""

from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from app.core.permissions import Scope
from app.domain.actors import Actor
from app.domain.reasons import REASONS, TAXONOMY_VERSION
from app.routers.dependencies import staff_with
from app.schemas.commands import ReasonRead, ReasonsRead

router = APIRouter(prefix="/proctor", tags=["proctor"])

ETAG = f'"{TAXONOMY_VERSION}"'
TAXONOMY = ReasonsRead(
    version=TAXONOMY_VERSION,
    reasons=[
        ReasonRead(
            code=reason,
            category=reason.category,
            zh=entry.zh,
            en=entry.en,
            stops_clock=entry.stops_clock,
            commands=sorted(entry.fits),
        )
        for reason, entry in REASONS.items()
    ],
)


@router.get(
    "/reasons",
    operation_id="list_reasons",
    summary="原因分类 The taxonomy of reasons, with its version",
    response_model=ReasonsRead,
    responses={304: {"description": "The taxonomy has not changed (ETag)."}},
)
async def list_reasons(
    _actor: Annotated[Actor, staff_with(Scope.rooms_proctor)],
    response: Response,
    if_none_match: Annotated[str | None, Header(description="ETag of the taxonomy the client has.")] = None,
) -> ReasonsRead | Response:
    if if_none_match is not None and ETAG in if_none_match:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers={"ETag": ETAG})
    response.headers["ETag"] = ETAG
    return TAXONOMY
