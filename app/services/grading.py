"""Grades what was handed in, once; runs are immutable, and the same inputs give the same run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import structlog
from pydantic_core import to_json
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.core.keyed import Key
from app.core.problems import Problem
from app.domain.actors import SYSTEM
from app.domain.answers import StoredAnswers
from app.domain.grading import RULE_VERSION, Grade, GradingRules, MultipleChoiceRule, grade
from app.domain.layout import Layout
from app.domain.papers import PaperContent
from app.domain.states import AttemptState
from app.models.attempt import Attempt
from app.models.sitting import Sitting
from app.services import audit, frozen_papers, standards
from app.services.frozen_papers import Frozen
from app.services.stored_answers import stored_answers

KEY_VERSION = 1
"""Of the keys as sealed in the paper."""

WRITE = text("""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:sitting_id AS uuid[]), CAST(:id AS uuid[]), CAST(:attempt_id AS uuid[]), CAST(:paper_hash AS text[]),
        CAST(:frozen_hash AS text[]), CAST(:multiple_choice AS text[]), CAST(:responses_digest AS text[]),
        CAST(CAST(:answers AS text[]) AS jsonb[]), CAST(CAST(:points AS text[]) AS jsonb[]),
        CAST(CAST(:areas AS text[]) AS jsonb[]), CAST(:total AS numeric[]), CAST(:maximum AS numeric[]),
        CAST(:pass_mark AS numeric[]), CAST(:passed AS boolean[])
    ) AS run (
        sitting_id, id, attempt_id, paper_hash, frozen_hash, multiple_choice, responses_digest, answers, points, areas,
        total, maximum, pass_mark, passed
    )
), written AS (
    INSERT INTO grading_run (
        sitting_id, id, attempt_id, paper_hash, frozen_hash, key_version, rule_version, multiple_choice,
        responses_digest, answers, points, areas, total, maximum, pass_mark, passed, graded_at
    )
    SELECT sitting_id, id, attempt_id, paper_hash, frozen_hash, :key_version, :rule_version, multiple_choice,
        responses_digest, answers, points, areas, total, maximum, pass_mark, passed, :now
    FROM given
    ON CONFLICT DO NOTHING
    RETURNING sitting_id, id, attempt_id
), counting AS (
    SELECT sitting_id, id, attempt_id FROM written
    UNION ALL
    SELECT known.sitting_id, known.id, known.attempt_id
    FROM given JOIN grading_run AS known USING (sitting_id, attempt_id, frozen_hash, responses_digest)
    WHERE known.key_version = :key_version AND known.rule_version = :rule_version
), result AS (
    INSERT INTO result (sitting_id, attempt_id, run_id, state)
    SELECT sitting_id, attempt_id, id, 'graded' FROM counting
    ON CONFLICT (sitting_id, attempt_id) DO UPDATE
    SET run_id = excluded.run_id, state = excluded.state, confirmed_by = NULL
)
SELECT attempt_id, id FROM counting
""")
"""The run of an attempt is the one made before from the same inputs, if there is one."""

log = structlog.get_logger()


class _Run(NamedTuple):
    """What the gradings of one batch differ in; `answers`, `points` and `areas` are JSON."""

    sitting_id: UUID
    id: UUID
    attempt_id: UUID
    paper_hash: str
    frozen_hash: str
    multiple_choice: str
    responses_digest: str
    answers: str
    points: str
    areas: str
    total: Decimal
    maximum: Decimal
    pass_mark: Decimal
    passed: bool


async def grade_left(session: AsyncSession, limit: int, now: datetime) -> tuple[int, int]:
    """Grades up to `limit` attempts that were handed in and could not be graded then; returns how many now were, and
    how many still cannot be.

    They are taken at random, so that those that cannot be graded do not keep the others waiting for ever.
    """
    query = (
        select(Attempt)
        .where(col(Attempt.grading_needed), Attempt.state == AttemptState.submitted)
        .order_by(func.random())
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    left = list((await session.execute(query)).scalars())
    if not left:
        return 0, 0
    frozen = await frozen_papers.of_attempts(session, left)
    graded = await grade_these(session, left, frozen, await stored_answers(session, left), now)
    return graded, len(left) - graded


async def grade_these(
    session: AsyncSession,
    handed_in: Sequence[Attempt],
    frozen: Mapping[Key, Frozen],
    stored: Mapping[Key, StoredAnswers],
    now: datetime,
) -> int:
    """Grades the locked attempts; returns how many could be graded. The others are left as they are, and the log says
    why."""
    settings = await _settings(session, handed_in)
    papers = await _papers(session, {frozen[attempt.sitting_id, attempt.id].paper_id for attempt in handed_in})
    runs: dict[UUID, _Run] = {}
    for attempt in handed_in:
        key = attempt.sitting_id, attempt.id
        paper = papers.get(frozen[key].paper_id)
        if paper is None:
            continue
        try:
            runs[attempt.id] = _run(key, frozen[key], paper, stored[key], settings[attempt.sitting_id])
        except Exception as error:
            log.error("grading_failed", error=type(error).__name__, attempt_id=str(attempt.id), exc_info=error)
        else:
            attempt.grading_needed = False
    if runs:
        await _write(session, list(runs.values()), now)
    return len(runs)


async def _write(session: AsyncSession, runs: Sequence[_Run], now: datetime) -> None:
    values = {name: list(column) for name, column in zip(_Run._fields, zip(*runs, strict=True), strict=True)}
    versions = {"key_version": KEY_VERSION, "rule_version": RULE_VERSION}
    counting: dict[UUID, UUID] = dict((await session.execute(WRITE, values | versions | {"now": now})).all())
    for run in runs:
        audit.record(
            session,
            SYSTEM,
            "result.grade",
            "attempt",
            run.attempt_id,
            at=now,
            sitting_id=run.sitting_id,
            details={"run_id": str(counting[run.attempt_id]), "responses_digest": run.responses_digest},
        )


class _Setting(NamedTuple):
    """How the papers of a sitting are graded; `areas` in the order of the standard's table of weights (4.1)."""

    rules: GradingRules
    areas: Sequence[str]


