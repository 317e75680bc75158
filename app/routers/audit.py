"""The audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.models.audit import AuditEvent
from app.routers.dependencies import PageDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.results import AuditEventRead
from app.services import audit

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get(
    "",
    operation_id="list_audit_events",
    summary="审计记录 Events in the order they were written",
    dependencies=[staff_with(Scope.audit_read)],
    responses=problems("invalid_cursor"),
)
async def list_audit_events(
    session: SessionDep,
    page: PageDep,
    sitting_id: Annotated[UUID | None, Query()] = None,
    subject_id: Annotated[UUID | None, Query()] = None,
) -> Page[AuditEventRead]:
    events = await audit.list_(
        session,
        sitting_id=sitting_id,
        subject_id=subject_id,
        after=decode_cursor(page.cursor, UUID),
        limit=page.limit,
    )
    return page_of(events, page.limit, _read, lambda event: event.id)


def _read(event: AuditEvent) -> AuditEventRead:
    return AuditEventRead.model_validate(event.model_dump())
