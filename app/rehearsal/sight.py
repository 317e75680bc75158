"""Rows as a stream shows them, beside what has been acknowledged and must be seen in them: how long that takes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

Row = TypeVar("Row", bound=BaseModel)

RESUMED = "resumed"
"""The kind of what was acknowledged while the stream was away: it counts from when the reader came back."""


@dataclass(frozen=True)
class Lag:
    """From an acknowledgement to the row that shows it. `across`: one process acknowledged, another one shows."""

    row: UUID
    kind: str
    seconds: float
    across: bool


@dataclass(frozen=True)
class _Due(Generic[Row]):
    kind: str
    shown: Callable[[Row], bool]
    since: float
    server: str
    moot: Callable[[], bool]


def never() -> bool:
    return False


class Sight(Generic[Row]):
    """The rows of one screen by id. Moments are seconds of a clock that only goes on.

    What is expected of a row must stay true of the rows after it, since a stream may leave out what lies between; else
    `moot` tells from when on it is not expected any more.
    """

    def __init__(self) -> None:
        self.rows: dict[UUID, Row] = {}
        self.lags: list[Lag] = []
        self._due: dict[UUID, list[_Due[Row]]] = {}
        self._server = ""
        self._opened_at = float("-inf")

    @property
    def waits(self) -> bool:
        """Whether something acknowledged is not seen yet."""
        return any(not due.moot() for dues in self._due.values() for due in dues)

    def opened(self, server: str, now: float) -> None:
        """The reader has turned to `server`."""
        self._server, self._opened_at = server, now

    def expect(
        self,
        id_: UUID,
        kind: str,
        shown: Callable[[Row], bool],
        server: str,
        now: float,
        moot: Callable[[], bool] = never,
    ) -> None:
        """`server` has just acknowledged what `shown` recognises. A row may be quicker than the acknowledgement."""
        self._due.setdefault(id_, []).append(_Due(kind, shown, now, server, moot))
        self._settle(id_, now)

    def put(self, rows: Mapping[UUID, Row], now: float, *, whole: bool) -> None:
        """Rows in place of those with their ids, or of all."""
        self.rows = dict(rows) if whole else {**self.rows, **rows}
        for id_ in list(self._due) if whole else rows:
            self._settle(id_, now)

    def late(self, limit: float, now: float) -> Iterator[Lag]:
        """What was seen after more than `limit` seconds, or has not been seen though it is that old."""
        yield from (lag for lag in self.lags if lag.seconds > limit)
        overdue = (self._lag(id_, due, now) for id_, dues in self._due.items() for due in dues if not due.moot())
        yield from (lag for lag in overdue if lag.seconds > limit)

    def _settle(self, id_: UUID, now: float) -> None:
        row = self.rows.get(id_)
        if row is None or not (dues := self._due.get(id_)):
            return
        open_ = [due for due in dues if not due.moot()]
        self.lags += [self._lag(id_, due, now) for due in open_ if due.shown(row)]
        self._due[id_] = [due for due in open_ if not due.shown(row)]

    def _lag(self, id_: UUID, due: _Due[Row], now: float) -> Lag:
        kind = due.kind if due.since >= self._opened_at else RESUMED
        return Lag(id_, kind, now - max(due.since, self._opened_at), due.server != self._server)
