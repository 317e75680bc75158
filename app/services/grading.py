"""Grades what was handed in, once; runs are immutable, and the same inputs give the same run."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.ids import new_id
from app.domain.actors import SYSTEM
from app.domain.answers import responses_digest
from app.domain.grading import RULE_VERSION, Grade, GradingRules, MultipleChoiceRule, grade
from app.domain.layout import Layout
from app.domain.states import AttemptState, ResultState
from app.models.attempt import Attempt, AttemptPaper
from app.models.result import GradingRun, Result
from app.models.sitting import Sitting
from app.services import audit, frozen_papers, standards
from app.services.stored_answers import Key, stored_answers

KEY_VERSION = 1
"""Of the keys as sealed in the paper."""

RUN_KEY = ("sitting_id", "attempt_id", "frozen_hash", "key_version", "rule_version", "responses_digest")


class _Case(NamedTuple):
    """An attempt that was handed in, with its frozen paper."""

    sitting_id: UUID
    attempt_id: UUID
    paper_id: UUID
    frozen_hash: str
    layout: Any


async def pending(session: AsyncSession, limit: int) -> list[Key]:
    """Up to `limit` attempts that were handed in and not graded yet.

    They are taken at random, so that those that cannot be graded do not keep the others waiting for ever.
    """
    query = (
        select(Attempt.sitting_id, Attempt.id)
        .where(col(Attempt.grading_needed), Attempt.state == AttemptState.submitted)
        .order_by(func.random())
        .limit(limit)
    )
    return [(sitting_id, attempt_id) for sitting_id, attempt_id in await session.execute(query)]


async def grade_these(session: AsyncSession, keys: Sequence[Key], now: datetime) -> None:
    """Those of them that are still to be graded; others' work is skipped."""
    query = (
        select(Attempt)
        .where(
            tuple_(col(Attempt.sitting_id), col(Attempt.id)).in_(keys),
            col(Attempt.grading_needed),
            Attempt.state == AttemptState.submitted,
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    handed_in = list((await session.execute(query)).scalars())
    if handed_in:
        await _grade(session, handed_in, now)


async def _grade(session: AsyncSession, handed_in: Sequence[Attempt], now: datetime) -> None:
    cases = await _cases(session, handed_in)
    sittings = await _sittings(session, handed_in)
    papers = await frozen_papers.contents(session, {case.paper_id for case in cases})
    stored = await stored_answers(session, handed_in)
    runs = []
    for case in cases:
        answers = stored[case.sitting_id, case.attempt_id].answers
        sitting = sittings[case.sitting_id]
        standard = await standards.by_id(session, sitting.standard_id)
        rules = GradingRules(
            MultipleChoiceRule(sitting.multiple_choice),
            Decimal(standard.exam_rules.theory.pass_mark.value),
        )
        paper = papers[case.paper_id]
        graded = grade(paper, Layout.from_json(case.layout), answers, rules)
        order = list(standard.theory_weights(sitting.level))
        runs.append(_run(case, paper.content_hash, graded, order, rules, responses_digest(answers), now))
    await _write(session, handed_in, runs, now)


async def _write(
    session: AsyncSession, handed_in: Sequence[Attempt], runs: Sequence[dict[str, Any]], now: datetime
) -> None:
    await session.execute(insert(GradingRun).on_conflict_do_nothing(), list(runs))
    known = select(GradingRun.sitting_id, GradingRun.id, GradingRun.attempt_id, GradingRun.responses_digest).where(
        tuple_(*(getattr(GradingRun, name) for name in RUN_KEY)).in_(
            [tuple(run[name] for name in RUN_KEY) for run in runs]
        )
    )
    results = []
    for run in await session.execute(known):
        of = {"sitting_id": run.sitting_id, "attempt_id": run.attempt_id}
        results.append(of | {"run_id": run.id, "state": ResultState.graded})
        details = {"run_id": str(run.id), "responses_digest": run.responses_digest}
        audit.record(
            session,
            SYSTEM,
            "result.grade",
            "attempt",
            run.attempt_id,
            at=now,
            sitting_id=run.sitting_id,
            details=details,
        )
    upsert = insert(Result)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["sitting_id", "attempt_id"],
            set_={"run_id": upsert.excluded.run_id, "state": upsert.excluded.state, "confirmed_by": None},
        ),
        results,
    )
    done = [(attempt.sitting_id, attempt.id) for attempt in handed_in]
    await session.execute(
        update(Attempt)
        .where(tuple_(col(Attempt.sitting_id), col(Attempt.id)).in_(done))
        .values(grading_needed=False)
        .execution_options(synchronize_session=False)
    )


def _rank(order: Sequence[str], area: str) -> int:
    """The place of an area in the standard's weight table."""
    return order.index(area) if area in order else len(order)


def _run(
    case: _Case,
    paper_hash: str,
    graded: Grade,
    order: Sequence[str],
    rules: GradingRules,
    digest: str,
    now: datetime,
) -> dict[str, Any]:
    return {
        "sitting_id": case.sitting_id,
        "id": new_id(),
        "attempt_id": case.attempt_id,
        "paper_hash": paper_hash,
        "frozen_hash": case.frozen_hash,
        "key_version": KEY_VERSION,
        "rule_version": RULE_VERSION,
        "multiple_choice": rules.multiple_choice.value,
        "responses_digest": digest,
        "items": [
            {
                "number": item.number,
                "position": item.position,
                "answer": item.answer,
                "points": str(item.points),
                "maximum": str(item.maximum),
            }
            for item in graded.items
        ],
        "areas": [
            {"area": area, "points": str(part.points), "maximum": str(part.maximum)}
            for area, part in sorted(graded.areas.items(), key=lambda pair: _rank(order, pair[0]))
        ],
        "total": graded.total,
        "maximum": graded.maximum,
        "pass_mark": rules.pass_mark,
        "passed": graded.passed,
        "graded_at": now,
    }


async def _cases(session: AsyncSession, handed_in: Sequence[Attempt]) -> list[_Case]:
    keys = [(attempt.sitting_id, attempt.id) for attempt in handed_in]
    query = select(*(getattr(AttemptPaper, name) for name in _Case._fields)).where(
        tuple_(col(AttemptPaper.sitting_id), col(AttemptPaper.attempt_id)).in_(keys)
    )
    return [_Case(*row) for row in await session.execute(query)]


async def _sittings(session: AsyncSession, handed_in: Sequence[Attempt]) -> dict[UUID, Sitting]:
    query = select(Sitting).where(col(Sitting.id).in_({attempt.sitting_id for attempt in handed_in}))
    return {sitting.id: sitting for sitting in (await session.execute(query)).scalars()}
