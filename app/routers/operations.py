"""For operations: liveness and readiness."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from app.routers.dependencies import PUBLIC, SessionDep
from app.routers.errors import problems

router = APIRouter(tags=["operations"])


class HealthRead(BaseModel):
    status: Literal["ok"]


@router.get("/healthz", operation_id="get_health", summary="进程存活 The process is alive", dependencies=[PUBLIC])
async def get_health() -> HealthRead:
    return HealthRead(status="ok")


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="可以服务 Ready to serve: the database answers",
    dependencies=[PUBLIC],
    responses=problems("database_unavailable"),
)
async def get_readiness(session: SessionDep) -> HealthRead:
    await session.execute(text("SELECT 1"))
    return HealthRead(status="ok")
