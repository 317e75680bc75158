"""The report on a bank: what its active items suffice for, what they cover, and what should be mended."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.own_process import OwnProcess
from app.domain.bank_check import BankReport, check_bank
from app.domain.composition import Composition
from app.services import items, standards


async def report(session: AsyncSession, apart: OwnProcess, standard_code: str, edition: str | None) -> BankReport:
    """On the active items, for papers of the usual composition.

    Raises Problem `standard_not_loaded` (404), `composition_total` or `blueprint_infeasible` (422) for a standard whose
    weights the usual composition cannot meet.
    """
    row, standard = await standards.get(session, standard_code, edition)
    documents = await items.active_documents(session, row.id)
    weights = {level: standard.theory_weights(level) for level in standard.level_numbers}
    return await apart.run(check_bank, documents, standard.points_by_id, weights, Composition())
