"""Who may apply (1.9.1): which clause admits, and what each clause lacks."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.applicant import (
    ApplicantFacts,
    Certificate,
    CertificateForm,
    Degree,
    Employment,
    Relation,
    School,
    Schooling,
    Training,
)
from app.domain.eligibility import Eligibility, evaluate
from app.domain.standard import parse_standard

ROOT = Path(__file__).parents[2]
REAL = parse_standard((ROOT / "app/data/standards/3-01-01-01_2020.yaml").read_text(encoding="utf-8"))
MADE_UP = parse_standard((ROOT / "tests/fixtures/standards/made-up_2026.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 7, 1)
VOCATIONAL, SKILL = CertificateForm.vocational_qualification, CertificateForm.skill_level
OWN, RELATED, OTHER = Relation.own, Relation.related, Relation.other


def work(since: date, until: date | None = None, occupation: Relation = OWN) -> Employment:
    return Employment(occupation=occupation, since=since, until=until)


def certificate(level: int, form: CertificateForm, issued_on: date, occupation: Relation = OWN) -> Certificate:
    return Certificate(level=level, form=form, occupation=occupation, issued_on=issued_on)


def schooling(
    school: School = School.other,
    degree: Degree = Degree.senior_secondary,
    major: Relation = OWN,
    graduated: bool = True,
) -> Schooling:
    return Schooling(school=school, degree=degree, major=major, graduated=graduated)


def trained(level: int, hours: int, passed: bool = True) -> Training:
    return Training(level=level, hours=hours, passed=passed)


def judged(level: int, **facts: Any) -> Eligibility:
    return evaluate(REAL, level, ApplicantFacts(as_of=TODAY, **facts))


def admitted(level: int, **facts: Any) -> str | None:
    return judged(level, **facts).admitted_by


# Level 5


@pytest.mark.parametrize(
    ("since", "clause"), [(date(2025, 6, 30), "(1)"), (date(2025, 7, 1), "(1)"), (date(2025, 7, 2), None)]
)
def test_level_5_admits_at_exactly_one_year_of_work(since: date, clause: str | None) -> None:
    assert admitted(5, employments=(work(since),)) == clause


@pytest.mark.parametrize(("occupation", "clause"), [(OWN, "(1)"), (RELATED, "(1)"), (OTHER, None)])
def test_work_counts_in_the_occupation_and_in_related_ones(occupation: Relation, clause: str | None) -> None:
    assert admitted(5, employments=(work(date(2020, 1, 1), occupation=occupation),)) == clause


@pytest.mark.parametrize(("occupation", "clause"), [(OWN, "(2)"), (RELATED, "(2)"), (OTHER, None)])
def test_level_5_admits_a_completed_apprenticeship(occupation: Relation, clause: str | None) -> None:
    assert admitted(5, apprenticeships_completed=(occupation,)) == clause


@pytest.mark.parametrize(
    ("training", "clause"),
    [
        (trained(5, 160), "(3)"),
        (trained(5, 159), None),
        (trained(5, 160, passed=False), None),
        (trained(4, 160), None),
    ],
)
def test_level_5_admits_the_standard_hours_of_training_if_passed(training: Training, clause: str | None) -> None:
    assert admitted(5, trainings=(training,)) == clause


# Level 4


@pytest.mark.parametrize("form", [VOCATIONAL, SKILL])
def test_level_4_clause_1_takes_both_forms_of_certificate(form: CertificateForm) -> None:
    facts = {
        "certificates": (certificate(5, form, date(2023, 7, 1)),),
        "employments": (work(date(2023, 1, 1)),),
        "trainings": (trained(4, 120),),
    }
    assert admitted(4, **facts) == "(1)"


def test_work_before_the_certificate_does_not_count_after_it() -> None:
    facts = {
        "certificates": (certificate(5, SKILL, date(2023, 7, 2)),),
        "employments": (work(date(2022, 1, 1)),),
        "trainings": (trained(4, 120),),
    }
    finding = judged(4, **facts).clauses[0]
    assert [text.zh for text in finding.lacking] == [
        "取得证书后累计从事本职业或相关职业工作须满 3 年，现为 2 年 11 个月"
    ]


def test_of_several_certificates_the_earliest_that_fits_counts() -> None:
    certificates = (
        certificate(5, SKILL, date(2025, 1, 1)),
        certificate(5, VOCATIONAL, date(2023, 1, 1), RELATED),
        certificate(5, VOCATIONAL, date(2020, 1, 1), OTHER),
        certificate(4, VOCATIONAL, date(2020, 1, 1)),
    )
    facts = {"employments": (work(date(2022, 6, 1)),), "trainings": (trained(4, 120),)}
    assert admitted(4, certificates=certificates, **facts) == "(1)"
    assert admitted(4, certificates=(certificates[0], *certificates[2:]), **facts) is None


def test_a_certificate_issued_after_the_day_of_application_is_none() -> None:
    facts = {"certificates": (certificate(4, VOCATIONAL, TODAY + timedelta(1)),)}
    lacking = judged(3, schooling=(schooling(School.technician_college),), **facts).clauses[1].lacking
    assert [text.en for text in lacking] == [
        "a vocational qualification certificate of 四级/中级工 in this or a related occupation is needed"
    ]


def test_level_4_admits_five_years_of_work_without_certificate() -> None:
    assert admitted(4, employments=(work(date(2021, 7, 1)),)) == "(2)"
    assert admitted(4, employments=(work(date(2021, 7, 2)),)) is None


@pytest.mark.parametrize("graduated", [True, False])
@pytest.mark.parametrize(
    ("school", "major", "clause"),
    [
        (School.technical_school, OWN, "(3)"),
        (School.technical_school, RELATED, "(3)"),
        (School.technical_school, OTHER, None),
        (School.technician_college, RELATED, "(3)"),
        (School.vocational_intermediate_goal, OWN, "(3)"),
        (School.vocational_intermediate_goal, OTHER, None),
        (School.other, OWN, None),
    ],
)
def test_level_4_admits_schools_by_major_final_year_students_included(
    school: School, major: Relation, clause: str | None, graduated: bool
) -> None:
    assert admitted(4, schooling=(schooling(school, major=major, graduated=graduated),)) == clause


# Level 3


@pytest.mark.parametrize(("form", "clause"), [(VOCATIONAL, "(1)"), (SKILL, "(1)")])
def test_level_3_clause_1_takes_both_forms_of_certificate(form: CertificateForm, clause: str) -> None:
    facts = {
        "certificates": (certificate(4, form, date(2021, 7, 1)),),
        "employments": (work(date(2021, 7, 1)),),
        "trainings": (trained(3, 80),),
    }
    assert admitted(3, **facts) == clause


@pytest.mark.parametrize(("form", "clause"), [(VOCATIONAL, "(2)"), (SKILL, None)])
def test_level_3_clause_2_takes_vocational_qualification_certificates_only(
    form: CertificateForm, clause: str | None
) -> None:
    facts = {"schooling": (schooling(School.technician_college),)}
    assert admitted(3, certificates=(certificate(4, form, date(2026, 1, 1)),), **facts) == clause


@pytest.mark.parametrize("graduated", [True, False])
@pytest.mark.parametrize(
    ("school", "major", "clause"),
    [
        (School.senior_technical_school, OTHER, "(2)"),
        (School.technician_college, OTHER, "(2)"),
        (School.vocational_advanced_goal, RELATED, "(2)"),
        (School.vocational_advanced_goal, OTHER, None),
        (School.technical_school, OWN, None),
        (School.vocational_intermediate_goal, OWN, None),
    ],
)
def test_level_3_clause_2_asks_the_major_only_of_vocational_colleges(
    school: School, major: Relation, clause: str | None, graduated: bool
) -> None:
    facts = {"certificates": (certificate(4, VOCATIONAL, date(2026, 1, 1)),)}
    assert admitted(3, schooling=(schooling(school, major=major, graduated=graduated),), **facts) == clause


@pytest.mark.parametrize(
    ("study", "form", "issued_on", "clause"),
    [
        (schooling(degree=Degree.junior_college), VOCATIONAL, date(2024, 7, 1), "(3)"),
        (schooling(degree=Degree.master, major=RELATED), VOCATIONAL, date(2024, 7, 1), "(3)"),
        (schooling(degree=Degree.senior_secondary), VOCATIONAL, date(2024, 7, 1), None),
        (schooling(degree=Degree.bachelor, major=OTHER), VOCATIONAL, date(2024, 7, 1), None),
        (schooling(degree=Degree.bachelor, graduated=False), VOCATIONAL, date(2024, 7, 1), None),
        (schooling(degree=Degree.bachelor), SKILL, date(2024, 7, 1), None),
        (schooling(degree=Degree.bachelor), VOCATIONAL, date(2024, 7, 2), None),
    ],
)
def test_level_3_clause_3_asks_a_held_degree_a_vocational_certificate_and_two_years_after_it(
    study: Schooling, form: CertificateForm, issued_on: date, clause: str | None
) -> None:
    facts = {"certificates": (certificate(4, form, issued_on),), "employments": (work(date(2015, 1, 1)),)}
    assert admitted(3, schooling=(study,), **facts) == clause


# What is told


def test_the_clause_that_admits_is_named_in_both_languages() -> None:
    text = judged(5, apprenticeships_completed=(OWN,)).explain()
    assert text.zh == "符合五级/初级工申报条件 (2)。"
    assert text.en == "Clause (2) of 五级/初级工 admits the applicant."


def test_each_clause_tells_all_that_it_lacks_beside_its_own_words() -> None:
    finding = judged(3)
    assert finding.admitted_by is None
    assert [(c.number, c.text) for c in finding.clauses] == [(c.number, c.text) for c in REAL.level(3).eligibility]
    assert [[text.zh for text in clause.lacking] for clause in finding.clauses] == [
        [
            "须取得本职业或相关职业四级/中级工职业资格证书或技能等级证书",
            "取得证书后累计从事本职业或相关职业工作须满 5 年，现为 0 年 0 个月",
            "须经三级/高级工 80 标准学时培训并合格",
        ],
        [
            "须取得本职业或相关职业四级/中级工职业资格证书",
            "须有高级技工学校或技师学院或经评估论证、以高级技能为培养目标的高等职业学校本专业或相关专业"
            "毕业证书（应届毕业生可在校申报）",
        ],
        [
            "须有大专及以上学历本专业或相关专业毕业证书",
            "须取得本职业或相关职业四级/中级工职业资格证书",
            "取得证书后累计从事本职业或相关职业工作须满 2 年，现为 0 年 0 个月",
        ],
    ]


def test_a_refusal_lists_the_clauses_in_both_languages() -> None:
    text = judged(5, employments=(work(date(2026, 3, 15)),)).explain()
    assert text.zh == (
        "不符合五级/初级工申报条件：(1) 累计从事本职业或相关职业工作须满 1 年，现为 0 年 3 个月；"
        "(2) 须本职业或相关职业学徒期满；(3) 须经五级/初级工 160 标准学时培训并合格。"
    )
    assert text.en == (
        "No clause of 五级/初级工 admits the applicant: "
        "(1) work in this or a related occupation must reach 1 year(s); it is 0 year(s) 3 month(s); "
        "(2) a completed apprenticeship in this or a related occupation is needed; "
        "(3) 160 class hours of training for 五级/初级工, passed, are needed."
    )


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        judged(1)
    assert caught.value.code == "unknown_level"


def test_another_standard_has_its_own_clauses() -> None:
    facts = ApplicantFacts(
        as_of=TODAY,
        employments=(work(date(2022, 7, 1)),),
        certificates=(certificate(3, SKILL, date(2022, 7, 1)),),
        schooling=(schooling(degree=Degree.bachelor, major=OTHER),),
    )
    assert {n: evaluate(MADE_UP, n, facts).admitted_by for n in MADE_UP.level_numbers} == {
        5: None,
        4: "(1)",
        3: "(1)",
        2: "(1)",
        1: "(1)",
    }


def test_work_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="later than since"):
        work(TODAY, TODAY)


# Facts at random


FACTS = st.builds(
    ApplicantFacts,
    as_of=st.just(TODAY),
    employments=st.lists(
        st.builds(work, st.dates(date(2010, 1, 1), TODAY), st.none(), st.sampled_from(Relation)), max_size=3
    ),
    apprenticeships_completed=st.lists(st.sampled_from(Relation), max_size=2),
    trainings=st.lists(st.builds(trained, st.integers(3, 5), st.integers(0, 200), st.booleans()), max_size=3),
    certificates=st.lists(
        st.builds(
            certificate,
            st.integers(3, 5),
            st.sampled_from(CertificateForm),
            st.dates(date(2010, 1, 1), TODAY),
            st.sampled_from(Relation),
        ),
        max_size=3,
    ),
    schooling=st.lists(
        st.builds(
            schooling, st.sampled_from(School), st.sampled_from(Degree), st.sampled_from(Relation), st.booleans()
        ),
        max_size=3,
    ),
)


@settings(max_examples=150)
@given(facts=FACTS, level=st.sampled_from([5, 4, 3]))
def test_the_first_clause_that_lacks_nothing_admits(facts: ApplicantFacts, level: int) -> None:
    finding = evaluate(REAL, level, facts)
    complete = [clause.number for clause in finding.clauses if not clause.lacking]
    assert finding.admitted_by == (complete[0] if complete else None)


@settings(max_examples=100)
@given(facts=FACTS, more=FACTS, level=st.sampled_from([5, 4, 3]))
def test_knowing_more_of_someone_never_shuts_them_out(facts: ApplicantFacts, more: ApplicantFacts, level: int) -> None:
    both = facts.model_copy(
        update={
            name: (*getattr(facts, name), *getattr(more, name))
            for name in ApplicantFacts.model_fields
            if name != "as_of"
        }
    )
    if evaluate(REAL, level, facts).admitted_by:
        assert evaluate(REAL, level, both).admitted_by
