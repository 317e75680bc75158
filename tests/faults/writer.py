"""A candidate's client under faults: a durable queue, from which a change goes only when it has been acknowledged."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.answers import Outcome
from app.domain.items import ItemType
from app.rehearsal.answers import AnswerQueue, Given
from app.schemas.exam import ReceiptRead, ResponseOutcome
from tests.faults.wire import Wire
from tests.halls import OPTIONS, Seated

BATCH = 50
LETTERS = "ABCDEFGH"
UNRULY = 0.3


class Refused(Exception):
    """An answer that no client of an exam should get."""


@dataclass(frozen=True)
class Pace:
    """Seconds between two saves, and items changed before each."""

    pause: tuple[float, float] = (0.25, 0.6)
    changes: int = 2


class Writer:
    """`acknowledged` has the time (monotonic) at which each change was first acknowledged as saved; `saved` and,
    shared with all, `anybody` are set by each."""

    def __init__(self, who: Seated, wire: Wire, pace: Pace, source: random.Random, anybody: asyncio.Event) -> None:
        self.who = who
        self.unruly = False
        self.saved = asyncio.Event()
        self._anybody = anybody
        self.acknowledged: dict[Given, float] = {}
        self.receipt: ReceiptRead | None = None
        self._wire = wire
        self._pace = pace
        self._source = source
        self._queue = AnswerQueue()
        self._types: dict[int, ItemType] = {}
        self._sent: list[dict[str, Any]] = []

    async def sit(self, comes_after: float, bell: asyncio.Event | None) -> None:
        """From the login, so many seconds from now, to the end: hands in at the bell, or without one writes until
        nothing is taken any more. Raises Refused.
        """
        await asyncio.sleep(comes_after)
        login = _accepted(await self._wire.call("POST", "/exam/login", self.who.login()))
        self._wire.headers = {"Authorization": f"Bearer {login['access_token']}"}
        _accepted(await self._wire.call("POST", "/exam/start"))
        paper = _accepted(await self._wire.call("GET", "/exam/paper"))
        self._types = {item["number"]: ItemType(item["type"]) for item in paper["items"]}
        over = False
        while not over and not (bell and bell.is_set()):
            self._change()
            over = await self._save()
            await asyncio.sleep(self._source.uniform(*self._pace.pause))
        if not over:
            await self._hand_in()

    def _change(self) -> None:
        for number in self._source.sample(sorted(self._types), self._pace.changes):
            self._queue.give(number, self._answer_to(self._types[number]))

    def _answer_to(self, type_: ItemType) -> str:
        letters = LETTERS[: OPTIONS[type_]]
        match type_:
            case ItemType.true_false:
                return self._source.choice("TF")
            case ItemType.multiple:
                return "".join(sorted(self._source.sample(letters, self._source.randint(1, len(letters)))))
            case ItemType.single:
                return self._source.choice(letters)

    async def _save(self) -> bool:
        """Whether the attempt is over."""
        batch = self._queue.batch(BATCH)
        body = _body(batch)
        if self.unruly and self._source.random() < UNRULY:
            await self._send_out_of_order(batch)
        answer = _accepted(await self._wire.call("PUT", "/exam/responses", body))
        outcomes = [ResponseOutcome.model_validate(one) for one in answer["responses"]]
        self._queue.settle(batch, outcomes)
        now = time.monotonic()
        for given, said in zip(batch, outcomes, strict=True):
            if said.outcome is Outcome.saved:
                self.acknowledged.setdefault(given, now)
                self.saved.set()
                self._anybody.set()
        self._sent = [*self._sent[-4:], body]
        reasons = {said.reason for said in outcomes}
        return "deadline_passed" in reasons or ("not_in_progress" in reasons and await self._is_over())

    async def _is_over(self) -> bool:
        state = _accepted(await self._wire.call("GET", "/exam"))["state"]
        return state not in ("in_progress", "interrupted")

    async def _send_out_of_order(self, batch: Sequence[Given]) -> None:
        """The batch at once on several connections, its parts the wrong way round, and saves of long ago again."""
        half = len(batch) // 2
        bodies = [_body(part) for part in (batch[half:], batch, batch[:half]) if part]
        await asyncio.gather(
            *(self._wire.once("PUT", "/exam/responses", body) for body in [*bodies, *reversed(self._sent)])
        )

    async def _hand_in(self) -> None:
        """What the server lacks is sent again. The clock may be quicker."""
        while True:
            if self._queue.pending and await self._save():
                return
            body = {
                "last_sequence": self._queue.sequence,
                "digest": self._queue.digest,
                "sequences": {str(number): sequence for number, sequence in self._queue.sequences.items()},
            }
            answer = await self._wire.call("POST", "/exam/submit", body)
            if answer.is_success:
                self.receipt = ReceiptRead.model_validate_json(answer.content)
                return
            match answer.json()["code"]:
                case "responses_missing":
                    self._queue.repeat()
                case "deadline_passed" | "invalid_transition":
                    if await self._is_over():
                        return
                case _:
                    raise Refused(f"submit: {answer.text}")
            await asyncio.sleep(self._pace.pause[0])


def _body(batch: Sequence[Given]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "responses": [
            {"number": one.number, "answer": one.answer, "sequence": one.sequence, "client_time": now} for one in batch
        ]
    }


def _accepted(answer: Any) -> Any:
    """Raises Refused."""
    if not answer.is_success:
        raise Refused(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()
