"""A feed under any updates, and readers at any pace: what a reader has put together is what is true."""

import asyncio
import json
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app.services.live.feed import BACKLOG, Feed, Part

ROWS = [UUID(int=number) for number in range(1, 6)]


class Head(BaseModel):
    server_time: int
    state: str


class Row(BaseModel):
    id: UUID
    answered: int
    seconds_left: int


Values = dict[UUID, int]
updates = st.dictionaries(st.sampled_from(ROWS), st.integers(0, 3))
paces = st.lists(st.tuples(updates, st.sampled_from(["running", "suspended"]), st.booleans()), max_size=3 * BACKLOG)


class Reader:
    """Puts rows together as a client does."""

    def __init__(self) -> None:
        self.mark: str | None = None
        self.state = ""
        self.rows: Values = {}

    def take(self, feed: Feed[Head, Row]) -> Part[Head, Row]:
        part = feed.since(feed.version_of(self.mark))
        if part.whole:
            self.rows = {}
        self.rows |= {row.id: row.answered for row in part.rows}
        self.mark, self.state = part.mark, part.head.state
        return part


def update(feed: Feed[Head, Row], values: Values, state: str = "running", time: int = 0) -> None:
    rows = {id_: Row(id=id_, answered=value, seconds_left=-time) for id_, value in values.items()}
    feed.update(Head(server_time=time, state=state), rows)


@given(paces)
def test_a_reader_at_any_pace_has_what_is_true_when_it_reads(history: list[tuple[Values, str, bool]]) -> None:
    feed: Feed[Head, Row] = Feed("rows")
    reader, values = Reader(), dict.fromkeys(ROWS, 0)
    for time, (changes, state, reads) in enumerate(history):
        values |= changes
        update(feed, values, state, time)
        if reads:
            part = reader.take(feed)
            assert (reader.rows, reader.state) == (values, state)
            assert len(part.rows) <= len(ROWS)


def test_only_what_changed_is_given_and_the_passing_of_time_is_no_change() -> None:
    feed: Feed[Head, Row] = Feed("rows")
    update(feed, dict.fromkeys(ROWS, 0))
    reader = Reader()
    reader.take(feed)
    update(feed, dict.fromkeys(ROWS, 0), time=5)
    assert feed.mark() == reader.mark
    update(feed, dict.fromkeys(ROWS, 0) | {ROWS[2]: 7}, time=6)
    part = reader.take(feed)
    assert not part.whole
    assert [(row.id, row.answered, row.seconds_left) for row in part.rows] == [(ROWS[2], 7, -6)]


def test_all_readers_of_one_version_are_given_one_part_with_its_mark_and_rows() -> None:
    feed: Feed[Head, Row] = Feed("rows")
    update(feed, dict.fromkeys(ROWS, 0), time=3)
    part = feed.since(None)
    assert feed.since(None) is part
    assert json.loads(part.json) == {
        "server_time": 3,
        "state": "running",
        "version": feed.mark(),
        "rows": [{"id": str(id_), "answered": 0, "seconds_left": -3} for id_ in ROWS],
    }


def test_who_missed_more_than_the_backlog_is_given_everything_once() -> None:
    feed: Feed[Head, Row] = Feed("rows")
    values = dict.fromkeys(ROWS, 0)
    update(feed, values)
    reader = Reader()
    reader.take(feed)
    for step in range(1, BACKLOG + 2):
        update(feed, values | {ROWS[0]: step})
    part = reader.take(feed)
    assert part.whole
    assert len(part.rows) == len(ROWS)
    assert reader.take(feed).rows == []


def test_a_mark_of_another_feed_or_a_foreign_word_gives_everything() -> None:
    feed: Feed[Head, Row] = Feed("rows")
    update(feed, dict.fromkeys(ROWS, 0))
    for mark in (None, "", "nonsense", f"{feed.name}-", f"{feed.name}-99", f"{feed.name}--1", "other-1", "²"):
        assert feed.since(feed.version_of(mark)).whole


async def test_readers_sleep_until_the_feed_moves() -> None:
    feed: Feed[Head, Row] = Feed("rows")
    update(feed, dict.fromkeys(ROWS, 0))
    sleepers = [asyncio.create_task(feed.moved()) for _ in range(3)]
    await asyncio.sleep(0)
    update(feed, dict.fromkeys(ROWS, 0), time=1)
    await asyncio.sleep(0)
    assert not any(sleeper.done() for sleeper in sleepers)
    update(feed, dict.fromkeys(ROWS, 1), time=2)
    await asyncio.gather(*sleepers)
