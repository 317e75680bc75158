"""The audit log on the real PostgreSQL: one unbroken chain per sitting, and what is tampered with is found."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from app.core.context import Context
from app.core.database import Database
from app.core.ids import new_id
from app.domain.actors import SYSTEM
from app.domain.audit_chain import OUTSIDE, START, Break, Fault
from app.domain.noted_heads import NotedHeads
from app.models.audit import AuditCheckpoint, AuditEvent, AuditHead
from app.models.sitting import RoomSeal
from app.services import audit
from app.services.audit_checkpoints import INTERVAL, sign_heads
from app.services.audit_verification import verify
from tests.conftest import FixedClock
from tests.halls import open_hall
from tests.rows import as_owner, sql

LOG_TABLES = ("audit_event", "audit_head", "audit_checkpoint")


@dataclass(frozen=True)
class Log:
    """Five events of one sitting and three of another, up to which the heads were signed; then one more of each."""

    context: Context
    sitting: UUID
    other: UUID

    async def breaks(self, noted: NotedHeads | None = None) -> Sequence[Break]:
        return (await verify(self.context.database, self.context.keyring.audit_public_key, noted=noted)).breaks


async def write(context: Context, *sitting_ids: UUID | None, fail: bool = False, **details: Any) -> None:
    """One transaction with an event of each."""
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        for sitting_id in sitting_ids:
            audit.record(
                session, SYSTEM, "test.write", "sitting", sitting_id, at=now, sitting_id=sitting_id, details=details
            )
        if fail:
            await session.flush()
            raise RuntimeError("rolled back")


@pytest_asyncio.fixture
async def log(context: Context, clock: FixedClock) -> Log:
    log = Log(context, new_id(), new_id())
    await write(
        context, log.sitting, log.other, log.sitting, note="汉字 \u2028 😀", count=2**53, none=None, list=[1, "a"]
    )
    await write(context, log.sitting, None)
    clock.advance(timedelta(seconds=1, microseconds=1))
    await write(context, log.sitting, log.sitting, log.other, log.other)
    await sign_heads(context)
    await write(context, log.sitting, log.other)
    return log


@pytest_asyncio.fixture
async def kept(log: Log) -> Log:
    """The log with a copy of its tables, whose constraint does not stand in the way of whoever owns them."""
    await sql(log.context, "ALTER TABLE audit_event DROP CONSTRAINT ck_audit_event_chain")
    for table in LOG_TABLES:
        await sql(log.context, f"CREATE TABLE kept_{table} AS TABLE {table}")
    return log


async def count(context: Context, table: Any, **where: Any) -> int:
    async with context.database.transaction() as session:
        query = select(func.count()).select_from(table).filter_by(**where)
        return int((await session.execute(query)).scalar_one())


async def test_what_was_written_in_good_order_is_unbroken(log: Log) -> None:
    found = await verify(log.context.database, log.context.keyring.audit_public_key)
    assert found.breaks == []
    assert found.events == await count(log.context, AuditEvent)
    assert found.chains == await count(log.context, AuditHead)
    async with log.context.database.transaction() as session:
        query = select(AuditEvent).where(AuditEvent.chain == log.sitting).order_by(col(AuditEvent.sequence))
        events = (await session.execute(query)).scalars().all()
        head = await audit.head(session, log.sitting)
        assert await audit.head(session, new_id()) == START
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6]
    assert (head.sequence, head.hash) == (6, events[-1].hash)
    assert events[0].details == {"note": "汉字 \u2028 😀", "count": 2**53, "none": None, "list": [1, "a"]}


async def test_a_whole_exam_leaves_an_unbroken_log(context: Context) -> None:
    hall = await open_hall(context, candidates=3)
    found = await verify(context.database, context.keyring.audit_public_key, hall.sitting_id)
    assert (found.chains, found.breaks) == (1, [])
    assert found.events > len(hall.seated)


async def test_what_is_rolled_back_leaves_no_gap(log: Log) -> None:
    with pytest.raises(RuntimeError):
        await write(log.context, log.sitting, None, fail=True)
    await write(log.context, log.sitting)
    assert await log.breaks() == []
    assert await count(log.context, AuditEvent, chain=log.sitting) == 7


async def test_transactions_at_once_make_one_chain_and_wait_for_each_other_in_one_order(context: Context) -> None:
    """Two processes' worth of connections; each transaction writes to some of four chains, in an order of its own."""
    chains = [*(new_id() for _ in range(3)), None]
    source = random.Random(7)  # noqa: S311 -- reproducible by intention
    other = Context(
        context.settings,
        Database(context.database.engine.url.render_as_string(hide_password=False)),
        context.keyring,
        context.clock,
    )
    before = await count(context, AuditEvent)
    written = [source.choices(chains, k=source.randrange(1, 6)) for _ in range(120)]
    failing = {source.randrange(len(written)) for _ in range(15)}
    outcomes = await asyncio.gather(
        *(
            write((context, other)[number % 2], *events, fail=number in failing)
            for number, events in enumerate(written)
        ),
        return_exceptions=True,
    )
    await other.database.dispose()
    assert {type(outcome) for outcome in outcomes} == {RuntimeError, type(None)}
    assert {number for number, outcome in enumerate(outcomes) if outcome is not None} == failing
    kept = [sitting_id for number, events in enumerate(written) if number not in failing for sitting_id in events]
    assert await count(context, AuditEvent) - before == len(kept)
    found = await verify(context.database, context.keyring.audit_public_key)
    assert found.breaks == []


