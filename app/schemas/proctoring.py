"""A proctor's commands on one candidate or a whole room, and their answers; see also `commands`."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.attempts import IdentityCheck
from app.domain.states import AttemptState, RoomState
from app.schemas.shared import ONE_LINE, Input, Note, Output, ReasonField

ExtraSeconds = Annotated[
    int, Field(strict=True, ge=1, le=4 * 3600, description="增加的秒数 Seconds to add.", examples=[300])
]


class CheckInCreate(Input):
    identity: Annotated[IdentityCheck, Field(description="以何核验身份 By what the identity was confirmed.")] = (
        IdentityCheck.identity_card
    )


class CommandCreate(Input):
    reason: ReasonField
    note: Note = ""


class TerminationCreate(CommandCreate):
    confirms: Annotated[
        int | None,
        Field(
            ge=1,
            lt=2**31,
            description="所确认的提议编号（看板 `termination_proposal`）；null 为提议 Number of the proposal that is "
            "confirmed, as the board shows it; null proposes.",
            examples=[None, 1],
        ),
    ] = None


class ResumeCreate(Input):
    release_device: Annotated[bool, Field(description="换机：释放原设备 Free the lease for another device.")] = False


class GrantCreate(CommandCreate):
    extra_seconds: ExtraSeconds

    @property
    def extra(self) -> timedelta:
        return timedelta(seconds=self.extra_seconds)


class CorrectionCreate(CommandCreate):
    """`reason` is one that fits an interruption."""

    interruption_id: Annotated[
        UUID | None, Field(description="缺省为最近一次中断 The newest interruption when left out.")
    ] = None
    stops_clock: Annotated[bool, Field(description="该中断是否应停表 Whether it should have stopped the clock.")]


class StartCreate(Input):
    keep_end: Annotated[
        bool,
        Field(
            description="仅限演练：晚开考也不顺延结束时间 In a rehearsal only: the end stays though the start is late."
        ),
    ] = False


class VoidCreate(Input):
    file_number: Annotated[
        str, Field(min_length=1, max_length=100, pattern=ONE_LINE, description="处理决定文号 Number of the ruling.")
    ]


class AttemptChanged(Output):
    id: UUID
    state: AttemptState
    deadline_at: datetime | None
    deadline_version: int


class RoomChanged(Output):
    id: UUID
    state: RoomState
