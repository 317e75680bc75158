"""Requests that wait are served together, each with its own outcome."""

import asyncio
from collections.abc import Sequence

import pytest

from app.core import batching
from app.core.batching import Batcher, Later, Outcome
from app.core.problems import Problem


class Kitchen:
    """Answers numbers with their doubles; told apart by what is wrong with some of them."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.held: set[int] = set()
        self.spoiled: set[int] = set()

    async def serve(self, asked: Sequence[int]) -> list[Outcome[int]]:
        self.batches.append(list(asked))
        await asyncio.sleep(0)
        if self.spoiled & set(asked):
            raise RuntimeError("the batch is lost")
        return [self._one(number) for number in asked]

    def _one(self, number: int) -> Outcome[int]:
        if number < 0:
            return Problem("lease_moved")
        return Later.busy if number in self.held else 2 * number


async def test_what_arrives_together_is_served_together_within_the_limit() -> None:
    kitchen = Kitchen()
    batcher = Batcher(kitchen.serve, limit=4)
    async with batcher.running():
        assert await asyncio.gather(*(batcher.ask(number) for number in range(10))) == [2 * n for n in range(10)]
    assert [len(batch) for batch in kitchen.batches] == [4, 4, 2]


async def test_a_refusal_is_that_of_one_request() -> None:
    batcher = Batcher(Kitchen().serve, limit=4)
    async with batcher.running():
        good, refused = await asyncio.gather(batcher.ask(1), batcher.ask(-1), return_exceptions=True)
    assert good == 2
    assert isinstance(refused, Problem)


async def test_when_a_batch_is_lost_each_is_tried_alone() -> None:
    kitchen = Kitchen()
    kitchen.spoiled = {2}
    batcher = Batcher(kitchen.serve, limit=10)
    async with batcher.running():
        one, lost, three = await asyncio.gather(*(batcher.ask(n) for n in (1, 2, 3)), return_exceptions=True)
    assert (one, three) == (2, 6)
    assert isinstance(lost, RuntimeError)


async def test_what_is_held_waits_without_keeping_the_others_waiting() -> None:
    kitchen = Kitchen()
    kitchen.held = {1}
    batcher = Batcher(kitchen.serve, limit=10)
    async with batcher.running():
        held = asyncio.create_task(batcher.ask(1))
        assert await batcher.ask(2) == 4
        assert not held.done()
        kitchen.held = set()
        assert await held == 2


async def test_what_is_held_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BUSY_PATIENCE", 0.0)
    kitchen = Kitchen()
    kitchen.held = {1}
    batcher = Batcher(kitchen.serve, limit=10)
    async with batcher.running():
        with pytest.raises(Problem) as refusal:
            await batcher.ask(1)
    assert (refusal.value.code, refusal.value.headers) == ("database_unavailable", {"Retry-After": "2"})


async def test_at_the_end_what_was_accepted_is_served_and_nothing_more_is_accepted() -> None:
    batcher = Batcher(Kitchen().serve, limit=1)
    async with batcher.running():
        accepted = [asyncio.create_task(batcher.ask(number)) for number in range(5)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*accepted) == [0, 2, 4, 6, 8]
    with pytest.raises(Problem):
        await batcher.ask(1)


async def test_who_has_gone_away_is_not_missed() -> None:
    batcher = Batcher(Kitchen().serve, limit=10)
    async with batcher.running():
        gone = asyncio.create_task(batcher.ask(1))
        await asyncio.sleep(0)
        gone.cancel()
        assert await batcher.ask(2) == 4
