"""A national occupational standard (国家职业技能标准) as a document: its parts, word for word, and nothing decided.

The numbering of parts is that of every national standard: 1 职业概况, 2 基本要求, 3 工作要求, 4 权重表.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field, NonNegativeInt, PositiveInt, StringConstraints

from app.domain.conditions import Condition
from app.domain.frozen import Frozen

T = TypeVar("T")

Words = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$", max_length=2000)]
SectionNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]
BracketNumber = Annotated[str, StringConstraints(pattern=r"^\([0-9]+\)$")]
LevelNumber = Annotated[int, Field(ge=1, le=5)]
ByLevel = Mapping[int, T]


class Section(Frozen):
    """A headed section of prose; `lines` are its paragraphs, none where its content is kept as data elsewhere."""

    number: SectionNumber
    title: Words
    lines: tuple[Words, ...] = ()


class BracketLine(Frozen):
    """A line numbered `(1)`, `(2)`, ..."""

    number: BracketNumber
    text: Words


class Topic(Frozen):
    """A heading of section 2 such as 2.1.2 职业守则; without lines the heading is itself what is asked."""

    number: SectionNumber
    title: Words
    lines: tuple[BracketLine, ...] = ()


class CommonRequirement(Frozen):
    """2.1 职业道德 or 2.2 基础知识: asked at every level; `title` names its row of the weight table."""

    number: SectionNumber
    title: Words
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]


class NumberedLine(Frozen):
    """A line of 技能要求 or 相关知识要求 with the source's own number, such as `1.1.1`."""

    number: SectionNumber
    text: Words


class WorkContent(Frozen):
    """工作内容, such as 1.1 咨询服务."""

    number: SectionNumber
    title: Words
    skills: Annotated[tuple[NumberedLine, ...], Field(min_length=1)]
    knowledge: Annotated[tuple[NumberedLine, ...], Field(min_length=1)]


class WorkFunction(Frozen):
    """职业功能, such as 1 咨询引导; `title` names its row of the weight tables."""

    number: SectionNumber
    title: Words
    contents: Annotated[tuple[WorkContent, ...], Field(min_length=1)]


class EligibilityClause(Frozen):
    """One clause of 1.9.1: its words, and the conditions that must all hold."""

    number: BracketNumber
    text: Words
    all_of: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Level(Frozen):
    """A level: 5 is the lowest, 1 the highest. `section` is where its work requirements stand (3.1, 3.2, ...)."""

    level: LevelNumber
    name: Words
    training_hours: PositiveInt
    section: SectionNumber
    eligibility_lead: Words
    eligibility: Annotated[tuple[EligibilityClause, ...], Field(min_length=1)]
    functions: Annotated[tuple[WorkFunction, ...], Field(min_length=1)]


class WeightRow(Frozen):
    """A row of a weight table, points by level; a level without weight (`-`) is left out."""

    area: Words
    weights: Annotated[ByLevel[Annotated[Decimal, Field(gt=0)]], Field(min_length=1)]


class Rule(Frozen, Generic[T]):
    """A value that the standard sets, with the clause that sets it."""

    value: T
    clause: SectionNumber


class DeliveryMode(StrEnum):
    """闭卷笔试, 电子计算机, 移动终端应用程序 (1.9.2)."""

    paper = "paper"
    computer = "computer"
    mobile_app = "mobile_app"


class ExamRules(Frozen):
    """Rules that hold for theory and skills alike (1.9.2, 1.9.4); minutes by level."""

    total_points: Rule[PositiveInt]
    pass_mark: Rule[NonNegativeInt]
    minimum_minutes: Rule[ByLevel[PositiveInt]]


class TheoryRules(ExamRules):
    """理论知识考试 (1.9.2 to 1.9.4)."""

    candidates_per_proctor: Rule[PositiveInt]
    minimum_proctors_per_room: Rule[PositiveInt]
    delivery_modes: Rule[Annotated[tuple[DeliveryMode, ...], Field(min_length=1)]]


class SkillRules(ExamRules):
    """技能考核 (1.9.2 to 1.9.4)."""

    candidates_per_examiner: Rule[PositiveInt]
    minimum_examiners: Rule[PositiveInt]
    odd_examiners: Rule[bool]


class Exams(Frozen):
    theory: TheoryRules
    skills: SkillRules


class RelatedOccupations(Frozen):
    """The footnote on 相关职业: its words and the names in it."""

    text: Words
    names: Annotated[tuple[Words, ...], Field(min_length=1)]


class RelatedMajors(Frozen):
    """The majors of one kind of school (高校, 技校, 高职, ...): the footnote's line and the names in it."""

    school: Words
    text: Words
    names: Annotated[tuple[Words, ...], Field(min_length=1)]


class SourceNote(Frozen):
    """A slip of the source that the data keeps as it is printed, and how it is read."""

    place: Words
    zh: Words
    en: Words


class StandardDocument(Frozen):
    """The whole standard; `sections` are its headings and prose from section 1 to 4."""

    model_config = ConfigDict(serialize_by_alias=True)

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]+(-[0-9]+)*$", max_length=32)]
    edition: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    title: Words
    occupation: Words
    issuer: Words
    definition: Words
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    related_occupations: RelatedOccupations
    related_majors_lead: Words
    related_majors: tuple[RelatedMajors, ...]
    exam_rules: Exams
    ethics: CommonRequirement
    basic_knowledge: CommonRequirement
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    theory_table: Annotated[tuple[WeightRow, ...], Field(min_length=1, alias="theory_weights")]
    skill_table: Annotated[tuple[WeightRow, ...], Field(min_length=1, alias="skill_weights")]
    source_notes: tuple[SourceNote, ...] = ()
