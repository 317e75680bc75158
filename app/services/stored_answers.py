"""The newest answers of attempts, one row an attempt."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyed import Key
from app.domain.answers import StoredAnswers
from app.models.attempt import Attempt

READ = text("""
SELECT given.sitting_id, given.attempt_id, stored.numbers, stored.answers, stored.sequences
FROM unnest(CAST(:sitting_ids AS uuid[]), CAST(:attempt_ids AS uuid[])) AS given (sitting_id, attempt_id)
CROSS JOIN LATERAL (
    SELECT array_agg(number) AS numbers, array_agg(answer) AS answers, array_agg(sequence) AS sequences
    FROM response
    WHERE response.sitting_id = given.sitting_id AND response.attempt_id = given.attempt_id
    HAVING count(*) > 0
) AS stored
""")
"""Attempt by attempt, so that nobody else's answers are read, however few or many there are."""


async def stored_answers(session: AsyncSession, of: Sequence[Attempt]) -> dict[Key, StoredAnswers]:
    """Of every one of the attempts."""
    keys = [(attempt.sitting_id, attempt.id) for attempt in of]
    values = {"sitting_ids": [key[0] for key in keys], "attempt_ids": [key[1] for key in keys]}
    stored = dict.fromkeys(keys, StoredAnswers())
    for sitting_id, attempt_id, numbers, answers, sequences in await session.execute(READ, values):
        stored[sitting_id, attempt_id] = StoredAnswers(
            dict(zip(numbers, answers, strict=True)), dict(zip(numbers, sequences, strict=True))
        )
    return stored
