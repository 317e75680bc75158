"""The item bank of a standard as a whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from app.core.permissions import Scope
from app.routers.dependencies import ContextDep, SessionDep, staff_with
from app.routers.errors import language_of, problems
from app.schemas.banks import BankCellRead, BankFindingRead, BankReportRead
from app.services import bank_report

router = APIRouter(prefix="/banks", tags=["items"])


@router.get(
    "/{standard_code}/report",
    operation_id="get_bank_report",
    summary="题库检查 Coverage, needs and findings of the active items",
    dependencies=[staff_with(Scope.items_read)],
    responses=problems("standard_not_loaded", "composition_total", "blueprint_infeasible"),
)
async def get_bank_report(
    standard_code: str,
    request: Request,
    context: ContextDep,
    session: SessionDep,
    edition: Annotated[str | None, Query(max_length=4, description="缺省为最新版 The newest when left out.")] = None,
) -> BankReportRead:
    """What `kaochang bank check` tells, for papers of the usual composition."""
    found = await bank_report.report(session, context.apart, standard_code, edition)
    language = language_of(request)
    return BankReportRead(
        items_per_point=dict(found.items_per_point),
        cells=[BankCellRead.model_validate(cell, from_attributes=True) for cell in found.cells],
        findings=[BankFindingRead(**finding.render(language)) for finding in found.findings],
    )
