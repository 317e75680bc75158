"""The boards that this process shows live: read when announced, and anew at each fallback interval."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.core.context import Context
from app.domain.incident_summary import IncidentSummary
from app.schemas.board import AttemptRow, RoomHead, SittingHead
from app.services import board, incidents
from app.services.board import Board, newest
from app.services.live.announcements import Announcements
from app.services.live.feed import Feed, Part
from app.services.live.shaping import attempt_rows, room_head, sitting_head
from app.services.live.topics import RoomTopic

log = structlog.get_logger()

GAP = 0.1
"""Seconds between two readings of the database for all boards of this process, at least."""

PAUSE = 4
"""Times as long as a reading took the boards pause after it, at most a second: what costs more is read less often."""

TICK = 1.0
"""Seconds after which what depends on the time alone is shaped anew: connection, allowed actions."""

DEAF_INTERVAL = 1.0
"""Seconds between readings while notifications do not arrive."""

LINGER = 30.0
"""Seconds that a feed is kept for readers who come back."""

ACCESS_CHECK = 15.0
"""Seconds after which it is asked again whether a reader may still read."""


@dataclass(frozen=True)
class RoomView:
    """A room with the actions that a chief, or any other proctor, may take."""

    room_id: UUID
    chief: bool


@dataclass(frozen=True)
class SittingView:
    """All rooms of a sitting."""

    sitting_id: UUID
    room_ids: tuple[UUID, ...]


View = RoomView | SittingView


@dataclass
class _Watched:
    feed: Feed[Any, Any]
    readers: int = 0
    left_at: float = 0.0
    shaped_at: float = float("-inf")


@dataclass(frozen=True)
class _Read:
    board: Board
    at: float


class Boards:
    """One a process. Readers follow feeds; one loop reads for all of them."""

    def __init__(self, context: Context, announcements: Announcements) -> None:
        self._context = context
        self._announcements = announcements
        self._watched: dict[View, _Watched] = {}
        self._read: dict[UUID, _Read] = {}
        self._whole: dict[UUID, IncidentSummary] = {}
        self._counted_at: dict[UUID, float] = {}
        self._announced: set[UUID] = set()
        self._progressed: set[UUID] = set()
        self._wanted = asyncio.Event()
        self.closed = False

    @property
    def readers(self) -> int:
        return sum(watched.readers for watched in self._watched.values())

    def mark(self, view: View) -> str:
        """The newest version, for who reads the database now and follows from here; "" while nobody follows."""
        watched = self._watched.get(view)
        return "" if watched is None else watched.feed.mark()

    async def follow(
        self, view: View, mark: str | None, may_read: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[Part[Any, Any]]:
        """Everything, or what changed since `mark`, then what changes, until the boards close.

        `may_read` is asked from time to time; what it raises ends the reading.
        """
        streams = self._context.metrics.stream_readers.labels("boards")
        with streams.track_inprogress(), self._watching(view) as feed:
            while not (feed.ready or self.closed):
                await feed.moved()
            version = feed.version_of(mark)
            asked_at = time.monotonic()
            while not self.closed:
                if version is None or feed.version > version:
                    part = feed.since(version)
                    version = feed.version
                    yield part
                else:
                    await _moved_within(feed, ACCESS_CHECK)
                if time.monotonic() - asked_at >= ACCESS_CHECK:
                    await may_read()
                    asked_at = time.monotonic()

    def close(self) -> None:
        """Ends all readings: the process is about to stop."""
        self.closed = True
        for watched in self._watched.values():
            watched.feed.wake()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        unsubscribe = self._announcements.subscribe(self._hear)
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            unsubscribe()
            self.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _hear(self, topics: frozenset[RoomTopic]) -> None:
        self._announced.update(topic.room_id for topic in topics if not topic.progress)
        self._progressed.update(topic.room_id for topic in topics if topic.progress)
        self._wanted.set()

    @contextmanager
    def _watching(self, view: View) -> Iterator[Feed[Any, Any]]:
        watched = self._watched.setdefault(view, _Watched(Feed(_name_of_rows(view))))
        watched.readers += 1
        self._wanted.set()
        try:
            yield watched.feed
        finally:
            watched.readers -= 1
            watched.left_at = time.monotonic()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(TICK if self._watched else None):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            began = time.monotonic()
            try:
                await self._refresh()
            except Exception as error:
                self._context.metrics.failures.labels("boards").inc()
                log.warning("boards_not_read", error=type(error).__name__)
            await asyncio.sleep(min(max(GAP, PAUSE * (time.monotonic() - began)), TICK))

    async def _refresh(self) -> None:
        self._forget_the_left()
        announced, self._announced = self._announced, set()
        progressed, self._progressed = self._progressed, set()
        rooms = {room_id for view in self._watched for room_id in _rooms_of(view)}
        interval = self._context.settings.live_fallback.total_seconds()
        if not self._announcements.hearing:
            interval = min(interval, DEAF_INTERVAL)
        now = time.monotonic()
        due = {room_id for room_id in rooms if now - self._counted_at.get(room_id, float("-inf")) >= interval}
        changed = announced & rooms - due
        heard = (progressed & set(self._read)) - due - changed
        try:
            await self._read_rooms(due, changed, heard)
        except BaseException:
            self._announced |= announced
            self._progressed |= progressed
            raise
        self._shape(due | changed | heard)

    async def _read_rooms(self, due: set[UUID], changed: set[UUID], heard: set[UUID]) -> None:
        """Those due with their answers counted anew; of those in which candidates were only heard, only that."""
        if not due and not changed and not heard:
            return
        sittings = [view.sitting_id for view in self._watched if isinstance(view, SittingView)]
        async with self._context.database.transaction() as session:
            now = await self._context.clock.now(session)
            at = time.monotonic()
            for room_ids, counted in ((due, True), (changed, False)):
                if room_ids:
                    found = await board.of_rooms(session, sorted(room_ids), now, counted=counted)
                    self._keep(found, at)
            if heard:
                self._keep(await board.with_presence(session, [self._read[id_].board for id_ in heard], now), at)
            if sittings:
                self._whole = dict(await incidents.summary_of_sittings(session, sittings))
        self._counted_at |= dict.fromkeys(due, at)

    def _keep(self, found: Mapping[UUID, Board], at: float) -> None:
        self._read |= {room_id: _Read(self._newest(one), at) for room_id, one in found.items()}

    def _newest(self, board: Board) -> Board:
        """The board, with no row's progress behind what was read before: presence is written after the answers."""
        before = self._read.get(board.room.id)
        if before is None:
            return board
        known = {row.seat.attempt_id: row.progress for row in before.board.rows}
        rows = [replace(row, progress=newest(row.progress, known.get(row.seat.attempt_id))) for row in board.rows]
        return replace(board, rows=rows)

    def _shape(self, read: set[UUID]) -> None:
        at = time.monotonic()
        for view, watched in self._watched.items():
            rooms = _rooms_of(view)
            known = all(room_id in self._read for room_id in rooms)
            if known and (at - watched.shaped_at >= TICK or not read.isdisjoint(rooms)):
                watched.shaped_at = at
                head, rows = self._shaped(view, at)
                watched.feed.update(head, rows)

    def _shaped(self, view: View, at: float) -> tuple[RoomHead | SittingHead, Mapping[UUID, AttemptRow | RoomHead]]:
        if isinstance(view, RoomView):
            one = self._read[view.room_id]
            now = self._now(one, at)
            rows = attempt_rows(one.board, self._context.keyring, now, chief=view.chief)
            return room_head(one.board, now), {row.id: row for row in rows}
        boards = [self._read[room_id] for room_id in view.room_ids]
        heads = [room_head(one.board, self._now(one, at)) for one in boards]
        whole = self._whole.get(view.sitting_id, IncidentSummary())
        head = sitting_head([one.board for one in boards], heads, whole, self._now(boards[0], at))
        return head, {head.id: head for head in heads}

    def _now(self, read: _Read, at: float) -> datetime:
        """The exam's clock: what it was at the reading, and what has passed since by a clock that only goes on."""
        return self._context.clock.fixed or read.board.read_at + timedelta(seconds=at - read.at)

    def _forget_the_left(self) -> None:
        now = time.monotonic()
        left = [
            view for view, watched in self._watched.items() if not watched.readers and now - watched.left_at >= LINGER
        ]
        for view in left:
            del self._watched[view]
        rooms = {room_id for view in self._watched for room_id in _rooms_of(view)}
        self._read = {room_id: one for room_id, one in self._read.items() if room_id in rooms}
        self._counted_at = {room_id: at for room_id, at in self._counted_at.items() if room_id in rooms}


def _rooms_of(view: View) -> tuple[UUID, ...]:
    return (view.room_id,) if isinstance(view, RoomView) else view.room_ids


def _name_of_rows(view: View) -> str:
    return "attempts" if isinstance(view, RoomView) else "rooms"


async def _moved_within(feed: Feed[Any, Any], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await feed.moved()
    except TimeoutError:
        pass
