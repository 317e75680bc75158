"""Announcements between processes by LISTEN/NOTIFY: small lists of rooms, never a message for each candidate.

They only make boards and candidates' streams quick: who listens also reads again from time to time without them.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import structlog

from app.core.database import Database
from app.core.metrics import Metrics
from app.services.live.topics import RoomTopic

log = structlog.get_logger()

CHANNEL = "kaochang_rooms"
ROOMS_IN_ONE = 80
"""Rooms in one notification; PostgreSQL takes less than 8000 bytes."""

GAP = 0.05
"""Seconds between two bursts of notifications of one process."""

PING_EVERY = 1.0
"""Seconds; what this process does not hear of itself, it cannot hear of others either."""

DEAF_AFTER = 3 * PING_EVERY
VANISHED_AFTER = 10.0
"""Seconds without an answer to one of these small statements, after which the database's host is taken for gone."""

RECONNECT_AFTER = 0.5

Listener = Callable[[frozenset[RoomTopic]], None]


class Announcements:
    """What this process tells the others, and hears from all, itself included."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._name = uuid4().hex
        self._untold: set[RoomTopic] = set()
        self._told = asyncio.Event()
        self._listeners: list[Listener] = []
        self._heard_at = float("-inf")
        self.connection: Any = None

    @property
    def hearing(self) -> bool:
        """Whether notifications arrive. While they do not, who listens has to look for itself."""
        return time.monotonic() - self._heard_at < DEAF_AFTER

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener` is called in the event loop with the rooms heard of; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, topics: Iterable[Hashable]) -> None:
        """Soon, and together with what else is told meanwhile; a listener of `Database`."""
        self._untold.update(topic for topic in topics if isinstance(topic, RoomTopic))
        self._told.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._database.listeners.append(self.tell)
        task = asyncio.create_task(self._stay_connected())
        try:
            yield
        finally:
            self._database.listeners.remove(self.tell)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _stay_connected(self) -> None:
        while True:
            try:
                async with self._database.listening_connection() as connection:
                    self.connection = connection
                    await connection.add_listener(CHANNEL, self._hear)
                    await self._talk(connection)
            except Exception as error:
                self._metrics.failures.labels("announcements").inc()
                log.warning("announcements_cut", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER)

    async def _talk(self, connection: Any) -> None:
        pinged_at = float("-inf")
        while True:
            if time.monotonic() - pinged_at >= PING_EVERY:
                pinged_at = time.monotonic()
                await self._notify(connection, [])
            try:
                async with asyncio.timeout(PING_EVERY):
                    await self._told.wait()
            except TimeoutError:
                continue
            self._told.clear()
            topics, self._untold = _without_repeats(self._untold), set()
            try:
                for start in range(0, len(topics), ROOMS_IN_ONE):
                    rooms = [_packed(topic) for topic in topics[start : start + ROOMS_IN_ONE]]
                    await self._notify(connection, rooms)
            except BaseException:
                self.tell(topics)
                raise
            await asyncio.sleep(GAP)

    async def _notify(self, connection: Any, rooms: list[Any]) -> None:
        """`sent` is by this process's monotonic clock: only this process reads it."""
        message = {"from": self._name, "sent": time.monotonic(), "rooms": rooms}
        try:
            async with asyncio.timeout(VANISHED_AFTER):
                await connection.execute(
                    "SELECT pg_notify($1, $2)", CHANNEL, json.dumps(message, separators=(",", ":"))
                )
        except TimeoutError:
            log.error("database_vanished")
            self._database.abandon()
            raise

    def _hear(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        message = json.loads(payload)
        if message["from"] == self._name:
            self._heard_at = time.monotonic()
            self._metrics.announcement_seconds.observe(self._heard_at - message["sent"])
            self._metrics.announcement_heard.set_to_current_time()
        if topics := frozenset(_unpacked(room) for room in message["rooms"]):
            for listener in tuple(self._listeners):
                listener(topics)


def _without_repeats(topics: set[RoomTopic]) -> list[RoomTopic]:
    """A room whose attempts have changed is not told of a second time for its progress."""
    changed = {(topic.sitting_id, topic.room_id) for topic in topics if not topic.progress}
    return [topic for topic in topics if not topic.progress or (topic.sitting_id, topic.room_id) not in changed]


def _packed(topic: RoomTopic) -> list[Any]:
    return [topic.sitting_id.hex, topic.room_id.hex, int(topic.progress)]


def _unpacked(packed: list[Any]) -> RoomTopic:
    return RoomTopic(UUID(packed[0]), UUID(packed[1]), bool(packed[2]))
