"""One candidate with a client: logs in, answers, saves, meets with some mishap, hands in."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.rehearsal.answers import AnswerQueue
from app.rehearsal.keys import KeySheet, Question
from app.rehearsal.people import Person, Turn
from app.rehearsal.room import Room
from app.rehearsal.script import Step, write_script
from app.rehearsal.server import Caller, Refused, ServerClock, client_time
from app.schemas.exam import (
    CandidatePaperRead,
    CandidateResultRead,
    EventsCreate,
    EventsRead,
    ExamRead,
    LoginCreate,
    LoginRead,
    ReceiptRead,
    ResponseCreate,
    ResponsesRead,
    ResponsesSaved,
    ResponsesUpdate,
    SubmissionCreate,
)

SEND_AT = 5
SEND_EVERY = timedelta(seconds=2)
HEARTBEAT = timedelta(seconds=5)
BATCH = 200
HAND_IN_TRIES = 5

LOGINS = 0.9
"""Of the time before the window: everybody logs in within it. The others are parts of the window."""
ARRIVAL = 0.05
MISHAPS = (0.3, 0.5)
OUTAGE = 0.2
PAUSE = 0.1
ENDS = {Turn.early: (0.55, 0.65), Turn.silent: (0.97, 0.99)}
USUAL_END = (0.75, 0.95)


@dataclass(frozen=True)
class Times:
    """The window of writing, in server time."""

    begins: datetime
    ends: datetime

    def at(self, part: float) -> datetime:
        return self.begins + (self.ends - self.begins) * part

    def span(self, part: float) -> timedelta:
        return (self.ends - self.begins) * part


class Candidate:
    """`queue` holds what was answered and acknowledged, `receipt` what was answered to the candidate's hand-in."""

    def __init__(
        self,
        person: Person,
        ticket: str,
        attempt: UUID,
        room: Room,
        *,
        connect: Callable[[], Caller],
        clock: ServerClock,
        keys: KeySheet,
        seed: int,
    ) -> None:
        self.person = person
        self.ticket = ticket
        self.room = room
        self.queue = AnswerQueue()
        self.questions: list[Question] = []
        self.receipt: ReceiptRead | None = None
        self.granted = timedelta(0)
        self._attempt = attempt
        self._connect = connect
        self._caller = connect()
        self._clock = clock
        self._keys = keys
        self._source = random.Random(f"{seed} {ticket}")  # noqa: S311 -- reproducible by intention
        self._contact = clock.now()
        self._offline_until = clock.now()

    async def log_in(self, device: str) -> None:
        body = LoginCreate(ticket_number=self.ticket, id_number=self.person.id_number, device_id=device)
        login = await self._caller.call("login", "POST", "/exam/login", LoginRead, body)
        self._caller.token = login.access_token

    async def sit(self, times: Times) -> None:
        """From the login to the end that the person's turn asks for. An absent one does nothing."""
        if self.person.turn is Turn.absent:
            return
        now = self._clock.now()
        await self._clock.until(now + (times.begins - now) * self._source.uniform(0, LOGINS))
        await self.log_in(f"pc-{self.ticket}")
        await self._caller.call("exam", "GET", "/exam", ExamRead)
        await self._clock.until(times.at(self._source.uniform(0, ARRIVAL)))
        await self._caller.call("start", "POST", "/exam/start", ExamRead)
        paper = await self._caller.call("paper", "GET", "/exam/paper", CandidatePaperRead)
        self.questions = self._keys.questions(paper)
        await self._write(times)
        if self.person.turn is not Turn.silent:
            await self._hand_in()

    async def stored(self) -> ResponsesRead:
        return await self._caller.call("responses", "GET", "/exam/responses", ResponsesRead)

    async def stored_receipt(self) -> ReceiptRead:
        return await self._caller.call("receipt", "GET", "/exam/receipt", ReceiptRead)

    async def result(self) -> CandidateResultRead:
        return await self._caller.call("result", "GET", "/exam/result", CandidateResultRead)

    async def _write(self, times: Times) -> None:
        mishap = times.at(self._source.uniform(*MISHAPS))
        begins, ends = self._clock.now(), self._own_end(times)
        script = write_script(self.questions, self.person.ability, begins, ends, self._source)
        await self._follow([step for step in script if step.at < mishap])
        await self._pass_time(mishap)
        await self._meet_mishap(times)
        await self._follow([step for step in script if step.at >= mishap])
        await self._pass_time(ends)
        await self._send()

    async def _follow(self, script: Sequence[Step]) -> None:
        for step in script:
            await self._pass_time(step.at)
            self.queue.give(step.number, step.answer)
            if self.queue.pending >= SEND_AT:
                await self._send()

    def _own_end(self, times: Times) -> datetime:
        """Who is granted time goes on after the common end."""
        if self.person.turn is Turn.granted:
            self.granted = timedelta(seconds=max(4, round(times.span(0.2).total_seconds())))
            return times.ends + self.granted / 2
        return times.at(self._source.uniform(*ENDS.get(self.person.turn, USUAL_END)))

    async def _pass_time(self, until: datetime) -> None:
        """Waits; meanwhile sends what is pending, and now and then a heartbeat."""
        while True:
            due = self._contact + (SEND_EVERY if self.queue.pending else HEARTBEAT)
            await self._clock.until(min(until, due))
            if due >= until:
                return
            await self._send() if self.queue.pending else await self._beat()

    async def _beat(self) -> None:
        self._contact = self._clock.now()
        if self._contact >= self._offline_until:
            await self._caller.call("heartbeat", "POST", "/exam/events", EventsRead, EventsCreate())

    async def _send(self) -> None:
        """Sends what is pending; without a network nothing."""
        self._contact = self._clock.now()
        if self._contact < self._offline_until:
            return
        batch = self.queue.batch(BATCH)
        if not batch:
            return
        now = client_time()
        body = ResponsesUpdate(
            responses=[
                ResponseCreate(number=one.number, answer=one.answer, sequence=one.sequence, client_time=now)
                for one in batch
            ]
        )
        saved = await self._caller.call("save", "PUT", "/exam/responses", ResponsesSaved, body, expected="lease_moved")
        self.queue.settle(batch, saved.responses)

    async def _meet_mishap(self, times: Times) -> None:
        match self.person.turn:
            case Turn.offline:
                self._offline_until = self._clock.now() + times.span(OUTAGE)
                self.queue.repeat()
            case Turn.swap:
                await self._swap_device()
            case Turn.granted:
                await self.room.grant(self._attempt, self.granted)
            case Turn.interrupted:
                await self.room.interrupt(self._attempt)
                await self._send()
                await self._clock.until(self._clock.now() + times.span(PAUSE))
                await self.room.resume(self._attempt)

    async def _swap_device(self) -> None:
        """The old device's lease is freed: what it still sends is refused. The new one goes on from what is stored."""
        await self.room.release(self._attempt)
        if self.questions:
            self.queue.give(self.questions[0].number, self.questions[0].right)
        try:
            await self._send()
        except Refused as refused:
            if refused.code != "lease_moved":
                raise
        self._caller = self._connect()
        await self.log_in(f"spare-{self.ticket}")
        stored = await self.stored()
        self.queue.adopt(stored.responses, stored.last_sequence)
        await self._send()

    async def _hand_in(self) -> None:
        """Sends the rest and hands in; what the server lacks is sent again. After the deadline it is too late."""
        await self._clock.until(self._offline_until)
        for tries_left in reversed(range(HAND_IN_TRIES)):
            await self._send()
            body = SubmissionCreate(
                last_sequence=self.queue.sequence, digest=self.queue.digest, sequences=dict(self.queue.sequences)
            )
            try:
                self.receipt = await self._caller.call("submit", "POST", "/exam/submit", ReceiptRead, body)
                return
            except Refused as refused:
                if refused.code == "deadline_passed":
                    return
                if refused.code != "responses_missing" or not tries_left:
                    raise
            self.queue.repeat()
