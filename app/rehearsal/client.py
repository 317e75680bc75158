"""A candidate's exam client: the calls of one ticket, the durable queue, retrying, handing in."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from app.rehearsal.answers import AnswerQueue
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
SECRET_BYTES = 32


class ExamClient:
    """Sends at SEND_AT changes given or after SEND_EVERY; nothing while `offline_until` lies ahead."""

    def __init__(self, ticket: str, id_number: str, connect: Callable[[], Caller], clock: ServerClock) -> None:
        self.queue = AnswerQueue()
        self.offline_until = clock.now()
        self._ticket = ticket
        self._id_number = id_number
        self._secret = secrets.token_urlsafe(SECRET_BYTES)
        self._connect = connect
        self._caller = connect()
        self._clock = clock
        self._contact = clock.now()

    async def log_in(self, device: str) -> None:
        """On a device with a connection of its own."""
        body = LoginCreate(
            ticket_number=self._ticket,
            id_number=self._id_number,
            device_id=f"{device}-{self._ticket}",
            device_secret=self._secret,
        )
        self._caller = self._connect()
        login = await self._caller.call("login", "POST", "/exam/login", LoginRead, body)
        self._caller.token = login.access_token
        await self._caller.call("exam", "GET", "/exam", ExamRead)

    async def start(self) -> CandidatePaperRead:
        await self._caller.call("start", "POST", "/exam/start", ExamRead)
        return await self._caller.call("paper", "GET", "/exam/paper", CandidatePaperRead)

    async def give(self, number: int, answer: str) -> None:
        self.queue.give(number, answer)
        if self.queue.pending >= SEND_AT:
            await self.send()

    async def wait(self, until: datetime) -> None:
        """Meanwhile sends what is pending, and now and then a heartbeat."""
        while (due := self._contact + (SEND_EVERY if self.queue.pending else HEARTBEAT)) < until:
            await self._clock.until(due)
            await self.send()
        await self._clock.until(until)

    async def send(self) -> None:
        """What is pending, else a heartbeat."""
        self._contact = self._clock.now()
        if self._contact < self.offline_until:
            return
        batch = self.queue.batch(BATCH)
        if not batch:
            await self._caller.call("heartbeat", "POST", "/exam/events", EventsRead, EventsCreate())
            return
        now = client_time()
        changes = [
            ResponseCreate(number=one.number, answer=one.answer, sequence=one.sequence, client_time=now)
            for one in batch
        ]
        body = ResponsesUpdate(responses=changes)
        saved = await self._caller.call("save", "PUT", "/exam/responses", ResponsesSaved, body, expected="lease_moved")
        self.queue.settle(batch, saved.responses)

    async def go_on_from_stored(self) -> None:
        """After a login on another device."""
        stored = await self.stored()
        self.queue.adopt(stored.responses, stored.last_sequence)
        await self.send()

    async def hand_in(self) -> ReceiptRead | None:
        """Sends the rest and hands in; what the server lacks is sent again. None when the deadline has passed."""
        await self._clock.until(self.offline_until)
        for tries_left in reversed(range(HAND_IN_TRIES)):
            if self.queue.pending:
                await self.send()
            body = SubmissionCreate(
                last_sequence=self.queue.sequence, digest=self.queue.digest, sequences=dict(self.queue.sequences)
            )
            try:
                return await self._caller.call("submit", "POST", "/exam/submit", ReceiptRead, body)
            except Refused as refused:
                if refused.code == "deadline_passed":
                    return None
                if refused.code != "responses_missing" or not tries_left:
                    raise
            self.queue.repeat()
        return None

    async def stored(self) -> ResponsesRead:
        return await self._caller.call("responses", "GET", "/exam/responses", ResponsesRead)

    async def stored_receipt(self) -> ReceiptRead:
        return await self._caller.call("receipt", "GET", "/exam/receipt", ReceiptRead)

    async def result(self) -> CandidateResultRead:
        return await self._caller.call("result", "GET", "/exam/result", CandidateResultRead)
