"""Papers, layouts and answers, most of them random."""

from decimal import Decimal

from hypothesis import strategies as st

from app.domain.answers import LETTERS
from app.domain.items import ItemType
from app.domain.papers import PaperContent, PaperItem

AREAS = ("甲", "乙", "丙")


def multiple_choice(position: int) -> PaperItem:
    """Two points, four options, key ACD."""
    return PaperItem(
        position=position,
        code=f"M-{position}",
        version=1,
        type=ItemType.multiple,
        area="甲",
        points=Decimal(2),
        stem="题干",
        options=("一", "二", "三", "四"),
        key="ACD",
    )


@st.composite
def keys(draw: st.DrawFn, type_: ItemType, options: int) -> str:
    if type_ is ItemType.true_false:
        return draw(st.sampled_from("TF"))
    if type_ is ItemType.single:
        return draw(st.sampled_from(LETTERS[:options]))
    letters = draw(st.sets(st.sampled_from(LETTERS[:options]), min_size=2))
    return "".join(sorted(letters))


@st.composite
def papers(draw: st.DrawFn) -> PaperContent:
    """Sections in the order of the types, as sealed papers have them."""
    items: list[PaperItem] = []
    for type_ in ItemType:
        points = draw(st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5"), Decimal("1.5")]))
        for _ in range(draw(st.integers(1, 6))):
            options = {ItemType.single: 4, ItemType.true_false: 0}.get(type_) or draw(st.integers(4, 5))
            if type_ is ItemType.true_false:
                options = 0
            position = len(items) + 1
            items.append(
                PaperItem(
                    position=position,
                    code=f"X-{position:03d}",
                    version=1,
                    type=type_,
                    area=draw(st.sampled_from(AREAS)),
                    points=points,
                    stem=f"题干{position}",
                    options=tuple(f"选项{position}{letter}" for letter in LETTERS[:options]),
                    key=draw(keys(type_, options)),
                )
            )
    return PaperContent(standard_code="9-99-99-99", standard_edition="2026", level=5, items=tuple(items))


@st.composite
def answers_of(draw: st.DrawFn, item: PaperItem) -> str:
    """Any answer that the item takes, also none."""
    if draw(st.booleans()):
        return ""
    if item.type is ItemType.multiple:
        letters = draw(st.sets(st.sampled_from(LETTERS[: len(item.options)]), min_size=1))
        return "".join(sorted(letters))
    return draw(keys(item.type, len(item.options)))
