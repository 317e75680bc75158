"""A sitting's record as one signed file, which can be checked without the service and its database."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.domain.attempts import SubmittedBy
from app.domain.states import AttemptState, ResultState, RoomState, SittingState
from app.schemas.audit import CheckpointRead, Hash, Sequence
from app.schemas.shared import Output

Key = Annotated[str, Field(max_length=44, description="Ed25519, base64.")]


class RecordedHead(Output):
    sequence: Sequence
    hash: Hash


class RecordedEvent(Output):
    """`content` is what is hashed, as canonical JSON."""

    sequence: Sequence
    previous_hash: Hash
    hash: Hash
    content: dict[str, Any]


class SittingFacts(Output):
    id: UUID
    name: str
    standard_code: str
    standard_edition: str
    level: int
    rehearsal: bool
    state: SittingState
    starts_at: datetime
    duration_minutes: int
    published_at: datetime | None


class RoomFacts(Output):
    id: UUID
    name: str
    state: RoomState
    proctors: list[UUID]


class SealFacts(Output):
    """One confirmation of a room's record, and of the head of the chain at that time."""

    room_id: UUID
    staff_id: UUID
    confirmed_at: datetime
    record_digest: str | None
    audit_sequence: int | None
    audit_hash: Hash | None


class EntryFacts(Output):
    """One candidate by ticket number, without name and identity number; `attempt_id` is null before `ready`."""

    ticket_number: str
    room_id: UUID | None
    seat_number: int | None
    attempt_id: UUID | None
    state: AttemptState | None
    started_at: datetime | None
    submitted_at: datetime | None
    submitted_by: SubmittedBy | None


class ReceiptFacts(Output):
    attempt_id: UUID
    issued_at: datetime
    payload: dict[str, Any]
    signature: str


class ResultFacts(Output):
    attempt_id: UUID
    state: ResultState
    total: Decimal
    maximum: Decimal
    pass_mark: Decimal
    passed: bool
    responses_digest: str
    graded_at: datetime
    confirmed_by: UUID | None
    published_at: datetime | None


class StaffFacts(Output):
    id: UUID
    username: str
    name: str


class SittingRecord(Output):
    """The events up to `head`, and the rest as it was when the record was made."""

    format: Literal["kaochang-sitting-record"] = "kaochang-sitting-record"
    version: Literal[1] = 1
    exported_at: datetime
    exported_by: UUID | None
    receipt_public_key: Key
    sitting: SittingFacts
    head: RecordedHead
    events: list[RecordedEvent]
    checkpoints: list[CheckpointRead]
    rooms: list[RoomFacts]
    seals: list[SealFacts]
    entries: list[EntryFacts]
    receipts: list[ReceiptFacts]
    results: list[ResultFacts]
    staff: list[StaffFacts]


class SittingRecordFile(Output):
    """Canonical JSON; `signature` is over the canonical JSON of `record`."""

    public_key: Key
    record: SittingRecord
    signature: str
