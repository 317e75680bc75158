"""The newest answers of attempts, one row an attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models.attempt import Attempt
from app.models.response import Response

Key = tuple[UUID, UUID]
"""Sitting and attempt."""


@dataclass(frozen=True)
class StoredAnswers:
    """By item number, as the candidate saw them."""

    answers: Mapping[int, str] = field(default_factory=dict)
    sequences: Mapping[int, int] = field(default_factory=dict)

    @property
    def last_sequence(self) -> int:
        """0 without any."""
        return max(self.sequences.values(), default=0)


async def stored_answers(session: AsyncSession, of: Sequence[Attempt]) -> dict[Key, StoredAnswers]:
    """Of every one of the attempts."""
    keys = [(attempt.sitting_id, attempt.id) for attempt in of]
    query = (
        select(
            col(Response.sitting_id),
            col(Response.attempt_id),
            func.array_agg(col(Response.number)),
            func.array_agg(col(Response.answer)),
            func.array_agg(col(Response.sequence)),
        )
        .where(tuple_(col(Response.sitting_id), col(Response.attempt_id)).in_(keys))
        .group_by(col(Response.sitting_id), col(Response.attempt_id))
    )
    stored = dict.fromkeys(keys, StoredAnswers())
    for sitting_id, attempt_id, numbers, answers, sequences in await session.execute(query):
        stored[sitting_id, attempt_id] = StoredAnswers(
            dict(zip(numbers, answers, strict=True)), dict(zip(numbers, sequences, strict=True))
        )
    return stored
