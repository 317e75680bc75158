"""What one candidate's client knows of its answers: given, pending, acknowledged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.answers import Outcome, responses_digest
from app.schemas.exam import ResponseOutcome, ResponseRead


@dataclass(frozen=True)
class Given:
    """One answer in the letters seen."""

    number: int
    answer: str
    sequence: int


class AnswerQueue:
    """A client's durable queue; what is pending stays so until it is acknowledged.

    `sent` counts answers with their repeats; `refused` the outcomes `rejected`; `acknowledged` distinct answers.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.sent = 0
        self.refused = 0
        self._newest: dict[int, Given] = {}
        self._pending: dict[int, Given] = {}
        self._by_sequence: dict[int, Given] = {}
        self._acknowledged: set[Given] = set()
        self._kept: dict[int, Given] = {}

    @property
    def answered(self) -> int:
        """Items with an answer, of what the server is known to have."""
        return sum(given.answer != "" for given in self._kept.values())

    @property
    def pending(self) -> int:
        return len(self._pending)

    @property
    def acknowledged(self) -> int:
        return len(self._acknowledged)

    @property
    def answers(self) -> Mapping[int, str]:
        """The newest answer by item number."""
        return {number: given.answer for number, given in self._newest.items()}

    @property
    def sequences(self) -> Mapping[int, int]:
        return {number: given.sequence for number, given in self._newest.items()}

    @property
    def digest(self) -> str:
        return responses_digest(self.answers)

    def give(self, number: int, answer: str) -> None:
        self.sequence += 1
        given = Given(number, answer, self.sequence)
        self._newest[number] = self._pending[given.sequence] = self._by_sequence[given.sequence] = given

    def batch(self, limit: int) -> list[Given]:
        """The oldest pending answers, to be sent now."""
        batch = [self._pending[sequence] for sequence in sorted(self._pending)[:limit]]
        self.sent += len(batch)
        return batch

    def settle(self, batch: Sequence[Given], outcomes: Sequence[ResponseOutcome]) -> None:
        """What the server said of a batch. A rejected answer stays pending: the clock or the state may change."""
        for given, said in zip(batch, outcomes, strict=True):
            if said.outcome is Outcome.rejected:
                self.refused += 1
                continue
            self._pending.pop(given.sequence, None)
            if said.outcome is Outcome.saved:
                self._acknowledged.add(given)
                self._keep(given)

    def repeat(self) -> None:
        """Everything is pending again, as after a failure that may have cost acknowledgements."""
        self._pending |= {given.sequence: given for given in self._newest.values()}

    def adopt(self, stored: Iterable[ResponseRead], last_sequence: int) -> None:
        """Goes on from what the server has, on another device; the person gives the rest again."""
        known = {row.number: row for row in stored}
        for one in known.values():
            self._keep(Given(one.number, one.answer, one.sequence))
        self._pending.clear()
        self.sequence = last_sequence
        for number, answer in self.answers.items():
            row = known.get(number)
            if row is None or row.answer != answer:
                self.give(number, answer)
            else:
                self._newest[number] = Given(number, answer, row.sequence)

    def lost(self, stored: Iterable[ResponseRead]) -> list[int]:
        """Item numbers for which the server has an older or another answer than it acknowledged."""
        known = {row.number: row for row in stored}
        lost = set()
        for given in self._acknowledged:
            row = known.get(given.number)
            if row is None or row.sequence < given.sequence or not self._given(row):
                lost.add(given.number)
        return sorted(lost)

    def _keep(self, given: Given) -> None:
        before = self._kept.get(given.number)
        if before is None or given.sequence >= before.sequence:
            self._kept[given.number] = given

    def _given(self, row: ResponseRead) -> bool:
        return self._by_sequence.get(row.sequence) == Given(row.number, row.answer, row.sequence)
