"""Staff accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.actors import Actor
from app.models.staff import Staff
from app.routers.dependencies import NowDep, OnceDep, PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.staff import StaffCreate, StaffRead, StaffUpdate
from app.services import staff

router = APIRouter(prefix="/staff", tags=["staff"])

MANAGER = staff_with(Scope.staff_manage)
Manager = Annotated[Actor, MANAGER]
ACCESS_PROBLEMS = ("not_authenticated", "invalid_token", "not_allowed")


@router.post(
    "",
    operation_id="create_staff",
    summary="新建账号 Open an account",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*ACCESS_PROBLEMS, "username_taken", "password_refused", "idempotency_key_reused"),
)
async def create_staff(body: StaffCreate, actor: Manager, session: SessionDep, now: NowDep, once: OnceDep) -> StaffRead:
    async def run() -> StaffRead:
        account = await staff.create(
            session,
            username=body.username,
            name=body.name,
            roles=body.roles,
            password=body.password.get_secret_value(),
            actor=actor,
            now=now,
        )
        return _read(account)

    return await once(actor, StaffRead, run)


@router.get(
    "",
    operation_id="list_staff",
    summary="账号列表 Accounts, the oldest first",
    dependencies=[MANAGER],
    responses=problems(*ACCESS_PROBLEMS, "invalid_cursor"),
)
async def list_staff(session: SessionDep, page: PageDep) -> Page[StaffRead]:
    found = await staff.list_(session, after=decode_cursor(page.cursor, UUID), limit=page.limit)
    return page_of(found, page.limit, _read, lambda account: account.id)


@router.get(
    "/{staff_id}",
    operation_id="get_staff",
    summary="账号 An account",
    dependencies=[MANAGER],
    responses=problems(*ACCESS_PROBLEMS, "not_found"),
)
async def get_staff(staff_id: UUID, session: SessionDep) -> StaffRead:
    return _read(await staff.get(session, staff_id))


@router.patch(
    "/{staff_id}",
    operation_id="update_staff",
    summary="修改账号 Change name, roles, password; deactivate",
    responses=problems(*ACCESS_PROBLEMS, "not_found", "own_account", "password_refused"),
)
async def update_staff(
    staff_id: UUID, body: StaffUpdate, actor: Manager, session: SessionDep, now: NowDep
) -> StaffRead:
    """Takes effect at once; a new password and a deactivation end the account's logins."""
    return _read(await staff.update(session, staff_id, body.changes(), actor, now))


@router.post(
    "/{staff_id}/unlock",
    operation_id="unlock_staff",
    summary="解除锁定 End the lockout after failed logins",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*ACCESS_PROBLEMS, "not_found"),
)
async def unlock_staff(staff_id: UUID, actor: Manager, session: SessionDep, now: NowDep) -> None:
    """Of an account that is not locked it changes nothing."""
    await staff.unlock(session, staff_id, actor, now)


def _read(account: Staff) -> StaffRead:
    return StaffRead.model_validate(account.model_dump(exclude={"password_hash"}))
