"""What an item refers to must exist and agree: knowledge points, their level and area, and enemies."""

from collections.abc import Container, Iterator, Mapping

from app.core.problems import FieldError
from app.domain.items import ItemDocument
from app.domain.standard import KnowledgePoint


def reference_errors(
    item: ItemDocument, points: Mapping[str, KnowledgePoint], codes: Container[str]
) -> Iterator[FieldError]:
    """All that is wrong with the item's references; places are within the item, such as `knowledge_points[1]`.

    `points` are the standard's knowledge points by id (2 and 3); `codes` are those of the bank.
    """
    for index, point in enumerate(item.knowledge_points):
        if point not in points:
            yield FieldError(f"knowledge_points[{index}]", "bank_unknown_point", {"point": point})
        elif points[point].level != item.level:
            yield FieldError("level", "bank_level_mismatch", {"point": point, "level": item.level or "-"})
    areas = {points[point].area for point in item.knowledge_points if point in points}
    if len(areas) > 1:
        yield FieldError("knowledge_points", "bank_mixed_areas", {"areas": "、".join(sorted(areas))})
    for index, enemy in enumerate(item.enemies):
        if enemy not in codes:
            yield FieldError(f"enemies[{index}]", "bank_unknown_enemy", {"enemy": enemy})
