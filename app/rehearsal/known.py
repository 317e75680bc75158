"""What the servers have acknowledged of one attempt: every screen of its room has to show it."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.rehearsal.sight import Sight, never
from app.schemas.board import AttemptRow
from app.schemas.commands import CommandOutcome
from app.schemas.exam import ExamClock, ResponsesSaved
from app.schemas.messages import MessageSeen
from app.schemas.proctoring import AttemptChanged

CONTACTS = 16


@dataclass
class Letters:
    """Messages to one candidate by id, with the moments when they were sent and read; the codes of commands read."""

    sent: dict[UUID, float] = field(default_factory=dict)
    read: dict[UUID, float] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    @property
    def unread(self) -> int:
        return len(self.sent.keys() - self.read.keys())

    def lags(self) -> list[float]:
        """Seconds from the acknowledgement to the sender until the candidate's client had it."""
        return [max(0.0, self.read[id_] - at) for id_, at in self.sent.items() if id_ in self.read]

    def take(self, messages: Iterable[MessageSeen]) -> list[UUID]:
        """The ids of those that are new."""
        new = [message for message in messages if message.id not in self.read]
        self.read |= {message.id: time.monotonic() for message in new}
        self.codes |= {message.code for message in new if message.code is not None}
        return [message.id for message in new]


class Known:
    """`granted`, `paused` and `terminated` tell what proctors did to the attempt; `settled` are the hands that they
    answered and the incidents that they acknowledged.

    In the servers' time: `saves` are the numbers of answered items by the time of the save, `contacts` the newest times
    when a server heard of the candidate. `deadlines` are by their version.
    """

    def __init__(self, ticket: str, attempt: UUID, sights: Sequence[Sight[AttemptRow]]) -> None:
        self.ticket = ticket
        self.attempt = attempt
        self.granted = timedelta(0)
        self.paused = False
        self.terminated = False
        self.letters = Letters()
        self.settled: set[UUID] = set()
        self.saves: dict[datetime, int] = {}
        self.contacts: deque[datetime] = deque(maxlen=CONTACTS)
        self.deadlines: dict[int, datetime | None] = {}
        self._sights = sights

    def expect(
        self, kind: str, shown: Callable[[AttemptRow], bool], server: str, moot: Callable[[], bool] = never
    ) -> None:
        """`server` has acknowledged what `shown` recognises in a row, until it is `moot`."""
        for sight in self._sights:
            sight.expect(self.attempt, kind, shown, server, time.monotonic(), moot)

    def heard(self, clock: ExamClock, server: str) -> None:
        """A save or a heartbeat was answered: the candidate is online, and no screen may know less of its deadline."""
        self.contacts.append(clock.server_time)
        if clock.deadline_version not in self.deadlines:
            self.changed("clock", clock, server)

    def saved(self, saved: ResponsesSaved, answered: int, server: str) -> None:
        """Something new is stored, and with it `answered` items in all."""
        at = saved.server_time
        self.saves[at] = answered
        self.expect("save", lambda row: row.last_save_at is not None and row.last_save_at >= at, server)

    def changed(self, kind: str, after: ExamClock | AttemptChanged | CommandOutcome, server: str) -> None:
        """There is a new deadline, or none while the clock is stopped."""
        version = after.deadline_version or 0
        self.deadlines[version] = after.deadline_at
        self.expect(kind, lambda row: row.deadline_version >= version, server)
