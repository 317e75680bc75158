"""What must agree within a standard before an exam may rest on it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.core.problems import FieldError
from app.domain.conditions import CertificateHeld, TrainingCompleted, WorkYears
from app.domain.standard_document import ExamRules, Level, StandardDocument, WeightRow


def check_document(document: StandardDocument) -> list[FieldError]:
    """Every disagreement in the document, by place; empty if it is fit for use."""
    return [
        *_repetitions(document),
        *_numbering(document),
        *_theory_weights(document),
        *_skill_weights(document),
        *_eligibility(document),
        *_exam_rules(document),
    ]


def _repeated(place: str, values: Iterable[str | int]) -> Iterator[FieldError]:
    for value, count in Counter(values).items():
        if count > 1:
            yield FieldError(place, "standard_repeated", {"value": value})


def _repetitions(document: StandardDocument) -> Iterator[FieldError]:
    common = (document.ethics, document.basic_knowledge)
    yield from _repeated("sections", (section.number for section in document.sections))
    yield from _repeated("levels", (level.level for level in document.levels))
    yield from _repeated("ethics, basic_knowledge", (requirement.number for requirement in common))
    for requirement in common:
        yield from _repeated(requirement.number, (topic.number for topic in requirement.topics))
        for topic in requirement.topics:
            yield from _repeated(topic.number, (line.number for line in topic.lines))
    for level in document.levels:
        place = f"levels.{level.level}"
        contents = [content for function in level.functions for content in function.contents]
        titles = [requirement.title for requirement in common] + [function.title for function in level.functions]
        yield from _repeated(f"{place}.eligibility", (clause.number for clause in level.eligibility))
        yield from _repeated(f"{place}.functions", (function.number for function in level.functions))
        yield from _repeated(f"{place}.functions", titles)
        yield from _repeated(f"{place}.contents", (content.number for content in contents))
        yield from _repeated(f"{place}.skills", (line.number for content in contents for line in content.skills))
        yield from _repeated(f"{place}.knowledge", (line.number for content in contents for line in content.knowledge))
    yield from _repeated("theory_weights", (row.area for row in document.theory_table))
    yield from _repeated("skill_weights", (row.area for row in document.skill_table))


def _misplaced(place: str, parent: str, numbers: Iterable[str]) -> Iterator[FieldError]:
    for number in numbers:
        if not number.startswith(f"{parent}."):
            yield FieldError(place, "standard_number_misplaced", {"number": number, "parent": parent})


def _numbering(document: StandardDocument) -> Iterator[FieldError]:
    for requirement in (document.ethics, document.basic_knowledge):
        yield from _misplaced(requirement.number, requirement.number, (topic.number for topic in requirement.topics))
    for level in document.levels:
        for function in level.functions:
            place = f"levels.{level.level}.functions.{function.number}"
            yield from _misplaced(place, function.number, (content.number for content in function.contents))
            for content in function.contents:
                lines = (*content.skills, *content.knowledge)
                yield from _misplaced(place, content.number, (line.number for line in lines))


def _levels_by_function(levels: Iterable[Level]) -> dict[str, set[int]]:
    """Work function -> levels that have it."""
    found: dict[str, set[int]] = {}
    for level in levels:
        for function in level.functions:
            found.setdefault(function.title, set()).add(level.level)
    return found


def _theory_weights(document: StandardDocument) -> Iterator[FieldError]:
    rows = document.theory_table
    levels = {level.level for level in document.levels}
    functions = _levels_by_function(document.levels)
    common = {document.ethics.title: levels, document.basic_knowledge.title: levels}
    total = document.exam_rules.theory.total_points.value
    yield from _weights("theory_weights", rows, levels, common | functions, total)
    yield from _unweighed("theory_weights", rows, functions)
    for area in common.keys() - {row.area for row in rows}:
        yield FieldError(f"theory_weights.{area}", "standard_content_without_weight")


def _skill_weights(document: StandardDocument) -> Iterator[FieldError]:
    rows = document.skill_table
    levels = {level.level for level in document.levels}
    functions = _levels_by_function(document.levels)
    yield from _weights("skill_weights", rows, levels, functions, document.exam_rules.skills.total_points.value)
    yield from _unweighed("skill_weights", rows, functions)


def _weights(
    table: str, rows: Sequence[WeightRow], levels: set[int], content: Mapping[str, set[int]], total: int
) -> Iterator[FieldError]:
    for row in rows:
        if row.area not in content:
            yield FieldError(f"{table}.{row.area}", "standard_unknown_area", {"area": row.area})
            continue
        for level in row.weights:
            place = f"{table}.{row.area}.{level}"
            if level not in levels:
                yield FieldError(place, "standard_unknown_level", {"level": level})
            elif level not in content[row.area]:
                yield FieldError(place, "standard_weight_without_content")
    for level in sorted(levels, reverse=True):
        points = sum(row.weights.get(level, 0) for row in rows)
        if points != total:
            yield FieldError(f"{table}.{level}", "standard_weights_sum", {"points": points, "total": total})


def _unweighed(table: str, rows: Sequence[WeightRow], functions: Mapping[str, set[int]]) -> Iterator[FieldError]:
    weighed = {(row.area, level) for row in rows for level in row.weights}
    for area, levels in functions.items():
        for level in sorted(levels, reverse=True):
            if (area, level) not in weighed:
                yield FieldError(f"{table}.{area}.{level}", "standard_content_without_weight")


def _eligibility(document: StandardDocument) -> Iterator[FieldError]:
    levels = {level.level for level in document.levels}
    for level in document.levels:
        for clause in level.eligibility:
            place = f"levels.{level.level}.eligibility.{clause.number}"
            certificates = sum(isinstance(condition, CertificateHeld) for condition in clause.all_of)
            for condition in clause.all_of:
                if isinstance(condition, TrainingCompleted | CertificateHeld) and condition.level not in levels:
                    yield FieldError(place, "standard_unknown_level", {"level": condition.level})
                if isinstance(condition, WorkYears) and condition.after_certificate and certificates != 1:
                    yield FieldError(place, "standard_after_which_certificate")


def _exam_rules(document: StandardDocument) -> Iterator[FieldError]:
    levels = {level.level for level in document.levels}
    sections = {section.number for section in document.sections}
    for level in document.levels:
        if level.section not in sections:
            yield FieldError(f"levels.{level.level}.section", "standard_unknown_clause", {"clause": level.section})
    exams: dict[str, ExamRules] = {"theory": document.exam_rules.theory, "skills": document.exam_rules.skills}
    for exam, rules in exams.items():
        place = f"exam_rules.{exam}"
        for name, rule in rules:
            if rule.clause not in sections:
                yield FieldError(f"{place}.{name}.clause", "standard_unknown_clause", {"clause": rule.clause})
        if rules.pass_mark.value > rules.total_points.value:
            yield FieldError(f"{place}.pass_mark", "standard_pass_mark_above_total")
        for number in levels - rules.minimum_minutes.value.keys():
            yield FieldError(f"{place}.minimum_minutes.{number}", "standard_field_missing")
        for number in rules.minimum_minutes.value.keys() - levels:
            yield FieldError(f"{place}.minimum_minutes.{number}", "standard_unknown_level", {"level": number})
