"""A national occupational standard and its reading: areas, weights, knowledge points and exam rules by level."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from app.core.problems import FieldError, Problem
from app.core.validation import invalid_field
from app.domain import strict_yaml
from app.domain.standard_check import check_document
from app.domain.standard_document import CommonRequirement, Level, StandardDocument, WeightRow


class AreaKind(StrEnum):
    ethics = "ethics"
    basic = "basic"
    function = "function"


@dataclass(frozen=True)
class Area:
    """A row of the theory weight table (4.1): 职业道德, 基础知识, or a work function."""

    name: str
    kind: AreaKind


@dataclass(frozen=True)
class KnowledgePoint:
    """What an item can be tagged to: a line of section 2, or of 相关知识要求.

    `id` is `2.1.1`, `2.2.1(1)` or `L5/1.1.1`; `level` is None for section 2, which all levels share;
    `group` is the topic (`2.2.1 信息化设备基础知识`) or the work content (`L5/1.1 咨询服务`).
    """

    id: str
    text: str
    area: str
    level: int | None
    group: str


class Standard(StandardDocument):
    """A checked standard. Every refusal of an unknown level is `Problem("unknown_level")`."""

    @property
    def level_numbers(self) -> tuple[int, ...]:
        """From the lowest level (the greatest number) to the highest."""
        return tuple(sorted((level.level for level in self.levels), reverse=True))

    def level(self, number: int) -> Level:
        """Raises `Problem("unknown_level")`."""
        for level in self.levels:
            if level.level == number:
                return level
        raise Problem("unknown_level", clause="1.4", level=number, known=", ".join(map(str, self.level_numbers)))

    @property
    def areas(self) -> tuple[Area, ...]:
        """The rows of the theory weight table (4.1), in its order."""
        kinds = {self.ethics.title: AreaKind.ethics, self.basic_knowledge.title: AreaKind.basic}
        return tuple(Area(row.area, kinds.get(row.area, AreaKind.function)) for row in self.theory_table)

    def theory_weights(self, level: int) -> dict[str, Decimal]:
        """Area -> points of the theory exam (4.1), only areas with weight, in the table's order."""
        return _column(self.theory_table, self.level(level))

    def skill_weights(self, level: int) -> dict[str, Decimal]:
        """Area -> points of the skill exam (4.2), only areas with weight, in the table's order."""
        return _column(self.skill_table, self.level(level))

    def knowledge_points(self) -> tuple[KnowledgePoint, ...]:
        """All points in the source's order: section 2, then section 3 by level."""
        return tuple(self.points_by_id.values())

    def knowledge_point(self, point_id: str) -> KnowledgePoint:
        """Raises `Problem("unknown_knowledge_point")`."""
        try:
            return self.points_by_id[point_id]
        except KeyError:
            raise Problem("unknown_knowledge_point", point=point_id) from None

    def points_open_to(self, level: int) -> tuple[KnowledgePoint, ...]:
        """The points that a paper of `level` may draw on.

        Those of areas weighed at the level, if common to all levels, of the level itself, or of a lower one:
        高级别涵盖低级别的要求 (section 3).
        """
        weighed = self.theory_weights(level)
        return tuple(
            point
            for point in self.knowledge_points()
            if point.area in weighed and (point.level is None or point.level >= level)
        )

    def minimum_minutes(self, level: int, exam: Literal["theory", "skills"] = "theory") -> int:
        """The least duration of an exam of `level`, in minutes (1.9.4)."""
        rules = self.exam_rules.theory if exam == "theory" else self.exam_rules.skills
        return rules.minimum_minutes.value[self.level(level).level]

    def proctors_needed(self, candidates: int) -> int:
        """Proctors (监考人员) for a room with so many candidates (1.9.3)."""
        rules = self.exam_rules.theory
        return max(rules.minimum_proctors_per_room.value, -(-candidates // rules.candidates_per_proctor.value))

    def examiners_needed(self, candidates: int) -> int:
        """Examiners (考评人员) for a skill exam of so many candidates; odd if the standard asks for that (1.9.3)."""
        rules = self.exam_rules.skills
        examiners = max(rules.minimum_examiners.value, -(-candidates // rules.candidates_per_examiner.value))
        return examiners + 1 if rules.odd_examiners.value and examiners % 2 == 0 else examiners

    @cached_property
    def points_by_id(self) -> dict[str, KnowledgePoint]:
        common = (*_common_points(self.ethics), *_common_points(self.basic_knowledge))
        by_level = (point for level in self.levels for point in _level_points(level))
        return {point.id: point for point in (*common, *by_level)}


def _column(rows: tuple[WeightRow, ...], level: Level) -> dict[str, Decimal]:
    return {row.area: row.weights[level.level] for row in rows if level.level in row.weights}


def _common_points(requirement: CommonRequirement) -> list[KnowledgePoint]:
    points = []
    for topic in requirement.topics:
        group = f"{topic.number} {topic.title}"
        lines = [(f"{topic.number}{line.number}", line.text) for line in topic.lines]
        for point_id, text in lines or [(topic.number, topic.title)]:
            points.append(KnowledgePoint(point_id, text, requirement.title, None, group))
    return points


def _level_points(level: Level) -> list[KnowledgePoint]:
    prefix = f"L{level.level}"
    return [
        KnowledgePoint(
            f"{prefix}/{line.number}",
            line.text,
            function.title,
            level.level,
            f"{prefix}/{content.number} {content.title}",
        )
        for function in level.functions
        for content in function.contents
        for line in content.knowledge
    ]


def parse_standard(text: str) -> Standard:
    """Read a standard from YAML or JSON. Raises `Problem("standard_invalid")` with every place that is wrong."""
    try:
        content = strict_yaml.load(text)
    except yaml.YAMLError as error:
        raise Problem("standard_invalid", errors=[_syntax_error(error)]) from error
    try:
        standard = Standard.model_validate(content)
    except ValidationError as invalid:
        errors = [_field_error(dict(detail), content) for detail in invalid.errors()]
        raise Problem("standard_invalid", errors=errors) from invalid
    if errors := check_document(standard):
        raise Problem("standard_invalid", errors=errors)
    return standard


def _syntax_error(error: yaml.YAMLError) -> FieldError:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
    return FieldError(place, "standard_not_readable", {"message": str(error)})


_CODES = {
    "missing": "standard_field_missing",
    "extra_forbidden": "standard_field_unknown",
    "too_short": "standard_field_empty",
}


def _field_error(detail: dict[str, Any], content: Any) -> FieldError:
    place = _place(detail["loc"], content)
    if code := _CODES.get(detail["type"]):
        return FieldError(place, code)
    return invalid_field(place, detail)


def _place(location: tuple[int | str, ...], content: Any) -> str:
    """The path of an error, list elements named by their own area, level or number: `levels.5.functions.1.title`."""
    steps = []
    for step in location:
        name: int | str = step
        if isinstance(step, int) and isinstance(content, list) and step < len(content):
            content = content[step]
            if isinstance(content, dict):
                name = next((content[key] for key in ("area", "level", "number") if key in content), step)
        elif isinstance(content, dict):
            content = content.get(step, content)
        steps.append(str(name))
    return ".".join(steps) or "document"
