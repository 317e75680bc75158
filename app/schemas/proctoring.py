"""A proctor's commands and what a proctor sees: never an item, an answer or a key."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.attempts import SubmittedBy
from app.domain.states import AttemptState, RoomState
from app.schemas.shared import Input, Note, Output, ReasonField

ExtraSeconds = Annotated[int, Field(ge=1, le=4 * 3600, description="增加的秒数 Seconds to add.", examples=[300])]


class CommandCreate(Input):
    reason: ReasonField
    note: Note = ""


class ResumeCreate(Input):
    release_device: Annotated[bool, Field(description="换机：释放原设备 Free the lease for another device.")] = False


class GrantCreate(Input):
    extra_seconds: ExtraSeconds
    reason: ReasonField


class VoidCreate(Input):
    file_number: Annotated[str, Field(min_length=1, max_length=100, description="处理决定文号 Number of the ruling.")]


class ActionRead(Output):
    """`refused` is the code of why the action is not possible now; null when it is."""

    action: str
    refused: str | None


class AttemptRow(Output):
    id: UUID
    ticket_number: str
    seat_number: int
    name: str
    id_number: str = Field(description="遮蔽显示 Masked.")
    state: AttemptState
    answered: int
    total: int
    started_at: datetime | None
    deadline_at: datetime | None
    seconds_left: int | None
    clock_stopped: bool
    last_save_at: datetime | None
    granted_seconds: int
    termination_proposed: bool
    submitted_at: datetime | None
    submitted_by: SubmittedBy | None
    allowed_actions: list[ActionRead]


class ProctorRoomRead(Output):
    id: UUID
    sitting_id: UUID
    sitting_name: str
    name: str
    state: RoomState
    starts_at: datetime


class RoomSnapshot(ProctorRoomRead):
    """A room as it is at `server_time`; `totals` counts the attempts by state."""

    server_time: datetime
    totals: dict[AttemptState, int]
    attempts: list[AttemptRow]
    allowed_actions: list[ActionRead]


class AttemptChanged(Output):
    id: UUID
    state: AttemptState
    deadline_at: datetime | None
    deadline_version: int


class RoomChanged(Output):
    id: UUID
    state: RoomState


class GrantOutcome(Output):
    attempt_id: UUID
    refused: str | None = Field(description="Code of why it was not granted; null when it was.")


class GrantsRead(Output):
    outcomes: list[GrantOutcome]
