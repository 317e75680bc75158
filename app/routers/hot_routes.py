"""Routes that are called so often that routing and dependencies would cost more than the work itself.

They are declared and described like every other. But their requests are answered before FastAPI looks for a route: the
path is known, the inputs are found by hand, and the same function does the work.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.tokens import CandidateClaims
from app.routers.dependencies import candidate_claims
from app.services.lifespan import Running

Shape = TypeVar("Shape", bound=BaseModel)
Answer = Callable[[Request], Awaitable[BaseModel]]


@dataclass(frozen=True)
class HotRoute:
    """`operation_id` and `path` stand in metrics and logs, as those of a declared route."""

    method: str
    path: str
    operation_id: str
    answer: Answer


class HotRoutes:
    """Middleware that answers the requests of `routes`; what they refuse is refused as everywhere."""

    def __init__(self, app: ASGIApp, routes: Sequence[HotRoute]) -> None:
        self.app = app
        self._routes = {(route.method, route.path): route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = route
        response = await _response(route.answer, Request(scope, receive))
        await response(scope, receive, send)


async def _response(answer: Answer, request: Request) -> Response:
    """Raises what no handler of the application is for."""
    try:
        return Response((await answer(request)).model_dump_json(), media_type="application/json")
    except Exception as error:
        handlers = request.app.exception_handlers
        handler = next((handlers[kind] for kind in type(error).__mro__[:-3] if kind in handlers), None)
        if handler is None:
            raise
        refusal: Response = await handler(request, error)
        return refusal


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