async def test_a_first_event_from_two_at_once_begins_one_chain(context: Context) -> None:
    sitting = new_id()
    await asyncio.gather(*(write(context, sitting) for _ in range(10)))
    assert await count(context, AuditEvent, chain=sitting) == 10
    assert (await verify(context.database, context.keyring.audit_public_key, sitting)).breaks == []


ALTERED = {
    "id": "gen_random_uuid()",
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'candidate'",
    "actor_id": "gen_random_uuid()",
    "action": "action || ' '",
    "subject": "'room'",
    "subject_id": "NULL",
    "sitting_id": "NULL",
    "details": "details || '{\"seconds\": 1}'",
    "request_id": "''",
    "hash": "sha256(hash)",
}
MOVED = {
    "previous_hash": ("sha256(hash)", Fault.wrong_previous),
    "sequence": ("sequence + 100", Fault.missing),
    "chain": ("gen_random_uuid()", Fault.missing),
}
HARDLY_READABLE = (
    "details = jsonb_build_object('n', repeat('9', 5000)::numeric)",
    "at = 'infinity'",
    "at = '20000-01-01'",
    "at = '0044-03-15 BC'",
)
SIGNED = (
    "hash = sha256(hash)",
    "at = at + interval '1 second'",
    "signature = overlay(signature placing 'AAAA' from 5)",
    "signature = ''",
)
CUT_OFF = "DELETE FROM audit_event WHERE chain = :c AND sequence > 4"
PUT_HEAD_BACK = """
UPDATE audit_head AS head SET sequence = event.sequence, hash = event.hash
FROM audit_event AS event WHERE head.chain = :c AND event.chain = :c AND event.sequence = 4
"""
PUT_IN = """
INSERT INTO audit_event (chain, sequence, id, sitting_id, at, actor_kind, action, subject, details, previous_hash, hash)
SELECT chain, 7, gen_random_uuid(), sitting_id, at, actor_kind, action, subject, details, previous_hash, hash
FROM audit_event WHERE chain = :c AND sequence = 6
"""
CONTENTS = "action, subject, details, at, id, request_id"
SWAP = """
UPDATE audit_event AS one SET ({columns}) = (
    SELECT {columns} FROM audit_event AS other WHERE other.chain = one.chain AND other.sequence = 7 - one.sequence
) WHERE chain = :c AND sequence IN (2, 5)
"""


def test_every_column_is_tampered_with() -> None:
    assert set(ALTERED) | set(MOVED) == set(SQLModel.metadata.tables["audit_event"].columns.keys())


