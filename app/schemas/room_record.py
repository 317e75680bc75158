"""The record of a room (考场记录): never an item, an answer, a key or a score."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.attempts import IdentityCheck, SubmittedBy
from app.domain.incident_kinds import IncidentKind, IncidentSource, Severity
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode
from app.schemas.proctoring import RoomChanged
from app.schemas.shared import Input, Output

DIGEST = "a" * 64
Digest = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{64}$",
        description="记录摘要 SHA-256, hexadecimal, over the canonical JSON of `record`.",
        examples=[DIGEST],
    ),
]


class SealCreate(Input):
    record_digest: Annotated[
        Digest | None, Field(description="所核对记录的摘要 Digest of the record that you have read and confirm.")
    ] = None


class SealCount(Output):
    confirmed: int = Field(description="已确认本记录的人数 People who stand by the present record.", examples=[1])
    needed: int = Field(examples=[2])


class RoomConfirmed(RoomChanged):
    """The room is sealed once `confirmed` reaches `needed`."""

    record_digest: Digest
    seals: SealCount


class Person(Output):
    """A member of staff."""

    username: str = Field(examples=["jk001"])
    name: str = Field(examples=["张华"])


class RecordedSitting(Output):
    id: UUID
    number: int
    name: str
    rehearsal: bool
    standard_code: str = Field(examples=["3-01-01-01"])
    standard_edition: str = Field(examples=["2020"])
    occupation: str
    level: int
    level_name: str
    starts_at: datetime
    ends_at: datetime = Field(description="规定结束时间 The last regular deadline, without grants and stops.")
    duration_minutes: int
    timing_mode: TimingMode
    late_entry_minutes: int
    earliest_submission_minutes: int


class RecordedRoom(Output):
    id: UUID
    name: str
    seats: int
    proctors_needed: int = Field(description="按标准 1.9.3 As the standard asks.")


class RecordedStaff(Person):
    assigned: bool = Field(description="本考场监考员 A proctor of this room.")
    acted: bool = Field(description="在本考场有操作 Gave a command or made an entry in this room.")


class Attendance(Output):
    seat_number: int
    ticket_number: str
    name: str
    id_number: str = Field(description="遮蔽显示 Masked.", examples=["110101********0011"])
    state: AttemptState
    identity_check: IdentityCheck | None
    checked_in_at: datetime | None
    checked_in_by: Person | None
    started_at: datetime | None
    submitted_at: datetime | None
    submitted_by: SubmittedBy | None
    granted_seconds: int
    stopped_seconds: int = Field(description="停表时长 How long the clock stood still.")
    waited_seconds: int = Field(description="开始前因考场迟开或暂停而顺延 By which the room's delays moved the end.")


class OfCandidate(Output):
    """Something that concerns one candidate."""

    seat_number: int
    ticket_number: str


class RecordedInterruption(OfCandidate):
    started_at: datetime
    ended_at: datetime | None
    reason: str
    note: str
    stops_clock: bool
    with_room: bool = Field(description="随考场暂停 Because the whole room was suspended.")
    corrected_at: datetime | None
    corrected_by: Person | None


class RecordedGrant(OfCandidate):
    granted_at: datetime
    seconds: int
    reason: str
    granted_by: Person


class RecordedHand(OfCandidate):
    raised_at: datetime
    reason: str | None
    confirmed_at: datetime | None
    confirmed_by: Person | None
    withdrawn_at: datetime | None


class RecordedNote(Output):
    written_at: datetime
    written_by: Person
    text: str


class RecordedIncident(Output):
    """Without `seat_number` and `ticket_number` it is the whole room's."""

    seat_number: int | None
    ticket_number: str | None
    kind: IncidentKind
    source: IncidentSource
    severity: Severity
    count: int
    first_at: datetime
    last_at: datetime
    reported_by: Person | None
    acknowledged_at: datetime | None
    acknowledged_by: Person | None
    notes: list[RecordedNote]
    evidence: list[str] = Field(description="证据摘要 SHA-256 of each picture.")


class RecordedCommand(Output):
    """`late_seconds`: how late the room was started, null when it was not; `end_kept`: without moving the end by it."""

    at: datetime
    command: str = Field(examples=["suspend"])
    by: Person | None = Field(description="系统操作为空 Null: the system.")
    reason: str | None
    late_seconds: int | None
    end_kept: bool


class RecordedRuling(OfCandidate):
    """A command that takes a candidate off a device, ends an attempt or undoes that."""

    at: datetime
    command: str = Field(examples=["terminate"])
    by: Person | None
    reason: str | None
    note: str | None
    file_number: str | None = Field(description="处理决定文号 Of the ruling that voids.")


class RecordTotals(Output):
    """`states` counts the attempts by state, `submitted_by` by who handed in, `incidents` by severity."""

    candidates: int
    present: int
    absent: int
    states: dict[AttemptState, int]
    submitted_by: dict[SubmittedBy, int]
    interruptions: int
    grants: int
    granted_seconds: int
    notices: int = Field(description="监考员消息数 Messages of proctors to candidates.")
    hands: int
    incidents: dict[Severity, int]


class RoomRecord(Output):
    """What is confirmed when the room is sealed. Lists are by seat, then by time."""

    version: int
    sitting: RecordedSitting
    room: RecordedRoom
    staff: list[RecordedStaff]
    attendance: list[Attendance]
    absent: list[str] = Field(description="缺考准考证号 Ticket numbers.")
    interruptions: list[RecordedInterruption]
    grants: list[RecordedGrant]
    hands: list[RecordedHand]
    incidents: list[RecordedIncident]
    rulings: list[RecordedRuling]
    commands: list[RecordedCommand]
    totals: RecordTotals


class RecordSeal(Output):
    """One confirmation; `valid` if the record answered is the one that was confirmed."""

    confirmed_by: Person
    confirmed_at: datetime
    record_digest: str | None
    valid: bool
    audit_sequence: int | None = Field(description="确认时审计链末端 Head of the audit chain then.")
    audit_hash: str | None = Field(description="Hexadecimal.")


class AuditHeadRead(Output):
    """The newest event of the sitting's audit chain."""

    sequence: int
    hash: str = Field(description="SHA-256, hexadecimal.", examples=[DIGEST])


class RoomRecordRead(Output):
    """The record with the confirmations of it: as it was sealed, or, until the room is sealed, as it is now."""

    state: RoomState
    record_digest: Digest
    amended: bool = Field(
        description="封存后情况有变，如作废、改名 What the record tells of has changed since it was sealed."
    )
    present_digest: Annotated[
        Digest, Field(description="按现时情况生成的记录摘要 Of the record made anew, as it is now.")
    ]
    seals: list[RecordSeal]
    seals_needed: int
    audit_head: AuditHeadRead
    record: RoomRecord
