"""Papers: what officers ask for and see."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from app.domain.composition import Composition, TypeShare, one_share_a_type
from app.domain.items import ItemType
from app.schemas.exam import OptionRead
from app.schemas.shared import Input, Output, Points

DEFAULT_SHARES = Composition().shares


class BlueprintRequest(Input):
    standard_code: Annotated[str, Field(examples=["3-01-01-01"])]
    edition: Annotated[str | None, Field(description="缺省为最新版 The newest when left out.", examples=["2020"])] = (
        None
    )
    level: Annotated[int, Field(ge=1, le=5, examples=[5])]
    composition: Annotated[
        tuple[TypeShare, ...],
        Field(min_length=1, max_length=3, description="题型、题数、每题分值 Items and points per type."),
        AfterValidator(one_share_a_type),
    ] = DEFAULT_SHARES
    forms: Annotated[int, Field(ge=1, le=10, description="套数，互不重复 Papers without common items.")] = 1


class PaperAssemble(BlueprintRequest):
    seed: Annotated[int | None, Field(ge=0, lt=2**48, description="缺省为随机 Drawn when left out.")] = None
    own_level_share: Annotated[float, Field(ge=0, le=1, description="本等级试题最低比例")] = 0.7
    target_difficulty: Annotated[
        float | None, Field(gt=0, lt=1, description="期望得分率，缺省为题库平均 Mean expected proportion correct.")
    ] = None
    difficulty_tolerance: Annotated[float, Field(gt=0, le=0.5)] = 0.05


class BlueprintRowRead(Output):
    """One area: its weight (clause 4.1), its points, which equal it, and its number of items of each type."""

    area: str = Field(examples=["业务办理"])
    weight: Points
    points: Points
    counts: dict[ItemType, int]


class BlueprintCellsRead(BlueprintRowRead):
    available: dict[ItemType, int] = Field(description="题库可用题数 Active items that a paper of the level may draw.")


class BlueprintPreviewRead(Output):
    rows: list[BlueprintCellsRead]


class PaperItemRead(Output):
    """`key` is null without the permission `papers:read_keys`."""

    number: int
    code: str
    version: int
    type: ItemType
    area: str
    stem: str
    options: list[OptionRead]
    points: Points
    key: str | None


class PaperRead(Output):
    id: UUID
    standard_id: UUID
    level: int
    form: str = Field(examples=["A"])
    seed: int
    content_hash: str = Field(description="SHA-256 over the canonical form.")
    bank_version: str
    mean_difficulty: float
    total_points: Points
    sealed_at: datetime
    blueprint: list[BlueprintRowRead]


class PaperDetailRead(PaperRead):
    items: list[PaperItemRead]


class PapersRead(Output):
    papers: list[PaperRead]


class BlueprintRead(Output):
    """双向细目表: per area its weight (clause 4.1), its points and its number of items of each type."""

    paper_id: UUID
    rows: list[BlueprintRowRead]
    composition: list[dict[str, Any]]
