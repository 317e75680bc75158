"""After the exam: reads back what the server keeps of everyone, and gathers what does not agree."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.states import AttemptState
from app.rehearsal.candidate import Candidate
from app.rehearsal.findings import (
    Kept,
    answer_faults,
    attendance_faults,
    receipt_is_genuine,
    result_faults,
    time_faults,
)
from app.rehearsal.people import Turn
from app.rehearsal.report import Fault
from app.rehearsal.server import Refused
from app.schemas.board import AttemptRow
from app.schemas.results import ResultRead

AT_ONCE = 4


@dataclass
class Aftermath:
    """`rows` are the proctors' last view, `kept` what was read back; both by ticket number."""

    candidates: Sequence[Candidate]
    rows: dict[str, AttemptRow] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, about: str, *faults: str) -> None:
        """`about` a ticket number, a room or the sitting."""
        self.faults += [Fault(about=about, what=what) for what in faults]

    @property
    def handed_in(self) -> list[Candidate]:
        return [one for one in self.candidates if self._submitted(one.ticket)]

    def _submitted(self, ticket: str) -> bool:
        return ticket in self.rows and self.rows[ticket].state is AttemptState.submitted

    @property
    def lost(self) -> int:
        """Items whose acknowledged answer the server does not have."""
        return sum(
            len(one.client.queue.lost(self.kept[one.ticket].stored.responses))
            for one in self.candidates
            if one.ticket in self.kept
        )

    @property
    def genuine_receipts(self) -> int:
        return sum(receipt_is_genuine(kept.receipt) for kept in self.kept.values())


def check_rows(aftermath: Aftermath, rooms: Iterable[Mapping[str, AttemptRow]], ends_at: datetime) -> None:
    for rows in rooms:
        aftermath.rows |= rows
    for one in aftermath.candidates:
        row = aftermath.rows.get(one.ticket)
        if row is None:
            aftermath.fault(one.ticket, "看板缺人 Not on the board")
            continue
        known = one.known
        times = time_faults(row, ends_at, known.granted, paused=known.paused)
        aftermath.fault(one.ticket, *attendance_faults(one, row), *times)
        if known.letters.unread and one.person.turn is not Turn.absent:
            aftermath.fault(one.ticket, f"消息未送达 {known.letters.unread} messages never came")


async def check_kept(aftermath: Aftermath) -> None:
    """As each candidate's own client reads it."""

    async def check(one: Candidate) -> None:
        try:
            kept = Kept(await one.client.stored(), await one.client.stored_receipt())
        except Refused as refused:
            aftermath.fault(one.ticket, str(refused))
        else:
            aftermath.kept[one.ticket] = kept
            aftermath.fault(one.ticket, *answer_faults(one, kept))

    await _for_each(check, aftermath.handed_in)


async def check_results(aftermath: Aftermath, results: Sequence[ResultRead]) -> None:
    """The officers' list against what each candidate sees."""
    listed = {result.ticket_number: result for result in results}

    async def check(one: Candidate) -> None:
        try:
            seen = (await one.client.result()).total
        except Refused as refused:
            aftermath.fault(one.ticket, str(refused))
        else:
            aftermath.fault(one.ticket, *result_faults(one, aftermath.kept[one.ticket], listed[one.ticket], seen))

    await _for_each(check, [one for one in aftermath.handed_in if one.ticket in aftermath.kept])


async def _for_each(check: Callable[[Candidate], Awaitable[None]], candidates: Sequence[Candidate]) -> None:
    """A few at a time: after an exam people do not all look at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def take_turn(one: Candidate) -> None:
        async with places:
            await check(one)

    await asyncio.gather(*(take_turn(one) for one in candidates))
