"""The response store against a model: replay, reordering and two leases in any order.

The model is a dictionary: of the accepted answers to an item the one with the highest sequence counts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.core.context import Context
from app.core.database import Database
from app.core.problems import Problem
from app.domain.answers import Outcome
from app.services.saving import Change, SaveQueue, SaveReply, SaveRequest
from tests.halls import Hall, open_hall
from tests.rows import as_owner

AT = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """A batch from one of two devices; `device` 2 holds the newer lease."""

    device: int
    changes: tuple[Change, ...]


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    """With an attempt in progress whose lease has the epoch 2."""
    hall = await open_hall(context)
    await put_back(context, hall)
    return hall


@pytest_asyncio.fixture
async def queue(context: Context) -> AsyncIterator[SaveQueue]:
    queue = SaveQueue(context.database, context.clock, context.metrics, limit=1000)
    async with queue.running():
        yield queue


async def put_back(context: Context, hall: Hall) -> None:
    async with as_owner(context) as owner:
        await owner.execute(
            text(
                "UPDATE attempt SET state = 'in_progress', started_at = :at, deadline_at = :at, lease_epoch = 2 "
                "WHERE id = :id"
            ),
            {"at": AT, "id": hall.seated[0].attempt_id},
        )
        await owner.execute(text("DELETE FROM response"))
        await owner.execute(text("DELETE FROM response_history"))


async def stored(database: Database, attempt_id: UUID) -> dict[int, tuple[int, str]]:
    async with database.transaction() as session:
        rows = await session.execute(
            text("SELECT number, sequence, answer FROM response WHERE attempt_id = :id"), {"id": attempt_id}
        )
        return {number: (sequence, answer) for number, sequence, answer in rows}


changes = st.builds(
    Change,
    number=st.integers(1, 4),
    answer=st.sampled_from(["", "A", "B", "C"]),
    sequence=st.integers(1, 12),
    client_time=st.just(AT),
)
batches = st.builds(Sent, st.sampled_from([1, 2, 2, 2]), st.lists(changes, min_size=1, max_size=5).map(tuple))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(batches, min_size=1, max_size=8), together=st.booleans())
async def test_the_store_agrees_with_the_model(
    context: Context, hall: Hall, queue: SaveQueue, sent: list[Sent], together: bool
) -> None:
    await put_back(context, hall)
    attempt_id = hall.seated[0].attempt_id

    async def send(batch: Sent) -> SaveReply | Problem:
        try:
            return await queue.save(SaveRequest(hall.sitting_id, attempt_id, batch.device, batch.changes))
        except Problem as problem:
            return problem

    replies: Sequence[SaveReply | Problem] = (
        await asyncio.gather(*map(send, sent)) if together else [await send(batch) for batch in sent]
    )
    accepted: dict[int, dict[int, list[str]]] = {}
    for batch, reply in zip(sent, replies, strict=True):
        if batch.device == 1:
            assert isinstance(reply, Problem)
            assert reply.code == "lease_moved"
            continue
        assert isinstance(reply, SaveReply)
        for change, outcome in zip(batch.changes, reply.outcomes, strict=True):
            assert outcome.number == change.number
            assert outcome.outcome is not Outcome.rejected
            accepted.setdefault(change.number, {}).setdefault(change.sequence, []).append(change.answer)
    kept = await stored(context.database, attempt_id)
    assert kept.keys() == accepted.keys()
    for number, by_sequence in accepted.items():
        sequence, answer = kept[number]
        assert sequence == max(by_sequence)
        assert answer == by_sequence[sequence][0], "of two answers with one sequence the first to arrive stays"


async def test_a_full_queue_refuses_and_does_nothing(context: Context, hall: Hall) -> None:
    queue = SaveQueue(context.database, context.clock, context.metrics, limit=1)
    request = SaveRequest(hall.sitting_id, hall.seated[0].attempt_id, 2, [Change(1, "A", 1, AT), Change(2, "A", 2, AT)])
    with pytest.raises(Problem) as refusal:
        await queue.save(request)
    assert (refusal.value.code, refusal.value.headers["Retry-After"]) == ("save_queue_full", "2")
    assert await stored(context.database, hall.seated[0].attempt_id) == {}


async def test_what_was_accepted_before_the_end_is_still_committed(context: Context, hall: Hall) -> None:
    queue = SaveQueue(context.database, context.clock, context.metrics, limit=10)
    attempt_id = hall.seated[0].attempt_id
    async with queue.running():
        waiting = asyncio.create_task(queue.save(SaveRequest(hall.sitting_id, attempt_id, 2, [Change(1, "A", 1, AT)])))
        await asyncio.sleep(0)
    assert (await waiting).outcomes[0].outcome is Outcome.saved
    assert await stored(context.database, attempt_id) == {1: (1, "A")}


async def test_a_save_that_finds_its_connection_cut_goes_through_on_the_next(
    context: Context, hall: Hall, queue: SaveQueue
) -> None:
    attempt_id = hall.seated[0].attempt_id
    request = SaveRequest(hall.sitting_id, attempt_id, 2, [Change(1, "A", 1, AT)])
    await queue.save(request)
    async with context.database.transaction() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE '%incoming%' AND pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    reply = await queue.save(SaveRequest(hall.sitting_id, attempt_id, 2, [Change(1, "B", 2, AT)]))
    assert reply.outcomes[0].outcome is Outcome.saved


async def test_an_attempt_that_another_command_holds_keeps_nobody_else_waiting(
    context: Context, hall: Hall, queue: SaveQueue
) -> None:
    held, other = hall.seated
    async with context.database.transaction() as session:
        await session.execute(
            text(
                "UPDATE attempt SET state = 'in_progress', started_at = :at, deadline_at = :at, lease_epoch = 2 "
                "WHERE id = :id"
            ),
            {"at": AT, "id": other.attempt_id},
        )
    change = [Change(1, "A", 1, AT)]
    async with context.database.transaction() as session:
        await session.execute(text("SELECT 1 FROM attempt WHERE id = :id FOR UPDATE"), {"id": held.attempt_id})
        waiting = asyncio.create_task(queue.save(SaveRequest(hall.sitting_id, held.attempt_id, 2, change)))
        reply = await queue.save(SaveRequest(hall.sitting_id, other.attempt_id, 2, change))
        assert reply.outcomes[0].outcome is Outcome.saved
        assert not waiting.done()
    assert (await waiting).outcomes[0].outcome is Outcome.saved
