"""The mailbox: open messages to candidates, in the memory of each process, so that no save has to ask for them.

The table holds the messages; the mailbox only carries them. It reads the rooms that are announced, and everything at
each fallback interval. What it has handed out is marked delivered for all at once, in the background; if the process
dies before, the message is still pending and comes again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.database import Database
from app.core.metrics import Metrics
from app.core.problems import Problem
from app.services import messages
from app.services.live import inbox
from app.services.live.announcements import Announcements
from app.services.live.inbox import Inbox, Key, OpenMessage
from app.services.live.topics import RoomTopic

log = structlog.get_logger()

SHOWN = 20
"""Open messages that one answer carries, the oldest; the next ones follow when these are confirmed."""

STREAMS = 2
"""Streams that one attempt may have open in a process: the old one and its successor."""

GAP = 0.1
"""Seconds between two readings."""

MARK_EVERY = 0.5
MARKED_AT_ONCE = 5000
"""Within what one statement takes; the rest follows."""

RECONNECT_AFTER = 0.5
FIRST_READING = 10.0
"""Seconds that a new stream waits to be filled before it is refused."""


class Watch:
    """One candidate's open stream."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.filled = False
        self._inbox: Inbox | None = None
        self._ended: str | None = None
        self._stirred = asyncio.Event()

    def held(self, epoch: int) -> Inbox:
        """What the holder of this lease may see.

        Raises Problem `lease_moved`, `stream_replaced` (409), `invalid_token` (401), `service_stopping`,
        `database_unavailable` (503).
        """
        if self._ended is not None:
            raise Problem(self._ended)
        if not self.filled:
            raise Problem("database_unavailable", headers={"Retry-After": "2"})
        if self._inbox is None:
            raise Problem("invalid_token")
        if self._inbox.lease_epoch != epoch:
            raise Problem("lease_moved")
        return self._inbox

    def fill(self, newest: Inbox | None) -> None:
        if not self.filled or newest != self._inbox:
            self._inbox, self.filled = newest, True
            self._stirred.set()

    def end(self, code: str) -> None:
        """With the code of the Problem that `held` raises from now on."""
        self._ended = code
        self._stirred.set()

    async def stirred(self, within: float) -> None:
        """Returns when something has changed, at the latest after `within` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._stirred.wait()
        self._stirred.clear()


class Mailbox:
    """One a process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        announcements: Announcements,
        metrics: Metrics,
        fallback: timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._announcements = announcements
        self._metrics = metrics
        self._fallback = fallback.total_seconds()
        self._inboxes: dict[Key, Inbox] = {}
        self._watches: dict[Key, list[Watch]] = defaultdict(list)
        self._rooms: set[Key] = set()
        self._stirred = asyncio.Event()
        self._whole_at = float("-inf")
        self._handed: set[Key] = set()
        self._to_mark = asyncio.Event()
        self._read: tuple[datetime, float] | None = None
        self._closed = False

    def hand_out(self, sitting_id: UUID, attempt_id: UUID) -> tuple[OpenMessage, ...]:
        """What an answer to this candidate carries; it is marked delivered."""
        known = self._inboxes.get((sitting_id, attempt_id))
        shown = () if known is None else known.messages[:SHOWN]
        self.handed(sitting_id, (message.id for message in shown if not message.delivered))
        return shown

    def handed(self, sitting_id: UUID, ids: Iterable[UUID]) -> None:
        """These messages, or hands, were in an answer to whom they are meant for."""
        self._handed.update((sitting_id, id_) for id_ in ids)
        if self._handed:
            self._to_mark.set()

    def now(self) -> datetime:
        """The exam's clock, as the last reading set it. Raises RuntimeError before the first."""
        if self._clock.fixed is not None:
            return self._clock.fixed
        if self._read is None:
            raise RuntimeError("nothing has been read")
        at, since = self._read
        return at + timedelta(seconds=time.monotonic() - since)

    @asynccontextmanager
    async def watching(self, sitting_id: UUID, attempt_id: UUID) -> AsyncIterator[Watch]:
        """A stream's view of one attempt, filled; many that are opened at once are filled by one statement."""
        watch = Watch((sitting_id, attempt_id))
        open_ones = self._watches[watch.key]
        open_ones.append(watch)
        for old in open_ones[:-STREAMS]:
            old.end("stream_replaced")
        if self._closed:
            watch.end("service_stopping")
        self._stirred.set()
        try:
            with self._metrics.stream_readers.labels("candidates").track_inprogress():
                await watch.stirred(FIRST_READING)
                yield watch
        finally:
            open_ones.remove(watch)
            if not open_ones:
                self._watches.pop(watch.key, None)

    def close(self) -> None:
        """Ends all streams: the process is about to stop."""
        self._closed = True
        for watch in [watch for open_ones in self._watches.values() for watch in open_ones]:
            watch.end("service_stopping")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Reads and marks while the block runs, and marks at its end what is left."""
        unsubscribe = self._announcements.subscribe(self._hear)
        tasks = [asyncio.create_task(self._read_forever()), asyncio.create_task(self._mark_forever())]
        try:
            yield
        finally:
            unsubscribe()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._mark()

    def _hear(self, topics: frozenset[RoomTopic]) -> None:
        rooms = {(topic.sitting_id, topic.room_id) for topic in topics if not topic.progress}
        if rooms:
            self._rooms |= rooms
            self._stirred.set()

    async def _read_forever(self) -> None:
        while True:
            self._stirred.clear()
            try:
                await self._read_what_changed()
            except Exception as error:
                self._metrics.failures.labels("mailbox").inc()
                log.warning("mailbox_not_read", error=type(error).__name__)
                self._whole_at = float("-inf")
                await asyncio.sleep(RECONNECT_AFTER)
                continue
            await asyncio.sleep(GAP)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._whole_at - time.monotonic())):
                    await self._stirred.wait()

    async def _read_what_changed(self) -> None:
        """The rooms heard of and the streams just opened; everything when it is time for that."""
        started = time.monotonic()
        whole = started >= self._whole_at
        rooms, self._rooms = self._rooms, set()
        asked = [key for key in self._watches if whole or self._room_of(key) in rooms or not self._is_filled(key)]
        async with self._database.transaction() as session:
            reading = await inbox.read(session, None if whole else rooms, asked, self._clock.fixed)
        if reading.now is not None:
            self._read = (reading.now, time.monotonic())
        kept = {} if whole else {key: one for key, one in self._inboxes.items() if self._room_of(key) not in rooms}
        self._inboxes = {**kept, **reading.inboxes}
        if whole:
            self._whole_at = started + self._fallback
        for key in asked:
            for watch in self._watches.get(key, ()):
                watch.fill(reading.inboxes.get(key))

    def _room_of(self, key: Key) -> Key | None:
        known = self._inboxes.get(key)
        return None if known is None else (known.sitting_id, known.room_id)

    def _is_filled(self, key: Key) -> bool:
        return all(watch.filled for watch in self._watches[key])

    async def _mark_forever(self) -> None:
        while True:
            await self._to_mark.wait()
            self._to_mark.clear()
            await self._mark()
            await asyncio.sleep(MARK_EVERY)

    async def _mark(self) -> None:
        """One statement for all; what could not be marked is tried again."""
        handed = set(islice(self._handed, MARKED_AT_ONCE))
        self._handed -= handed
        if self._handed:
            self._to_mark.set()
        if not handed:
            return
        try:
            async with self._database.transaction() as session:
                await messages.mark_delivered(session, handed, await self._clock.now(session))
        except BaseException as error:
            self._handed |= handed
            self._to_mark.set()
            if not isinstance(error, Exception):
                raise
            self._metrics.failures.labels("mailbox").inc()
            log.warning("messages_not_marked", error=type(error).__name__)
