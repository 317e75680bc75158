"""Who may apply for a level (申报条件, 1.9.1): the clause that admits, or what each clause lacks."""

from dataclasses import dataclass
from typing import assert_never

from app.core.problem_catalog import Text
from app.domain import eligibility_texts as texts
from app.domain.applicant import ApplicantFacts, Certificate, Schooling
from app.domain.conditions import (
    ApprenticeshipCompleted,
    CertificateHeld,
    Condition,
    DegreeHeld,
    Graduation,
    TrainingCompleted,
    WorkYears,
)
from app.domain.service_time import Period, whole_months
from app.domain.standard import Standard
from app.domain.standard_document import EligibilityClause


@dataclass(frozen=True)
class ClauseFinding:
    """A clause by its number and words, and what the applicant lacks of it; nothing lacking admits."""

    number: str
    text: str
    lacking: tuple[Text, ...]


@dataclass(frozen=True)
class Eligibility:
    """`admitted_by` is the number of the first clause that admits, None if none does."""

    level: int
    level_name: str
    admitted_by: str | None
    clauses: tuple[ClauseFinding, ...]

    def explain(self) -> Text:
        """The finding in words, in Chinese and English."""
        return texts.explain(self.level_name, self.admitted_by, {c.number: c.lacking for c in self.clauses})


def evaluate(standard: Standard, level: int, facts: ApplicantFacts) -> Eligibility:
    """Weigh the facts against every clause of the level; any one clause suffices (具备以下条件之一, 1.9.1).

    Raises `Problem("unknown_level")`.
    """
    wanted = standard.level(level)
    findings = tuple(
        ClauseFinding(clause.number, clause.text, _lacking_of_clause(standard, clause, facts))
        for clause in wanted.eligibility
    )
    admitted_by = next((finding.number for finding in findings if not finding.lacking), None)
    return Eligibility(level, wanted.name, admitted_by, findings)


def _lacking_of_clause(standard: Standard, clause: EligibilityClause, facts: ApplicantFacts) -> tuple[Text, ...]:
    certificates = [c for c in clause.all_of if isinstance(c, CertificateHeld)]
    lacking = (_lacking(standard, condition, certificates, facts) for condition in clause.all_of)
    return tuple(text for text in lacking if text is not None)


def _lacking(
    standard: Standard, condition: Condition, certificates: list[CertificateHeld], facts: ApplicantFacts
) -> Text | None:
    """What the facts lack of one condition; `certificates` are the clause's own, after which work may have to be."""
    match condition:
        case WorkYears():
            months = _months_worked(condition, certificates, facts)
            return None if months >= condition.minimum * 12 else texts.work_years(condition, months)
        case ApprenticeshipCompleted():
            completed = any(relation in condition.occupations for relation in facts.apprenticeships_completed)
            return None if completed else texts.apprenticeship(condition)
        case TrainingCompleted():
            target = standard.level(condition.level)
            trained = any(
                training.level == target.level and training.passed and training.hours >= target.training_hours
                for training in facts.trainings
            )
            return None if trained else texts.training(target)
        case CertificateHeld():
            held = any(_satisfies(certificate, condition, facts) for certificate in facts.certificates)
            return None if held else texts.certificate(condition, standard.level(condition.level))
        case Graduation():
            graduated = any(_takes_route(schooling, condition) for schooling in facts.schooling)
            return None if graduated else texts.graduation(condition)
        case DegreeHeld():
            reached = any(
                schooling.graduated
                and schooling.major in condition.majors
                and schooling.degree.reaches(condition.minimum)
                for schooling in facts.schooling
            )
            return None if reached else texts.degree(condition)
        case _:
            assert_never(condition)


def _satisfies(certificate: Certificate, condition: CertificateHeld, facts: ApplicantFacts) -> bool:
    return (
        certificate.level == condition.level
        and certificate.form in condition.forms
        and certificate.occupation in condition.occupations
        and certificate.issued_on <= facts.as_of
    )


def _takes_route(schooling: Schooling, condition: Graduation) -> bool:
    return (schooling.graduated or condition.current_students) and any(
        schooling.school in route.schools and schooling.major in route.majors for route in condition.routes
    )


def _months_worked(condition: WorkYears, certificates: list[CertificateHeld], facts: ApplicantFacts) -> int:
    """Whole months up to `as_of`; after a certificate, from the day that the earliest fitting one was issued."""
    begin = None
    if condition.after_certificate:
        issued = [
            certificate.issued_on
            for wanted in certificates
            for certificate in facts.certificates
            if _satisfies(certificate, wanted, facts)
        ]
        if not issued:
            return 0
        begin = min(issued)
    return whole_months(
        Period(max(employment.since, begin or employment.since), min(employment.until or facts.as_of, facts.as_of))
        for employment in facts.employments
        if employment.occupation in condition.occupations
    )
