"""What must hold after an exam, for one candidate; whatever does not is a finding."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.core.canonical import canonical_json
from app.core.keyring import verify_receipt_signature
from app.domain.answers import responses_digest
from app.domain.attempts import SubmittedBy
from app.domain.receipts import receipt_code
from app.domain.states import AttemptState
from app.rehearsal.candidate import Candidate
from app.rehearsal.keys import points_of
from app.rehearsal.people import Turn
from app.schemas.exam import ReceiptRead, ResponsesRead
from app.schemas.proctoring import AttemptRow
from app.schemas.results import ResultRead

Fault = str


@dataclass(frozen=True)
class Kept:
    """What the server keeps of one candidate who took part."""

    stored: ResponsesRead
    receipt: ReceiptRead

    @property
    def answers(self) -> dict[int, str]:
        return {row.number: row.answer for row in self.stored.responses}


def attendance_faults(candidate: Candidate, row: AttemptRow) -> Iterator[Fault]:
    """Who came is handed in, who did not is absent."""
    expected = AttemptState.absent if candidate.person.turn is Turn.absent else AttemptState.submitted
    if row.state is not expected:
        yield f"state {row.state} instead of {expected}"


def time_faults(candidate: Candidate, row: AttemptRow, ends_at: datetime) -> Iterator[Fault]:
    """The deadline is the common end and what was added to it; the clock's hand-in is recorded at the deadline."""
    if row.deadline_at is None or row.submitted_at is None:
        return
    if row.granted_seconds != int(candidate.granted.total_seconds()):
        yield f"granted {row.granted_seconds} s instead of {candidate.granted}"
    due = ends_at + candidate.granted
    stopped = row.deadline_at > due
    if stopped != candidate.paused or row.deadline_at < due:
        yield f"deadline {row.deadline_at} instead of {due}"
    if row.submitted_by is SubmittedBy.deadline and row.submitted_at != row.deadline_at:
        yield f"handed in at {row.submitted_at}, deadline {row.deadline_at}"
    if row.submitted_at > row.deadline_at:
        yield f"handed in at {row.submitted_at} after the deadline {row.deadline_at}"


def receipt_is_genuine(receipt: ReceiptRead) -> bool:
    """The signature and the short code are those of the payload."""
    signed = verify_receipt_signature(receipt.public_key, canonical_json(receipt.payload), receipt.signature)
    return signed and receipt.code == receipt.payload["code"] == receipt_code(receipt.payload)


def answer_faults(candidate: Candidate, kept: Kept) -> Iterator[Fault]:
    """Every acknowledged answer is stored, and the receipt is about what is stored."""
    if lost := candidate.client.queue.lost(kept.stored.responses):
        yield f"lost items {lost}"
    if not receipt_is_genuine(kept.receipt):
        yield "receipt not genuine"
    if kept.receipt.payload["responses_digest"] != responses_digest(kept.answers):
        yield "receipt is not about what is stored"
    if candidate.receipt is not None and candidate.receipt != kept.receipt:
        yield "receipt changed since the hand-in"


def result_faults(candidate: Candidate, kept: Kept, result: ResultRead, seen: Decimal) -> Iterator[Fault]:
    """The result is for what was handed in, is what own counting gives, and is what the candidate sees."""
    if result.responses_digest != kept.receipt.payload["responses_digest"]:
        yield "graded other answers than handed in"
    counted = points_of(candidate.questions, kept.answers)
    if not counted == result.total == seen:
        yield f"graded {result.total}, shown {seen}, counted {counted}"
