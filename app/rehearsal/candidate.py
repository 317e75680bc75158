"""One candidate: comes, answers by ability, meets with what the turn has in store, hands in or falls silent."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.rehearsal.client import ExamClient
from app.rehearsal.desk import BrokenRule
from app.rehearsal.keys import KeySheet, Question
from app.rehearsal.known import Known
from app.rehearsal.people import Person, Turn
from app.rehearsal.room import Room
from app.rehearsal.script import Step, write_script
from app.rehearsal.server import Refused, ServerClock
from app.rehearsal.times import Times
from app.schemas.exam import ReceiptRead

LOGINS = 0.9
"""Of the time before the window: everybody logs in within it. The others are parts of the window."""
ARRIVAL = 0.05
MISHAPS = (0.3, 0.5)
OUTAGE = 0.2
PAUSE = 0.1
HAND_PATIENCE = timedelta(seconds=30)
ENDS = {Turn.early: (0.55, 0.65), Turn.silent: (0.97, 0.99)}
USUAL_END = (0.75, 0.95)


class Candidate:
    """`receipt` is what was answered to the own hand-in."""

    def __init__(
        self,
        person: Person,
        known: Known,
        room: Room,
        *,
        client: ExamClient,
        clock: ServerClock,
        keys: KeySheet,
        source: random.Random,
    ) -> None:
        self.person = person
        self.known = known
        self.client = client
        self.questions: list[Question] = []
        self.receipt: ReceiptRead | None = None
        self._room = room
        self._clock = clock
        self._keys = keys
        self._source = source

    @property
    def ticket(self) -> str:
        return self.known.ticket

    async def sit(self, times: Times) -> None:
        """From the login to the end. Raises Refused for a refusal that no turn explains, BrokenRule."""
        if self.person.turn is Turn.absent:
            return
        now = self._clock.now()
        await self._clock.until(now + (times.begins - now) * self._source.uniform(0, LOGINS))
        await self.client.log_in("pc")
        await self._clock.until(times.at(self._source.uniform(0, ARRIVAL)))
        self.questions = self._keys.questions(await self.client.start())
        await self._write(times)
        if self.person.turn is not Turn.silent and not self.known.terminated:
            self.receipt = await self.client.hand_in()

    async def _write(self, times: Times) -> None:
        mishap = times.at(self._source.uniform(*MISHAPS))
        begins, ends = self._clock.now(), self._own_end(times)
        script = write_script(self.questions, self.person.ability, begins, ends, self._source)
        await self._follow([step for step in script if step.at < mishap])
        await self.client.wait(mishap)
        await self._room.calm.wait()
        try:
            await self._meet_mishap(times)
        except Refused:
            if self._clock.now() < times.ends:
                raise
        if self.known.terminated:
            return
        await self._follow([step for step in script if step.at >= mishap])
        await self.client.wait(ends)
        await self.client.send()

    async def _follow(self, script: Sequence[Step]) -> None:
        for step in script:
            await self.client.wait(step.at)
            await self.client.give(step.number, step.answer)

    def _own_end(self, times: Times) -> datetime:
        """Who is granted time goes on after the common end."""
        if self.person.turn is Turn.granted:
            return times.ends + times.extra / 2
        return times.at(self._source.uniform(*ENDS.get(self.person.turn, USUAL_END)))

    async def _meet_mishap(self, times: Times) -> None:
        """It may come too late when the server was away; then it is refused."""
        desk = self._room.desk
        match self.person.turn:
            case Turn.offline:
                self.client.offline_until = self._clock.now() + times.span(OUTAGE)
                self.client.queue.repeat()
            case Turn.swap:
                await self._swap_device()
            case Turn.granted:
                await desk.grant(self.known, times.extra)
            case Turn.interrupted:
                await desk.interrupt(self.known)
                await self._try_in_vain("中断期间的答案被接受 An answer was accepted while interrupted")
                await self._clock.until(self._clock.now() + times.span(PAUSE))
                await desk.resume(self.known)
            case Turn.hand:
                await self.client.raise_hand()
                await self.client.wait_for("hand_confirmed", self._clock.now() + HAND_PATIENCE)
            case Turn.reported:
                await desk.report(self.known)
            case Turn.terminated:
                await desk.terminate(self.known)
                await self._try_in_vain("终止后的答案被接受 An answer was accepted after the termination")

    async def _swap_device(self) -> None:
        """The new device goes on from what is stored."""
        await self._room.desk.release(self.known)
        await self._try_from_old_device()
        await self.client.log_in("spare")
        await self.client.go_on_from_stored()

    async def _try_from_old_device(self) -> None:
        self._answer_first()
        try:
            await self.client.send()
        except Refused as refused:
            if refused.code == "lease_moved":
                return
            raise
        raise BrokenRule("已释放设备的答案被接受 An answer of the released device was accepted")

    async def _try_in_vain(self, otherwise: str) -> None:
        self._answer_first()
        await self.client.send()
        if not self.client.queue.pending:
            raise BrokenRule(otherwise)

    def _answer_first(self) -> None:
        first = self.questions[0]
        self.client.queue.give(first.number, first.right)