async def _settings(session: AsyncSession, handed_in: Sequence[Attempt]) -> dict[UUID, _Setting]:
    query = select(Sitting).where(col(Sitting.id).in_({attempt.sitting_id for attempt in handed_in}))
    settings = {}
    for sitting in (await session.execute(query)).scalars():
        standard = await standards.by_id(session, sitting.standard_id)
        pass_mark = Decimal(standard.exam_rules.theory.pass_mark.value)
        rules = GradingRules(MultipleChoiceRule(sitting.multiple_choice), pass_mark)
        settings[sitting.id] = _Setting(rules, tuple(standard.theory_weights(sitting.level)))
    return settings


async def _papers(session: AsyncSession, paper_ids: set[UUID]) -> dict[UUID, PaperContent]:
    """Without those that are damaged."""
    papers: dict[UUID, PaperContent] = {}
    for paper_id in paper_ids:
        try:
            papers |= await frozen_papers.contents(session, {paper_id})
        except Problem as damaged:
            log.error("grading_failed", error=damaged.code, paper_id=str(paper_id))
    return papers


def _run(key: Key, frozen: Frozen, paper: PaperContent, stored: StoredAnswers, setting: _Setting) -> _Run:
    sitting_id, attempt_id = key
    rules = setting.rules
    graded = grade(paper, Layout.from_json(frozen.layout), stored.answers, rules)
    return _Run(
        sitting_id=sitting_id,
        id=new_id(),
        attempt_id=attempt_id,
        paper_hash=frozen.paper_hash,
        frozen_hash=frozen.frozen_hash,
        multiple_choice=rules.multiple_choice.value,
        responses_digest=stored.digest,
        answers=to_json(graded.answers).decode(),
        points=to_json(graded.points).decode(),
        areas=to_json(_areas(graded, setting.areas)).decode(),
        total=graded.total,
        maximum=graded.maximum,
        pass_mark=rules.pass_mark,
        passed=graded.passed,
    )


def _areas(graded: Grade, order: Sequence[str]) -> list[dict[str, str | Decimal]]:
    """In the order of the standard; an area that it does not weigh comes last."""

    def rank(area: str) -> int:
        return order.index(area) if area in order else len(order)

    return [
        {"area": area, "points": part.points, "maximum": part.maximum}
        for area, part in sorted(graded.areas.items(), key=lambda pair: rank(pair[0]))
    ]
