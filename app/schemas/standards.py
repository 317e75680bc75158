"""Standards as loaded: weights, rules with their clauses, knowledge points, eligibility."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import Field

from app.domain.standard import AreaKind
from app.domain.standard_document import DeliveryMode, SourceNote
from app.schemas.shared import Output, Points

T = TypeVar("T")


class LevelName(Output):
    level: int = Field(description="5 最低，1 最高 5 is the lowest, 1 the highest.", examples=[5])
    name: str = Field(examples=["五级/初级工"])


class StandardRead(Output):
    id: UUID
    code: str = Field(examples=["3-01-01-01"])
    edition: str = Field(examples=["2020"])
    title: str
    occupation: str
    issuer: str
    levels: list[LevelName] = Field(description="由低到高 From the lowest to the highest.")
    content_hash: str = Field(description="SHA-256 over the canonical document.")
    loaded_at: datetime


class AreaRead(Output):
    """A row of the theory weight table (4.1)."""

    name: str = Field(examples=["基础知识"])
    kind: AreaKind


class StandardDetailRead(StandardRead):
    definition: str
    areas: list[AreaRead]
    source_notes: list[SourceNote] = Field(description="原文疏误 Slips of the printed text, kept as they are.")


class AreaWeight(Output):
    area: str = Field(examples=["基础知识"])
    weight: Points


class RuleRead(Output, Generic[T]):
    """What the standard sets, and the clause that sets it."""

    value: T
    clause: str = Field(examples=["1.9.4"])


class ExamRulesRead(Output):
    total_points: RuleRead[int]
    pass_mark: RuleRead[int]
    minimum_minutes: RuleRead[int]


class TheoryRulesRead(ExamRulesRead):
    candidates_per_proctor: RuleRead[int]
    minimum_proctors_per_room: RuleRead[int]
    delivery_modes: RuleRead[list[DeliveryMode]]


class SkillRulesRead(ExamRulesRead):
    candidates_per_examiner: RuleRead[int]
    minimum_examiners: RuleRead[int]
    odd_examiners: RuleRead[bool]


class KnowledgePointRead(Output):
    """What an item can be tagged to."""

    id: str = Field(examples=["L5/1.1.1"])
    text: str


class PointGroup(Output):
    """A topic of section 2, or a work content (工作内容) of section 3, with its knowledge points."""

    title: str = Field(examples=["L5/1.1 咨询服务"])
    knowledge_points: list[KnowledgePointRead]


class AreaContentRead(Output):
    """职业道德, 基础知识, or a work function (职业功能)."""

    area: str = Field(examples=["咨询引导"])
    kind: AreaKind
    groups: list[PointGroup]


class ClauseRead(Output):
    number: str = Field(examples=["(1)"])
    text: str


class LevelRead(LevelName):
    """All that the standard says of one level."""

    standard_code: str
    edition: str
    training_hours: int = Field(description="标准学时 Class hours (1.8).")
    theory_weights: list[AreaWeight] = Field(description="4.1；合计为总分 They add up to the total points.")
    skill_weights: list[AreaWeight] = Field(description="4.2")
    theory: TheoryRulesRead
    skills: SkillRulesRead
    content: list[AreaContentRead] = Field(description="基本要求和本等级工作要求 Sections 2 and 3 of this level.")
    eligibility_lead: str
    eligibility: list[ClauseRead] = Field(description="1.9.1；符合其一即可 Any one clause suffices.")


class ClauseFindingRead(ClauseRead):
    lacks: list[str] = Field(description="所缺条件，空为符合 What is lacking; empty if the clause admits.")


class EligibilityRead(Output):
    level: int
    level_name: str
    admitted_by: str | None = Field(description="首个符合的条款 The first clause that admits.", examples=["(1)"])
    explanation: str
    clauses: list[ClauseFindingRead]


FACTS_EXAMPLE: dict[str, Any] = {
    "as_of": "2027-03-01",
    "employments": [{"occupation": "own", "since": "2025-01-01"}],
    "trainings": [{"level": 5, "hours": 160, "passed": True}],
}
