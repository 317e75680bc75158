"""What stands on the screens of proctors and chiefs, put together from their streams as a client does."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.states import AttemptState
from app.rehearsal.known import Known
from app.rehearsal.row_faults import row_faults
from app.rehearsal.sight import Lag, Sight
from app.schemas.board import AttemptRow, RoomHead, RoomSnapshot, SittingSnapshot


class Screen(ABC):
    """`name` is of what it shows; `changes` and `snapshots` count the events, `rows` what came with them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rooms: Sight[RoomHead] = Sight()
        self.changes = 0
        self.snapshots = 0
        self.rows = 0
        self._moved = asyncio.Event()

    def opened(self, server: str) -> None:
        """The reader has turned to `server`."""
        self.rooms.opened(server, time.monotonic())

    def show(self, data: str, *, whole: bool) -> None:
        """An event: everything, or what has changed."""
        self._put(data, whole=whole)
        if whole:
            self.snapshots += 1
        else:
            self.changes += 1
        self._moved.set()

    async def moved(self, within: float) -> None:
        """Returns after the next event, at the latest after `within` seconds."""
        self._moved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._moved.wait()

    @property
    def waits(self) -> bool:
        """Whether something acknowledged is not seen yet."""
        return self.rooms.waits

    @property
    def lags(self) -> list[Lag]:
        return self.rooms.lags

    def late(self, limit: timedelta) -> Iterator[tuple[str, Lag]]:
        """What was, or still is, wrong for longer than `limit`, with the room's name or the ticket number."""
        for lag in self.rooms.late(limit.total_seconds(), time.monotonic()):
            head = self.rooms.rows.get(lag.row)
            yield self.name if head is None else head.name, lag

    @abstractmethod
    def _put(self, data: str, *, whole: bool) -> None: ...


class RoomScreen(Screen):
    """One proctor's: a row a candidate. `faults` are by ticket number: what no row may say."""

    def __init__(self, name: str, known: Mapping[UUID, Known], fallback: timedelta) -> None:
        super().__init__(name)
        self.attempts: Sight[AttemptRow] = Sight()
        self.faults: set[tuple[str, str]] = set()
        self.server_time: datetime | None = None
        self._known = known
        self._fallback = fallback

    def opened(self, server: str) -> None:
        super().opened(server)
        self.attempts.opened(server, time.monotonic())

    @property
    def waits(self) -> bool:
        return super().waits or self.attempts.waits

    @property
    def lags(self) -> list[Lag]:
        return [*super().lags, *self.attempts.lags]

    def late(self, limit: timedelta) -> Iterator[tuple[str, Lag]]:
        yield from super().late(limit)
        for lag in self.attempts.late(limit.total_seconds(), time.monotonic()):
            yield self._known[lag.row].ticket, lag

    def _put(self, data: str, *, whole: bool) -> None:
        shown = RoomSnapshot.model_validate_json(data)
        now = time.monotonic()
        self.server_time = shown.server_time
        self.rooms.put({shown.id: shown}, now, whole=True)
        self.attempts.put({row.id: row for row in shown.attempts}, now, whole=whole)
        self.rows += len(shown.attempts)
        for row in shown.attempts:
            if (known := self._known.get(row.id)) is not None:
                faults = row_faults(row, known, shown.server_time, self._fallback)
                self.faults.update((known.ticket, fault) for fault in faults)


class SittingScreen(Screen):
    """A chief's: a head a room, and totals over all."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.totals: dict[AttemptState, int] = {}

    def _put(self, data: str, *, whole: bool) -> None:
        shown = SittingSnapshot.model_validate_json(data)
        self.totals = shown.totals
        self.rooms.put({room.id: room for room in shown.rooms}, time.monotonic(), whole=whole)
        self.rows += len(shown.rooms)