@asynccontextmanager
async def tampered(log: Log, *statements: str) -> AsyncIterator[Sequence[Break]]:
    """What is found after these statements on the sitting's rows by the owner; the tables are put back after it."""
    try:
        for statement in statements:
            await sql(log.context, statement, c=log.sitting)
        yield await log.breaks()
    finally:
        async with as_owner(log.context) as owner:
            for table in LOG_TABLES:
                await owner.execute(text(f"TRUNCATE {table}"))
                await owner.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))  # noqa: S608


def update(what: str, sequence: int, table: str = "audit_event") -> str:
    return f"UPDATE {table} SET {what} WHERE chain = :c AND sequence = {sequence}"  # noqa: S608


async def test_a_changed_row_is_found(kept: Log) -> None:
    changes = [f"{column} = {value}" for column, value in ALTERED.items()]
    for change in (*changes, *HARDLY_READABLE):
        for sequence in (1, 3, 6):
            async with tampered(kept, update(change, sequence)) as breaks:
                assert breaks == [Break(kept.sitting, sequence, Fault.altered)], change


async def test_a_moved_row_is_found(kept: Log) -> None:
    for column, (value, fault) in MOVED.items():
        async with tampered(kept, update(f"{column} = {value}", 3)) as breaks:
            assert Break(kept.sitting, 3, fault) in breaks, column


async def test_a_deleted_row_is_found(kept: Log) -> None:
    for sequence in (1, 3):
        async with tampered(kept, f"DELETE FROM audit_event WHERE chain = :c AND sequence = {sequence}") as breaks:  # noqa: S608
            assert breaks == [Break(kept.sitting, sequence, Fault.missing)]


async def test_two_rows_swapped_are_found(kept: Log) -> None:
    async with tampered(kept, SWAP.format(columns=CONTENTS)) as breaks:
        assert breaks == [Break(kept.sitting, 2, Fault.altered)]
    async with tampered(kept, SWAP.format(columns=f"{CONTENTS}, previous_hash, hash")) as breaks:
        assert breaks == [Break(kept.sitting, 2, Fault.wrong_previous)]


async def test_a_row_put_in_is_found(kept: Log) -> None:
    async with tampered(kept, PUT_IN) as breaks:
        assert breaks == [Break(kept.sitting, 7, Fault.wrong_previous)]


async def test_an_end_cut_off_is_found(kept: Log) -> None:
    truncated = [Break(kept.sitting, 5, Fault.truncated)]
    async with tampered(kept, CUT_OFF) as breaks:
        assert breaks == truncated
    async with tampered(kept, CUT_OFF, PUT_HEAD_BACK) as breaks:
        assert breaks == truncated, "together with its head"
        await write(kept.context, kept.sitting, kept.sitting)
        assert await kept.breaks() == [Break(kept.sitting, 5, Fault.checkpoint_differs)], "when the service went on"


async def test_an_end_cut_off_with_all_that_tells_of_it_is_found_only_against_heads_noted_elsewhere(kept: Log) -> None:
    async with kept.context.database.transaction() as session:
        noted = {chain: {await audit.head(session, chain)} for chain in (kept.sitting, kept.other)}
    assert await kept.breaks(noted) == []
    cut_checkpoints = CUT_OFF.replace("audit_event", "audit_checkpoint")
    async with tampered(kept, CUT_OFF, PUT_HEAD_BACK, cut_checkpoints) as breaks:
        assert breaks == []
        assert await kept.breaks(noted) == [Break(kept.sitting, 5, Fault.truncated)]
        await write(kept.context, kept.sitting, kept.sitting)
        assert await kept.breaks() == []
        assert await kept.breaks(noted) == [Break(kept.sitting, 6, Fault.noted_differs)], "when the service went on"
    async with tampered(kept, *(f"DELETE FROM {table} WHERE chain = :c" for table in LOG_TABLES)) as breaks:  # noqa: S608
        assert breaks == []
        assert await kept.breaks(noted) == [Break(kept.sitting, 1, Fault.truncated)], "the whole chain"


