"""For operations: liveness, readiness, metrics."""

import hmac
from ipaddress import ip_address
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import text

from app.core.problems import Problem
from app.routers.dependencies import PUBLIC, AddressDep, ContextDep, SessionDep
from app.routers.errors import problems
from app.routers.hot_routes import services_of

router = APIRouter(tags=["operations"])

FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
"""Headers by which a proxy says that the request is another one's."""

scraper_scheme = HTTPBearer(
    scheme_name="metrics", description="KAOCHANG_METRICS_TOKEN；本机直连可免 Not needed from loopback", auto_error=False
)


class HealthRead(BaseModel):
    status: Literal["ok"]


class ReadinessRead(HealthRead):
    """`announcements`: boards are told by notifications, or poll the database while none arrive."""

    announcements: Literal["notified", "polling"]


class Exposition(Response):
    media_type = "text/plain; version=0.0.4"


@router.get("/healthz", operation_id="get_health", summary="进程存活 The process is alive", dependencies=[PUBLIC])
async def get_health() -> HealthRead:
    return HealthRead(status="ok")


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="可以服务 Ready to serve: the database answers",
    dependencies=[PUBLIC],
    responses=problems("database_unavailable", "service_stopping"),
)
async def get_readiness(session: SessionDep, request: Request) -> ReadinessRead:
    await session.execute(text("SELECT 1"))
    services = services_of(request)
    if services.stopping:
        raise Problem("service_stopping")
    hearing = services.announcements.hearing
    return ReadinessRead(status="ok", announcements="notified" if hearing else "polling")


async def authorize_scraper(
    request: Request,
    context: ContextDep,
    address: AddressDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(scraper_scheme)],
) -> None:
    """Whoever has the token, and this machine itself, unless a proxy on it speaks for another.

    Raises Problem `metrics_token_required` (401).
    """
    token = context.settings.metrics_token
    if credentials is not None and token is not None:
        known = hmac.compare_digest(credentials.credentials.encode(), token.get_secret_value().encode())
    else:
        known = credentials is None and _is_loopback(address) and FORWARDED.isdisjoint(request.headers)
    if not known:
        raise Problem("metrics_token_required")


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="运行指标 Figures for Prometheus",
    dependencies=[Depends(authorize_scraper)],
    response_class=Exposition,
    responses=problems("metrics_token_required"),
)
async def get_metrics(request: Request, context: ContextDep) -> Response:
    await request.app.state.services.figures.refresh()
    content, media_type = context.metrics.exposition(request.headers.get("accept", ""))
    return Response(content, media_type=media_type)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
