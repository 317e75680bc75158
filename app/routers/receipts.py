"""Receipts: whoever holds one may have it checked."""

from fastapi import APIRouter

from app.routers.dependencies import PUBLIC, ContextDep, SessionDep
from app.routers.errors import problems
from app.schemas.results import ReceiptCheck, ReceiptFinding
from app.services import receipts

router = APIRouter(prefix="/receipts", tags=["exam"])


@router.post(
    "/check",
    operation_id="check_receipt",
    summary="核验回执 Whether a receipt is genuine and agrees with what is stored and graded",
    dependencies=[PUBLIC],
    responses=problems("database_unavailable"),
)
async def check_receipt(body: ReceiptCheck, session: SessionDep, context: ContextDep) -> ReceiptFinding:
    """Needs no login. Of a receipt that we did not sign nothing is looked up."""
    finding = await receipts.check(session, body.model_dump(), context.keyring.receipt_public_key)
    return ReceiptFinding(
        ok=finding.ok, signed=finding.signed, code=finding.code, stored=finding.stored, graded=finding.graded
    )
