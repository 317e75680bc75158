"""Problem details (RFC 9457) for everything that goes wrong, in the language of Accept-Language."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.core.problem_catalog import CATALOG
from app.core.problems import Language, Problem
from app.core.repeating import is_unavailable, is_worth_repeating, sqlstate
from app.core.validation import invalid_field
from app.domain.body_limits import MEGABYTE, body_limit
from app.routers.middleware import SAFE_HEADERS
from app.schemas.shared import FieldErrorRead

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()


class ProblemRead(BaseModel):
    """Problem details, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/invalid_transition"])
    title: str
    status: int
    detail: str = Field(description="What is wrong and what to do, in the language of Accept-Language.")
    code: str = Field(description="Stable.", examples=["invalid_transition"])
    errors: list[FieldErrorRead] | None = None
    clause: str | None = None
    request_id: str | None = None


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may answer with these problems, with an example of each."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = CATALOG[code]
        example = {
            "type": f"/problems/{code}",
            "title": kind.title.zh,
            "status": kind.status,
            "detail": kind.detail.zh,
            "code": code,
        }
        response = responses.setdefault(
            kind.status,
            {
                "description": kind.title.en,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemRead"}, "examples": {}}},
            },
        )
        response["content"][MEDIA_TYPE]["examples"][code] = {"summary": kind.title.en, "value": example}
    return responses


def language_of(request: Request) -> Language:
    """The first of zh and en that Accept-Language names (RFC 9110, 12.5.4, by order); zh-CN when neither is."""
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag == "en" or tag.startswith("en-"):
            return "en"
        if tag == "zh" or tag.startswith("zh-"):
            return "zh-CN"
    return "zh-CN"


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    request.app.state.context.metrics.problems.labels(problem.code).inc()
    language = language_of(request)
    request_id = request.scope.get("request_id")
    body = problem.render(language) | {"request_id": request_id}
    challenge = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    own = {"Content-Language": language, "X-Request-Id": str(request_id)}
    headers = SAFE_HEADERS | own | challenge | problem.headers
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Problem):
        raise error
    log.info("problem", code=error.code, status=error.status)
    return problem_response(request, error)


async def on_validation_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [invalid_field(_place(entry["loc"]), entry) for entry in error.errors()]
    return problem_response(request, Problem("invalid_request", errors=errors))


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:
        return problem_response(request, Problem("not_found", what=request.url.path))
    if error.status_code == 405:
        return problem_response(request, Problem("method_not_allowed", method=request.method, headers=error.headers))
    if error.status_code == 413:
        megabytes = body_limit(request.scope["path"]) // MEGABYTE
        return problem_response(request, Problem("body_too_large", megabytes=megabytes))
    if error.status_code == 401:
        return problem_response(request, Problem("not_authenticated", headers=error.headers))
    return problem_response(request, Problem("bad_request", message=str(error.detail), headers=error.headers))


async def on_disconnect(request: Request, _error: Exception) -> JSONResponse:
    """Who broke off in the middle of a body reads no answer; it is no fault of the service."""
    return problem_response(request, Problem("bad_request", message="the body is incomplete"))


async def on_database_error(request: Request, error: Exception) -> JSONResponse:
    """A lost or refusing database is a 503 to try again; what cannot be stored (SQLSTATE class 22, such as NUL in a
    text) is the caller's; any other database error is a bug."""
    if is_unavailable(error):
        request.state.worth_repeating = is_worth_repeating(error)
        log.warning("database_unavailable", error=type(error).__name__, sqlstate=sqlstate(error))
        return problem_response(request, Problem("database_unavailable", headers={"Retry-After": "2"}))
    if sqlstate(error).startswith("22"):
        return problem_response(request, Problem("invalid_request"))
    return await on_unexpected_error(request, error)


async def on_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    told = {"sqlstate": sqlstate(error)} if isinstance(error, DBAPIError) else {"exc_info": error}
    log.error("unexpected_error", error=type(error).__name__, **told)
    return problem_response(request, Problem("internal_error", request_id=request.scope.get("request_id")))


def install_error_handlers(app: FastAPI) -> None:
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
        Problem: on_problem,
        RequestValidationError: on_validation_error,
        HTTPException: on_http_error,
        ClientDisconnect: on_disconnect,
        DBAPIError: on_database_error,
        OSError: on_database_error,
        TimeoutError: on_database_error,
        PoolTimeoutError: on_database_error,
        Exception: on_unexpected_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _place(location: tuple[int | str, ...]) -> str:
    """`("body", "items", 3, "key")` -> `items[3].key`; other sources keep their name in front."""
    parts = location[1:] if location and location[0] == "body" and len(location) > 1 else location
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
