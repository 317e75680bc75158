"""National occupational standards as loaded."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request

from app.core.paging import Page, decode_cursor, page_of
from app.core.permissions import Scope
from app.domain.applicant import ApplicantFacts
from app.domain.eligibility import evaluate
from app.domain.standard import Standard
from app.models.standard import StandardEdition
from app.routers.dependencies import PageDep, SessionDep, staff_with
from app.routers.errors import language_of, problems
from app.schemas.standards import (
    FACTS_EXAMPLE,
    AreaContentRead,
    AreaRead,
    AreaWeight,
    ClauseFindingRead,
    ClauseRead,
    EligibilityRead,
    KnowledgePointRead,
    LevelName,
    LevelRead,
    PointGroup,
    RuleRead,
    SkillRulesRead,
    StandardDetailRead,
    StandardRead,
    TheoryRulesRead,
)
from app.services import standards

router = APIRouter(prefix="/standards", tags=["standards"], dependencies=[staff_with(Scope.standards_read)])
Edition = Annotated[
    str | None, Query(max_length=4, description="缺省为最新版 The newest when left out.", examples=["2020"])
]


@router.get(
    "", operation_id="list_standards", summary="标准列表 Standards loaded", responses=problems("invalid_cursor")
)
async def list_standards(session: SessionDep, page: PageDep) -> Page[StandardRead]:
    found = await standards.list_(session, after=decode_cursor(page.cursor, UUID), limit=page.limit)
    return page_of(found, page.limit, lambda row: StandardRead(**_fields(row)), lambda row: row.id)


@router.get(
    "/{code}", operation_id="get_standard", summary="标准 A standard", responses=problems("standard_not_loaded")
)
async def get_standard(code: str, session: SessionDep, edition: Edition = None) -> StandardDetailRead:
    row, standard = await standards.get(session, code, edition)
    return StandardDetailRead(
        **_fields(row),
        definition=standard.definition,
        areas=[AreaRead(name=area.name, kind=area.kind) for area in standard.areas],
        source_notes=list(standard.source_notes),
    )


@router.get(
    "/{code}/levels/{level}",
    operation_id="get_standard_level",
    summary="标准的一个等级 One level: weights, rules, knowledge points, eligibility clauses",
    responses=problems("standard_not_loaded", "unknown_level"),
)
async def get_standard_level(code: str, level: int, session: SessionDep, edition: Edition = None) -> LevelRead:
    _, standard = await standards.get(session, code, edition)
    return _level(standard, level)


@router.post(
    "/{code}/levels/{level}/eligibility",
    operation_id="check_eligibility",
    summary="申报条件核对 Which clause admits an applicant, or what each lacks (1.9.1)",
    responses=problems("standard_not_loaded", "unknown_level"),
)
async def check_eligibility(
    code: str,
    level: int,
    facts: Annotated[ApplicantFacts, Body(examples=[FACTS_EXAMPLE])],
    request: Request,
    session: SessionDep,
    edition: Edition = None,
) -> EligibilityRead:
    """Nothing is stored. What is lacking is told in the language of Accept-Language."""
    _, standard = await standards.get(session, code, edition)
    found = evaluate(standard, level, facts)
    language = language_of(request)
    return EligibilityRead(
        level=found.level,
        level_name=found.level_name,
        admitted_by=found.admitted_by,
        explanation=found.explain().in_language(language),
        clauses=[
            ClauseFindingRead(
                number=clause.number,
                text=clause.text,
                lacks=[lacking.in_language(language) for lacking in clause.lacking],
            )
            for clause in found.clauses
        ],
    )


def _fields(row: StandardEdition) -> dict[str, Any]:
    standard = standards.parsed(row)
    return {
        "id": row.id,
        **{name: getattr(standard, name) for name in ("code", "edition", "title", "occupation", "issuer")},
        "levels": [LevelName(level=number, name=standard.level(number).name) for number in standard.level_numbers],
        "content_hash": row.content_hash,
        "loaded_at": row.loaded_at,
    }


def _level(standard: Standard, number: int) -> LevelRead:
    level = standard.level(number)
    theory, skills = standard.exam_rules.theory, standard.exam_rules.skills
    return LevelRead(
        standard_code=standard.code,
        edition=standard.edition,
        level=number,
        name=level.name,
        training_hours=level.training_hours,
        theory_weights=[AreaWeight(area=area, weight=n) for area, n in standard.theory_weights(number).items()],
        skill_weights=[AreaWeight(area=area, weight=n) for area, n in standard.skill_weights(number).items()],
        theory=TheoryRulesRead.model_validate(
            theory.model_dump()
            | {"minimum_minutes": _rule(standard.minimum_minutes(number), theory.minimum_minutes.clause)}
        ),
        skills=SkillRulesRead.model_validate(
            skills.model_dump()
            | {"minimum_minutes": _rule(standard.minimum_minutes(number, "skills"), skills.minimum_minutes.clause)}
        ),
        content=_content(standard, number),
        eligibility_lead=level.eligibility_lead,
        eligibility=[ClauseRead(number=clause.number, text=clause.text) for clause in level.eligibility],
    )


def _rule(value: int, clause: str) -> RuleRead[int]:
    return RuleRead(value=value, clause=clause)


def _content(standard: Standard, level: int) -> list[AreaContentRead]:
    """The points of section 2 and of the level, under their areas and groups, in the source's order."""
    kinds = {area.name: area.kind for area in standard.areas}
    areas: dict[str, dict[str, list[KnowledgePointRead]]] = {}
    for point in standard.knowledge_points():
        if point.level in (None, level):
            groups = areas.setdefault(point.area, {})
            groups.setdefault(point.group, []).append(KnowledgePointRead(id=point.id, text=point.text))
    return [
        AreaContentRead(
            area=area,
            kind=kinds[area],
            groups=[PointGroup(title=title, knowledge_points=points) for title, points in groups.items()],
        )
        for area, groups in areas.items()
    ]
