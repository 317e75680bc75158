"""What a proctor sees of a room: never an item, an answer or a key."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.domain.attempts import IdentityCheck, SubmittedBy
from app.domain.connection import Connection
from app.domain.incident_kinds import IncidentKind, Severity
from app.domain.messages import MessageState
from app.domain.states import AttemptState, RoomState, SittingState
from app.schemas.shared import Output

VOLATILE = {"server_time", "seconds_left", "last_save_age", "last_seen_at", "clock_skew_ms"}
"""What changes with every second or sign of life: told when something else has changed as well."""


class ActionRead(Output):
    """`refused` is the code of why the action is not possible now; null when it is."""

    action: str
    refused: str | None


class GrantRow(Output):
    seconds: int
    reason: str
    granted_at: datetime


class InterruptionRow(Output):
    """The open one, or the last."""

    id: UUID
    reason: str
    stops_clock: bool
    with_room: bool
    started_at: datetime
    ended_at: datetime | None


class HandRow(Output):
    """A raised hand that nobody has answered yet."""

    id: UUID
    reason: str
    note: str
    raised_at: datetime
    state: MessageState


class IncidentsRow(Output):
    """What nobody has acknowledged yet; `severity` is the gravest."""

    open: int
    severity: Severity | None
    newest: IncidentKind | None
    last_at: datetime | None


class AttemptRow(Output):
    id: UUID
    ticket_number: str
    seat_number: int
    name: str
    id_number: str = Field(description="遮蔽显示 Masked.")
    state: AttemptState
    identity_check: IdentityCheck | None
    checked_in_at: datetime | None
    connection: Connection
    last_seen_at: datetime | None = Field(description="At most a few seconds old.")
    clock_skew_ms: int | None = Field(description="考生端时钟减服务器时钟 The client's clock minus the server's.")
    answered: int
    total: int
    started_at: datetime | None
    deadline_at: datetime | None
    deadline_version: int
    deadline_seen: bool = Field(description="考生端已获知最新截止时间 The client has heard of the newest deadline.")
    seconds_left: int | None
    clock_stopped: bool
    last_save_at: datetime | None
    last_save_age: int | None = Field(description="Whole seconds since the last save.")
    granted_seconds: int
    grants: list[GrantRow]
    interruption: InterruptionRow | None
    termination_proposal: int | None = Field(
        description="待主考确认的终止提议编号 Number of the proposal to terminate that waits for its confirmation."
    )
    submitted_at: datetime | None
    submitted_by: SubmittedBy | None
    incidents: IncidentsRow
    hand: HandRow | None
    messages_unread: int = Field(description="考生尚未确认的消息数 Messages the candidate has not confirmed.")
    allowed_actions: list[ActionRead]


class ProctorRoomRead(Output):
    id: UUID
    sitting_id: UUID
    sitting_name: str
    name: str
    state: RoomState
    starts_at: datetime


class RoomHead(ProctorRoomRead):
    """A room without its rows, as it is at `server_time`; `totals` counts the attempts by state."""

    server_time: datetime
    sitting_state: SittingState
    totals: dict[AttemptState, int]
    connections: dict[Connection, int]
    hands: int = Field(description="举手未处理 Hands that nobody has answered.")
    messages_unread: int
    incidents: IncidentsRow = Field(description="全场未确认异常 All of the room that nobody has acknowledged.")
    proctors: int
    proctors_needed: int = Field(description="标准 1.9.3 要求 What the standard asks (1.9.3).")
    allowed_actions: list[ActionRead]


class RoomSnapshot(RoomHead):
    """`attempts`: the gravest open incidents first, then raised hands, then by seat."""

    version: str = Field(description="Sent back as Last-Event-ID, the stream goes on from here.")
    attempts: list[AttemptRow]


class RoomChanges(RoomHead):
    """Of `attempts` only those that changed since the event before; a row replaces the one with its id."""

    version: str
    attempts: list[AttemptRow]


class SittingHead(Output):
    id: UUID
    name: str
    state: SittingState
    starts_at: datetime
    server_time: datetime
    totals: dict[AttemptState, int]
    connections: dict[Connection, int]
    hands: int
    incidents: IncidentsRow = Field(description="各考场及全场次 Of all rooms and of the sitting as a whole.")


class SittingSnapshot(SittingHead):
    version: str
    rooms: list[RoomHead]


class SittingChanges(SittingHead):
    """Of `rooms` only those that changed since the event before."""

    version: str
    rooms: list[RoomHead]
