"""The logins of a proctor's candidates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from app.core.permissions import Scope
from app.domain.actors import Actor
from app.routers.dependencies import NowDep, SessionDep, staff_with
from app.routers.errors import problems
from app.services import login_unlocking

router = APIRouter(prefix="/proctor/attempts", tags=["proctor"])


@router.post(
    "/{attempt_id}/unlock-login",
    operation_id="unlock_candidate_login",
    summary="解除登录锁定 Let a candidate try to log in again at once",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_found", "database_unavailable"),
)
async def unlock_candidate_login(
    attempt_id: UUID, actor: Annotated[Actor, staff_with(Scope.rooms_proctor)], session: SessionDep, now: NowDep
) -> None:
    """Of a ticket that is not locked out it changes nothing."""
    await login_unlocking.unlock(session, actor, attempt_id, now)
