"""Routes that are called so often that FastAPI's machinery for dependencies and shapes would cost more than the work.

They are declared and described like every other; but they find their inputs by themselves and write their answers at
once. What they refuse is refused alike.
"""

from typing import TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.core.tokens import CandidateClaims
from app.routers.dependencies import candidate_claims
from app.services.lifespan import Running

Shape = TypeVar("Shape", bound=BaseModel)


def services_of(request: Request) -> Running:
    services: Running = request.app.state.services
    return services


def paced_claims(request: Request) -> CandidateClaims:
    """As `PacedCandidateDep`."""
    claims = candidate_claims(request.app.state.context, request.headers.get("authorization"))
    services_of(request).rates.admit(claims)
    return claims


async def parsed(request: Request, shape: type[Shape]) -> Shape:
    """The body. Raises RequestValidationError (422)."""
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise RequestValidationError([{**entry, "loc": ("body", *entry["loc"])} for entry in errors]) from error


def answer(shape: BaseModel) -> Response:
    return Response(shape.model_dump_json(), media_type="application/json")
