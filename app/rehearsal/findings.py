"""What must hold after an exam, for one candidate; whatever does not is a finding."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from app.core.canonical import canonical_json
from app.core.keyring import verify_signature
from app.domain.answers import responses_digest
from app.domain.attempts import SubmittedBy
from app.domain.receipts import receipt_code
from app.domain.states import AttemptState
from app.rehearsal.candidate import Candidate
from app.rehearsal.keys import points_of
from app.rehearsal.people import Turn
from app.schemas.board import AttemptRow
from app.schemas.exam import ReceiptRead, ResponsesRead
from app.schemas.results import ResultRead


@dataclass(frozen=True)
class Kept:
    """What the server keeps of one candidate who took part."""

    stored: ResponsesRead
    receipt: ReceiptRead

    @property
    def answers(self) -> dict[int, str]:
        return {row.number: row.answer for row in self.stored.responses}


def attendance_faults(candidate: Candidate, row: AttemptRow) -> Iterator[str]:
    """Who came is handed in or was terminated, who did not is absent."""
    ended = AttemptState.terminated if candidate.known.terminated else AttemptState.submitted
    expected = AttemptState.absent if candidate.person.turn is Turn.absent else ended
    if row.state is not expected:
        yield f"状态不符 State {row.state} instead of {expected}"


def time_faults(row: AttemptRow, ends_at: datetime, granted: timedelta, *, paused: bool) -> Iterator[str]:
    """The deadline is the common end and what was added to it; the clock's hand-in is recorded at the deadline.

    `paused`: the clock was stopped for a while, so that the deadline lies later still.
    """
    if row.deadline_at is None or row.submitted_at is None:
        return
    due = ends_at + granted
    if row.deadline_at < due or (row.deadline_at > due) != paused:
        yield f"截止时间不符 Deadline {row.deadline_at} instead of {due}"
    if row.submitted_by is SubmittedBy.deadline and row.submitted_at != row.deadline_at:
        yield f"到时收卷时间不符 Handed in by the clock at {row.submitted_at}, deadline {row.deadline_at}"
    if row.submitted_at > row.deadline_at:
        yield f"截止后交卷 Handed in at {row.submitted_at} after the deadline {row.deadline_at}"


def receipt_is_genuine(receipt: ReceiptRead) -> bool:
    """The signature and the short code are those of the payload."""
    signed = verify_signature(receipt.public_key, canonical_json(receipt.payload), receipt.signature)
    return signed and receipt.code == receipt.payload["code"] == receipt_code(receipt.payload)


def answer_faults(candidate: Candidate, kept: Kept) -> Iterator[str]:
    """Every acknowledged answer is stored, and the receipt is about what is stored."""
    if lost := candidate.client.queue.lost(kept.stored.responses):
        yield f"答案丢失 Lost items {lost}"
    if not receipt_is_genuine(kept.receipt):
        yield "回执不真 Receipt not genuine"
    if kept.receipt.payload["responses_digest"] != responses_digest(kept.answers):
        yield "回执与所存答案不符 Receipt is not about what is stored"
    if candidate.receipt is not None and candidate.receipt != kept.receipt:
        yield "回执已变 Receipt changed since the hand-in"


def result_faults(candidate: Candidate, kept: Kept, result: ResultRead, seen: Decimal) -> Iterator[str]:
    """The result is for what was handed in, is what own counting gives, and is what the candidate sees."""
    if result.responses_digest != kept.receipt.payload["responses_digest"]:
        yield "所评非所交 Graded other answers than handed in"
    counted = points_of(candidate.questions, kept.answers)
    if not counted == result.total == seen:
        yield f"分数不符 Graded {result.total}, shown {seen}, counted {counted}"
