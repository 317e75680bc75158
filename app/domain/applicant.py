"""What is known of an applicant (申报人), in the words that eligibility clauses (1.9.1) use."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.domain.frozen import Frozen


class Relation(StrEnum):
    """How an occupation or a major stands to the standard's own.

    The officer decides: the lists of related occupations and majors are open (they end in 等).
    """

    own = "own"
    related = "related"
    other = "other"


class CertificateForm(StrEnum):
    """职业资格证书, or 技能等级证书 which some clauses admit beside it."""

    vocational_qualification = "vocational_qualification"
    skill_level = "skill_level"


class School(StrEnum):
    """Kinds of school that clauses tell apart; `vocational_*` are those assessed for that goal (经评估论证)."""

    technical_school = "technical_school"
    senior_technical_school = "senior_technical_school"
    technician_college = "technician_college"
    vocational_intermediate_goal = "vocational_intermediate_goal"
    vocational_advanced_goal = "vocational_advanced_goal"
    other = "other"


class Degree(StrEnum):
    """Levels of education, from the lowest to the highest."""

    junior_secondary = "junior_secondary"
    senior_secondary = "senior_secondary"
    junior_college = "junior_college"
    bachelor = "bachelor"
    master = "master"
    doctor = "doctor"

    def reaches(self, minimum: "Degree") -> bool:
        order = list(Degree)
        return order.index(self) >= order.index(minimum)


class Employment(Frozen):
    """Work from `since` up to, not including, `until`; without `until` it goes on."""

    occupation: Relation
    since: date
    until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("until must be later than since")
        return self


class Certificate(Frozen):
    level: Annotated[int, Field(examples=[5])]
    form: CertificateForm
    occupation: Relation
    issued_on: date


class Training(Frozen):
    """Training towards a level: `hours` are standard class hours (标准学时, 1.8)."""

    level: Annotated[int, Field(examples=[4])]
    hours: Annotated[int, Field(ge=0, examples=[120])]
    passed: bool


class Schooling(Frozen):
    """A course of study; not yet `graduated` is a final-year student without the certificate (在校应届毕业生)."""

    school: School
    degree: Degree
    major: Relation
    graduated: bool


class ApplicantFacts(Frozen):
    """Everything that clauses look at, as it stands on `as_of`, the day of application."""

    as_of: date
    employments: tuple[Employment, ...] = ()
    apprenticeships_completed: tuple[Relation, ...] = ()
    trainings: tuple[Training, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    schooling: tuple[Schooling, ...] = ()