async def test_a_chain_that_is_gone_is_found(kept: Log) -> None:
    gone = [f"DELETE FROM {table} WHERE chain = :c" for table in ("audit_event", "audit_head")]  # noqa: S608
    async with tampered(kept, *gone) as breaks:
        assert breaks == [Break(kept.sitting, 1, Fault.truncated)]


async def test_a_sitting_without_a_chain_is_found(context: Context) -> None:
    """Also when nothing in the log tells of it any more."""
    hall = await open_hall(context)
    for table in LOG_TABLES:
        await sql(context, f"DELETE FROM {table} WHERE chain = :c", c=hall.sitting_id)  # noqa: S608
    broken = [Break(hall.sitting_id, 1, Fault.truncated)]
    assert await Log(context, hall.sitting_id, hall.sitting_id).breaks() == broken


async def test_a_standard_without_the_chain_outside_sittings_is_found(context: Context) -> None:
    """Loading it was an event."""
    hall = await open_hall(context)
    for table in LOG_TABLES:
        await sql(context, f"DELETE FROM {table} WHERE chain = :c", c=OUTSIDE)  # noqa: S608
    assert await Log(context, hall.sitting_id, OUTSIDE).breaks() == [Break(OUTSIDE, 1, Fault.truncated)]


async def test_a_head_that_was_changed_is_found(kept: Log) -> None:
    async with tampered(kept, update("hash = sha256(hash)", 6, "audit_head")) as breaks:
        assert breaks == [Break(kept.sitting, 6, Fault.head_differs)]
        await write(kept.context, kept.sitting)
        assert await kept.breaks() == [Break(kept.sitting, 7, Fault.wrong_previous)], "when the service went on"


async def test_nothing_happens_that_cannot_be_written_to_the_log(kept: Log) -> None:
    async with tampered(kept, "DELETE FROM audit_head WHERE chain = :c"):
        with pytest.raises(DBAPIError):
            await write(kept.context, kept.sitting)


async def test_a_changed_checkpoint_is_found(kept: Log) -> None:
    for change in SIGNED:
        async with tampered(kept, update(change, 5, "audit_checkpoint")) as breaks:
            assert breaks == [Break(kept.sitting, 5, Fault.checkpoint_forged)], change
    for sequence in (3, 9):
        async with tampered(kept, update(f"sequence = {sequence}", 5, "audit_checkpoint")) as breaks:
            assert breaks == [Break(kept.sitting, sequence, Fault.checkpoint_forged)]


async def test_the_head_noted_at_a_seal_must_be_that_of_the_chain(context: Context) -> None:
    hall = await open_hall(context)
    async with context.database.transaction() as session:
        head = await audit.head(session, hall.sitting_id)
        session.add(
            RoomSeal(
                sitting_id=hall.sitting_id,
                room_id=hall.room_id,
                staff_id=hall.proctors[0].account(),
                confirmed_at=context.clock.host_now(),
                audit_sequence=head.sequence,
                audit_hash=head.hash,
            )
        )
    log = Log(context, hall.sitting_id, hall.sitting_id)
    assert await log.breaks() == []
    await sql(context, "UPDATE room_seal SET audit_hash = sha256(audit_hash)")
    assert await log.breaks() == [Break(hall.sitting_id, head.sequence, Fault.seal_differs)]


async def test_each_moved_head_is_signed_once_and_at_most_every_ten_seconds(log: Log, clock: FixedClock) -> None:
    signed = await count(log.context, AuditCheckpoint)
    await asyncio.gather(*(sign_heads(log.context) for _ in range(5)))
    assert await count(log.context, AuditCheckpoint) == signed, "too soon"
    clock.advance(INTERVAL)
    await asyncio.gather(*(sign_heads(log.context) for _ in range(5)))
    assert await count(log.context, AuditCheckpoint) == signed + 2, "one of each head that moved"
    clock.advance(INTERVAL)
    assert await sign_heads(log.context) == 0
    assert await log.breaks() == []
