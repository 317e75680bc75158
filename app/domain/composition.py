"""Documents of a blueprint (双向细目表): the composition asked for and the resulting counts."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.domain.items import ItemType


class TypeShare(BaseModel):
    """`count` items of one type in the whole paper, worth `points` each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ItemType
    count: Annotated[int, Field(ge=0, le=1000, examples=[60])]
    points: Annotated[Decimal, Field(gt=0, le=100, decimal_places=3, examples=[1])]


def one_share_a_type(shares: tuple[TypeShare, ...]) -> tuple[TypeShare, ...]:
    if len({share.type for share in shares}) < len(shares):
        raise ValueError("a type has two shares")
    return tuple(sorted(shares, key=lambda share: list(ItemType).index(share.type)))


class Composition(BaseModel):
    """How many items of each type a paper has and what each is worth; by default 90 items for 100 points."""

    model_config = ConfigDict(frozen=True)

    shares: Annotated[tuple[TypeShare, ...], Field(min_length=1), AfterValidator(one_share_a_type)] = (
        TypeShare(type=ItemType.single, count=60, points=Decimal(1)),
        TypeShare(type=ItemType.multiple, count=10, points=Decimal(2)),
        TypeShare(type=ItemType.true_false, count=20, points=Decimal(1)),
    )

    @property
    def total_points(self) -> Decimal:
        return sum((share.count * share.points for share in self.shares), Decimal(0))


class BlueprintRow(BaseModel):
    """One area: its weight in points (clause 4.1) and its number of items of each type."""

    model_config = ConfigDict(frozen=True)

    area: str
    weight: Decimal
    counts: dict[ItemType, int]
    points: Decimal

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Blueprint(BaseModel):
    """Rows in the order of the weight table; every row's points equal its weight."""

    model_config = ConfigDict(frozen=True)

    composition: Composition
    rows: tuple[BlueprintRow, ...]

    def count(self, area: str, item_type: ItemType) -> int:
        """The number of items of `item_type` in `area`; 0 for an area without weight."""
        return next((row.counts.get(item_type, 0) for row in self.rows if row.area == area), 0)

    @property
    def total(self) -> int:
        """The number of items of a paper."""
        return sum(row.total for row in self.rows)
