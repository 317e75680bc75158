"""The application: context, middleware, routers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.core.context import Context
from app.routers import ROUTERS
from app.routers.body_limit import BodyLimitMiddleware
from app.routers.documentation import install_documentation
from app.routers.errors import install_error_handlers, problems
from app.routers.middleware import RequestIdMiddleware
from app.routers.pages import install_pages
from app.routers.repeated_reads import RepeatedReads
from app.routers.service import Service
from app.services.lifespan import running

DESCRIPTION = """
国家职业技能等级认定理论知识考试服务。Theory exams of national occupational skill certification.

- 时间均为 RFC 3339 UTC；以数据库时钟为准。Times are RFC 3339 UTC; the database's clock is the exam's clock.
- 错误为 RFC 9457 problem+json，`code` 不变，`detail` 随 Accept-Language（zh-CN 默认，en）。
- 列表以 `cursor` 翻页。创建类请求可带 `Idempotency-Key`。
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with running(app.state.context) as services:
        app.state.services = services
        yield


def create_app(context: Context) -> FastAPI:
    """The service over an open context; the caller disposes of the context."""

    app = Service(
        title="考场 Kaochang",
        version=version("kaochang"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        responses=problems("invalid_request", "internal_error"),
    )
    app.state.context = context
    api = APIRouter(prefix="/api/v1")
    for router in ROUTERS:
        api.include_router(router)
    app.include_router(api)
    install_documentation(app)
    install_pages(app)
    install_error_handlers(app)
    app.add_middleware(RepeatedReads)
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(RequestIdMiddleware)
    return app


def routes_of(app: FastAPI) -> list[RouteContext]:
    """Every route of the interface, those of included routers with their whole path and dependencies."""
    return [context for context in iter_route_contexts(app.routes) if isinstance(context.original_route, APIRoute)]
