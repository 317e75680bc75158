"""The typed conditions that an eligibility clause (1.9.1) is made of: the evaluable form beside its words."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from app.domain.applicant import CertificateForm, Degree, Relation, School
from app.domain.frozen import Frozen

Relations = Annotated[tuple[Relation, ...], Field(min_length=1)]


class WorkYears(Frozen):
    """累计从事…工作 N 年（含）以上: `minimum` years in all.

    With `after_certificate` only work after the clause's own certificate counts (取得…证书后，累计…).
    """

    kind: Literal["work_years"]
    minimum: PositiveInt
    occupations: Relations
    after_certificate: bool = False


class ApprenticeshipCompleted(Frozen):
    """学徒期满."""

    kind: Literal["apprenticeship_completed"]
    occupations: Relations


class TrainingCompleted(Frozen):
    """经 N 级标准学时培训并合格; the hours are the level's `training_hours` (1.8)."""

    kind: Literal["training_completed"]
    level: int


class CertificateHeld(Frozen):
    """取得…N 级职业资格证书, and 技能等级证书 where `forms` has it."""

    kind: Literal["certificate"]
    level: int
    forms: Annotated[tuple[CertificateForm, ...], Field(min_length=1)]
    occupations: Relations


class GraduationRoute(Frozen):
    """Kinds of school, and the majors that count at them."""

    schools: Annotated[tuple[School, ...], Field(min_length=1)]
    majors: Relations


class Graduation(Frozen):
    """具有…学校毕业证书 by any of the `routes`; `current_students` also admits 在校应届毕业生."""

    kind: Literal["graduation"]
    routes: Annotated[tuple[GraduationRoute, ...], Field(min_length=1)]
    current_students: bool


class DegreeHeld(Frozen):
    """具有…及以上学历…毕业证书."""

    kind: Literal["degree"]
    minimum: Degree
    majors: Relations


Condition = Annotated[
    WorkYears | ApprenticeshipCompleted | TrainingCompleted | CertificateHeld | Graduation | DegreeHeld,
    Field(discriminator="kind"),
]
