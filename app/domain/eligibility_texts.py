"""What an applicant lacks, in Chinese and English words."""

from collections.abc import Iterable, Mapping, Sequence

from app.core.problem_catalog import Text
from app.domain.applicant import CertificateForm, Degree, Relation, School
from app.domain.conditions import (
    ApprenticeshipCompleted,
    CertificateHeld,
    DegreeHeld,
    Graduation,
    GraduationRoute,
    WorkYears,
)
from app.domain.standard_document import Level

_RELATIONS = {Relation.own: Text("本", "this"), Relation.related: Text("相关", "a related")}

_FORMS = {
    CertificateForm.vocational_qualification: Text("职业资格证书", "vocational qualification certificate"),
    CertificateForm.skill_level: Text("技能等级证书", "skill level certificate"),
}

_SCHOOLS = {
    School.technical_school: Text("技工学校", "technical school"),
    School.senior_technical_school: Text("高级技工学校", "senior technical school"),
    School.technician_college: Text("技师学院", "technician college"),
    School.vocational_intermediate_goal: Text(
        "经评估论证、以中级技能为培养目标的中等及以上职业学校",
        "secondary or higher vocational school assessed for intermediate skills",
    ),
    School.vocational_advanced_goal: Text(
        "经评估论证、以高级技能为培养目标的高等职业学校", "higher vocational school assessed for advanced skills"
    ),
    School.other: Text("其他学校", "other school"),
}

_DEGREES = {
    Degree.junior_secondary: Text("初中", "junior secondary school"),
    Degree.senior_secondary: Text("高中", "senior secondary school"),
    Degree.junior_college: Text("大专", "junior college"),
    Degree.bachelor: Text("本科", "bachelor's degree"),
    Degree.master: Text("硕士", "master's degree"),
    Degree.doctor: Text("博士", "doctor's degree"),
}


def work_years(condition: WorkYears, months: int) -> Text:
    occupation = _relations(condition.occupations, "职业", "occupation")
    years, rest = divmod(months, 12)
    after_zh, after_en = ("取得证书后", " after the certificate") if condition.after_certificate else ("", "")
    return Text(
        f"{after_zh}累计从事{occupation.zh}工作须满 {condition.minimum} 年，现为 {years} 年 {rest} 个月",
        f"work in {occupation.en}{after_en} must reach {condition.minimum} year(s); "
        f"it is {years} year(s) {rest} month(s)",
    )


def apprenticeship(condition: ApprenticeshipCompleted) -> Text:
    occupation = _relations(condition.occupations, "职业", "occupation")
    return Text(f"须{occupation.zh}学徒期满", f"a completed apprenticeship in {occupation.en} is needed")


def training(level: Level) -> Text:
    return Text(
        f"须经{level.name} {level.training_hours} 标准学时培训并合格",
        f"{level.training_hours} class hours of training for {level.name}, passed, are needed",
    )


def certificate(condition: CertificateHeld, level: Level) -> Text:
    occupation = _relations(condition.occupations, "职业", "occupation")
    forms = _either(_FORMS[form] for form in condition.forms)
    return Text(
        f"须取得{occupation.zh}{level.name}{forms.zh}",
        f"a {forms.en} of {level.name} in {occupation.en} is needed",
    )


def graduation(condition: Graduation) -> Text:
    routes = _either(_route(route) for route in condition.routes)
    student = (
        Text("（应届毕业生可在校申报）", "; final-year students qualify")
        if condition.current_students
        else Text("", "")
    )
    return Text(f"须有{routes.zh}毕业证书{student.zh}", f"a diploma of a {routes.en} is needed{student.en}")


def degree(condition: DegreeHeld) -> Text:
    minimum, major = _DEGREES[condition.minimum], _majors(condition.majors)
    return Text(
        f"须有{minimum.zh}及以上学历{major.zh}毕业证书", f"a diploma of {minimum.en} or higher{major.en} is needed"
    )


def explain(level_name: str, admitted_by: str | None, lacking: Mapping[str, Sequence[Text]]) -> Text:
    """The whole finding: the clause that admits, or what each clause lacks."""
    if admitted_by is not None:
        return Text(
            f"符合{level_name}申报条件 {admitted_by}。", f"Clause {admitted_by} of {level_name} admits the applicant."
        )
    zh = "；".join(f"{number} {'，'.join(text.zh for text in texts)}" for number, texts in lacking.items())
    en = "; ".join(f"{number} {', '.join(text.en for text in texts)}" for number, texts in lacking.items())
    return Text(f"不符合{level_name}申报条件：{zh}。", f"No clause of {level_name} admits the applicant: {en}.")


def _route(route: GraduationRoute) -> Text:
    schools, major = _either(_SCHOOLS[school] for school in route.schools), _majors(route.majors)
    return Text(f"{schools.zh}{major.zh}", f"{schools.en}{major.en}")


def _majors(relations: Sequence[Relation]) -> Text:
    if Relation.other in relations:
        return Text("", "")
    major = _relations(relations, "专业", "major")
    return Text(major.zh, f" in {major.en}")


def _relations(relations: Sequence[Relation], noun_zh: str, noun_en: str) -> Text:
    if Relation.other in relations:
        return Text(f"任何{noun_zh}", f"any {noun_en}")
    named = [_RELATIONS[relation] for relation in relations]
    return Text(
        "或".join(f"{name.zh}{noun_zh}" for name in named), " or ".join(name.en for name in named) + f" {noun_en}"
    )


def _either(texts: Iterable[Text]) -> Text:
    chosen = list(texts)
    return Text("或".join(text.zh for text in chosen), " or ".join(text.en for text in chosen))
