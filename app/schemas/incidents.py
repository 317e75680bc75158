"""Incidents: what proctors report, see and add."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.alarm_rules import AlarmRule
from app.domain.incident_kinds import IncidentKind, IncidentSource, Severity
from app.schemas.shared import LINES, Input, Note, Output


class IncidentCreate(Input):
    kind: Annotated[IncidentKind, Field(examples=["misconduct"])]
    severity: Annotated[Severity | None, Field(description="缺省按规则 By the rule of its kind when left out.")] = None
    note: Note = ""


class IncidentNoteCreate(Input):
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=LINES, examples=["已收缴手机，考生签字确认。"])]


class IncidentKindRead(Output):
    kind: IncidentKind
    zh: str
    en: str
    rule: AlarmRule


class IncidentDetails(Output):
    """What is known of it; which members there are depends on the kind."""

    client_time: datetime | None = Field(default=None, description="考生端时钟 What the client's clock showed.")
    seen_at: datetime | None = Field(default=None, description="最后一次联系 When the client was last heard of.")
    skew_ms: int | None = Field(
        default=None, description="考生端时钟减服务器时钟 The client's clock minus the server's."
    )
    lag_ms: int | None = Field(default=None, description="收卷滞后 By how much the end of an attempt is late.")
    needed: int | None = Field(default=None, description="标准要求的监考员数 Proctors that the standard asks (1.9.3).")
    assigned: int | None = Field(default=None, description="现有监考员数 Proctors there are.")
    device: str | None = Field(default=None, description="被拒登录的设备 The device whose login was refused.")
    room: str | None = Field(default=None, description="该设备所报考场 The room that device says it is in.")
    seat_number: int | None = Field(default=None, description="该设备所报座位 The seat that device says it is at.")
    until: datetime | None = Field(default=None, description="自行结束于 When the server saw that it was over.")


class IncidentNoteRead(Output):
    id: UUID
    text: str
    written_by: str = Field(description="用户名 User name.")
    written_at: datetime


class EvidenceRead(Output):
    digest: str = Field(description="SHA-256", pattern="^[0-9a-f]{64}$")
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes.")
    added_by: str = Field(description="用户名 User name.")
    added_at: datetime


class IncidentRead(Output):
    """`count` times from `first_at` to `last_at`. Without `attempt_id` the whole room's, without `room_id` the whole
    sitting's."""

    id: UUID
    sitting_id: UUID
    room_id: UUID | None
    attempt_id: UUID | None
    kind: IncidentKind
    source: IncidentSource
    severity: Severity
    count: int
    first_at: datetime
    last_at: datetime
    details: IncidentDetails
    reported_by: str | None = Field(description="监考员用户名 User name, of what staff reported.")
    acknowledged_at: datetime | None
    acknowledged_by: str | None = Field(description="用户名 User name of who acknowledged it first.")
    notes: list[IncidentNoteRead]
    evidence: list[EvidenceRead]
