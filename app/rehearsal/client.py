"""A candidate's exam client: the calls of one ticket, the durable queue, retrying, handing in."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.domain.answers import Outcome
from app.domain.messages import HandReason
from app.domain.states import AttemptState
from app.rehearsal.answers import AnswerQueue, Given
from app.rehearsal.desk import BrokenRule
from app.rehearsal.known import Known
from app.rehearsal.server import Caller, Refused, ServerClock, Shape, client_time
from app.schemas.exam import (
    CandidatePaperRead,
    CandidateResultRead,
    EventsCreate,
    EventsRead,
    ExamRead,
    LoginCreate,
    LoginRead,
    Mail,
    ReceiptRead,
    ResponseCreate,
    ResponsesRead,
    ResponsesSaved,
    ResponsesUpdate,
    SubmissionCreate,
)
from app.schemas.messages import ConfirmationCreate, HandCreate, HandRead, MessagesChanged

SEND_AT = 5
SEND_EVERY = timedelta(seconds=2)
HEARTBEAT = timedelta(seconds=5)
BATCH = 200
HAND_IN_TRIES = 5
ASK_AGAIN = timedelta(seconds=0.5)
"""After which a client that has to wait for the room asks again."""
SECRET_BYTES = 32
CLOSED = frozenset({"room_not_open", "paper_not_open"})
NOT_LOGGED_IN = frozenset({AttemptState.registered, AttemptState.checked_in})


class ExamClient:
    """Sends at SEND_AT changes given or after SEND_EVERY; nothing while `offline_until` lies ahead. While answers are
    rejected, as during an interruption, it only asks again each SEND_EVERY.

    What is acknowledged is made `known`; messages are confirmed as soon as they have come.
    """

    def __init__(self, known: Known, id_number: str, connect: Callable[[], Caller], clock: ServerClock) -> None:
        self.queue = AnswerQueue()
        self.offline_until = clock.now()
        self._known = known
        self._id_number = id_number
        self._secret = secrets.token_urlsafe(SECRET_BYTES)
        self._connect = connect
        self._caller = connect()
        self._clock = clock
        self._contact = clock.now()
        self._rejected = False

    async def log_in(self, device: str) -> None:
        """On a device with a connection of its own."""
        body = LoginCreate(
            ticket_number=self._known.ticket,
            id_number=self._id_number,
            device_id=f"{device}-{self._known.ticket}",
            device_secret=self._secret,
        )
        self._caller = self._connect()
        login = await self._caller.call("login", "POST", "/exam/login", LoginRead, body)
        self._caller.token = login.access_token
        await self._caller.call("exam", "GET", "/exam", ExamRead)
        self._known.expect("login", lambda row: row.state not in NOT_LOGGED_IN, self._caller.address)

    async def start(self) -> CandidatePaperRead:
        """Waits while the room is suspended."""
        exam = await self._once_open("start", "POST", "/exam/start", ExamRead)
        self._known.changed("start", exam, self._caller.address)
        return await self._once_open("paper", "GET", "/exam/paper", CandidatePaperRead)

    async def _once_open(self, name: str, method: str, path: str, shape: type[Shape]) -> Shape:
        while True:
            try:
                return await self._caller.call(name, method, path, shape)
            except Refused as refused:
                if refused.code not in CLOSED:
                    raise
            await self._clock.until(self._clock.now() + ASK_AGAIN)

    async def give(self, number: int, answer: str) -> None:
        self.queue.give(number, answer)
        if self.queue.pending >= SEND_AT and not self._rejected:
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
        if batch:
            await self._save(batch)
        else:
            await self._beat()

    async def _beat(self) -> None:
        body = EventsCreate(client_time=client_time())
        heard = await self._caller.call("heartbeat", "POST", "/exam/events", EventsRead, body)
        self._known.heard(heard, self._caller.address)
        await self._read(heard)

    async def _save(self, batch: Sequence[Given]) -> None:
        now = client_time()
        changes = [
            ResponseCreate(number=one.number, answer=one.answer, sequence=one.sequence, client_time=now)
            for one in batch
        ]
        body = ResponsesUpdate(responses=changes)
        caller, before, repeats = self._caller, self.queue.acknowledged, self._caller.repeats
        saved = await caller.call("save", "PUT", "/exam/responses", ResponsesSaved, body, expected="lease_moved")
        self.queue.settle(batch, saved.responses)
        self._rejected = any(one.outcome is Outcome.rejected for one in saved.responses)
        self._known.heard(saved, caller.address)
        if self.queue.acknowledged > before and caller.repeats == repeats:
            self._known.saved(saved, self.queue.answered, caller.address)
        await self._read(saved)

    async def _read(self, mail: Mail) -> None:
        if ids := self._known.letters.take(mail.messages):
            body = ConfirmationCreate(ids=ids)
            await self._caller.call("confirm", "POST", "/exam/messages/confirm", MessagesChanged, body)

    async def raise_hand(self) -> None:
        body = HandCreate(reason=HandReason.question)
        hand = await self._caller.call("hand", "POST", "/exam/hand", HandRead, body)
        self._known.expect(
            "hand",
            lambda row: row.hand is not None and row.hand.id == hand.id,
            self._caller.address,
            moot=lambda: hand.id in self._known.settled,
        )

    async def wait_for(self, code: str, until: datetime) -> None:
        """Until the candidate has read of a command. Raises BrokenRule when it has not been told by then."""
        while code not in self._known.letters.codes:
            if self._clock.now() >= until:
                raise BrokenRule(f"未被告知 Not told of {code}")
            await self.wait(self._clock.now() + ASK_AGAIN)

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
                receipt = await self._caller.call("submit", "POST", "/exam/submit", ReceiptRead, body)
                self._known.expect("submit", lambda row: row.submitted_at is not None, self._caller.address)
                return receipt
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
