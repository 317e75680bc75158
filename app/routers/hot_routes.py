"""Routes that are called so often that routing, middleware and dependencies would cost more than the work itself.

They are declared and described like every other. But their requests are answered before the application looks at them:
the path is known, the inputs are found by hand, and the same function does the work. What is refused goes the common
way, with its log line.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.context import Context
from app.core.ids import new_id
from app.core.tokens import CandidateClaims
from app.domain.body_limits import body_limit
from app.routers.dependencies import candidate_claims
from app.routers.middleware import SAFE_HEADERS, RequestIdMiddleware
from app.services.lifespan import Running

Shape = TypeVar("Shape")

HEADERS = [
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()),
]


@dataclass(frozen=True, slots=True)
class HotRequest:
    scope: Scope
    receive: Receive

    @property
    def context(self) -> Context:
        context: Context = self.scope["app"].state.context
        return context

    @property
    def services(self) -> Running:
        services: Running = self.scope["app"].state.services
        return services

    def header(self, name: bytes) -> str | None:
        """`name` in lower case."""
        given = next((value for key, value in self.scope["headers"] if key == name), None)
        return None if given is None else given.decode("latin-1")

    def claims(self) -> CandidateClaims:
        """As `CandidateDep`."""
        return candidate_claims(self.context, self.header(b"authorization"))

    def paced_claims(self) -> CandidateClaims:
        """As `PacedCandidateDep`."""
        claims = self.claims()
        self.services.rates.admit(claims)
        return claims

    def bound(self) -> AbstractContextManager[object]:
        """Within it, logs and audit events tell the request's id."""
        return structlog.contextvars.bound_contextvars(request_id=self.scope["request_id"])

    async def parsed(self, shape: TypeAdapter[Shape]) -> Shape:
        """The body. Raises RequestValidationError (422), HTTPException (413), ClientDisconnect."""
        try:
            return shape.validate_json(await self._body())
        except ValidationError as error:
            errors = error.errors(include_url=False)
            raise RequestValidationError([{**entry, "loc": ("body", *entry["loc"])} for entry in errors]) from error

    async def _body(self) -> bytes:
        body = b""
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > body_limit(self.scope["path"]):
                raise HTTPException(413)
            more = message.get("more_body", False)
        return body


class HotAnswer(NamedTuple):
    """`content` is JSON."""

    content: bytes
    status: int = 200
    headers: Sequence[tuple[bytes, bytes]] = ()


@dataclass(frozen=True)
class HotRoute:
    """`operation_id` and `path` stand in metrics and logs, as those of a declared route."""

    method: str
    path: str
    operation_id: str
    answer: Callable[[HotRequest], Awaitable[HotAnswer]]


class HotRoutes:
    """Stands before the whole application and answers the requests of `routes`."""

    def __init__(self, app: ASGIApp, routes: Sequence[HotRoute]) -> None:
        self.app = app
        self._routes = {(route.method, route.path): route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        scope["route"], scope["request_id"], scope["started"] = route, str(new_id()), time.perf_counter()
        request = HotRequest(scope, receive)
        try:
            answer = await route.answer(request)
        except Exception as error:
            await RequestIdMiddleware(partial(_refuse, error))(scope, receive, send)
            return
        request.context.metrics.answered(route.operation_id, answer.status, time.perf_counter() - scope["started"])
        headers = [
            (b"content-length", str(len(answer.content)).encode()),
            (b"x-request-id", scope["request_id"].encode()),
            *HEADERS,
            *answer.headers,
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})


async def _refuse(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    handlers = request.app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    response = await handler(request, error)
    await response(scope, receive, send)


def services_of(request: Request) -> Running:
    services: Running = request.app.state.services
    return services
