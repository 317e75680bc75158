"""The report on a bank's active items, as those who keep the bank see it."""

from pydantic import Field

from app.domain.items import ItemType
from app.schemas.shared import Output


class BankCellRead(Output):
    """Items of one type in one area for one paper of a level, beside what the paper may draw."""

    level: int
    area: str
    type: ItemType
    needed: int
    needed_with_spare: int = Field(description="含三分之一备用 With a third to spare.")
    available: int
    short: int = Field(description="缺少的题数 How many are lacking for the need with the spare.")


class BankFindingRead(Output):
    """Something to mend."""

    place: str = Field(description="试题编号、知识点或单元 An item's code, a point, or a cell.", examples=["C5-001"])
    code: str = Field(description="固定 Stable.", examples=["bank_near_duplicate"])
    detail: str = Field(description="按 Accept-Language In the language of Accept-Language.")


class BankReportRead(Output):
    items_per_point: dict[str, int] = Field(description="各知识点的已启用题数 Active items by knowledge point.")
    cells: list[BankCellRead]
    findings: list[BankFindingRead]
