"""One command for several candidates of a room, and what became of it for each; and the taxonomy of reasons."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.domain import commands
from app.domain.commands import Command
from app.domain.reasons import Reason, Reasoned
from app.domain.states import AttemptState
from app.schemas.proctoring import CheckInCreate, CommandCreate, GrantCreate, ResumeCreate, TerminationCreate
from app.schemas.shared import Input, Output


class _Chosen(Input):
    attempts: list[UUID] | None = Field(
        description="所选考生的作答；null 为全场 The attempts chosen; null for everyone in the room.",
        min_length=1,
        max_length=1000,
        examples=[["01957a1c-0000-7000-8000-000000000001"], None],
    )


class CheckInChosen(_Chosen, CheckInCreate):
    command: Literal["check_in"]

    def given(self) -> Command:
        return commands.CheckIn(self.identity)


class ReleaseChosen(_Chosen, CommandCreate):
    command: Literal["release"]

    def given(self) -> Command:
        return commands.Release(self.reason, self.note)


class InterruptChosen(_Chosen, CommandCreate):
    command: Literal["interrupt"]

    def given(self) -> Command:
        return commands.Interrupt(self.reason, self.note)


class ResumeChosen(_Chosen, ResumeCreate):
    command: Literal["resume"]

    def given(self) -> Command:
        return commands.Resume(self.release_device)


class GrantChosen(_Chosen, GrantCreate):
    command: Literal["grant"]

    def given(self) -> Command:
        return commands.Grant(self.reason, self.note, extra=self.extra)


class SubmitChosen(_Chosen, CommandCreate):
    command: Literal["submit"]

    def given(self) -> Command:
        return commands.Collect(self.reason, self.note)


class TerminateChosen(_Chosen, TerminationCreate):
    command: Literal["terminate"]

    def given(self) -> Command:
        return commands.Terminate(self.reason, self.note, confirms=self.confirms)


class WithdrawTerminationChosen(_Chosen):
    command: Literal["withdraw_termination"]

    def given(self) -> Command:
        return commands.WithdrawTermination()


class ReopenChosen(_Chosen, GrantCreate):
    """Chiefs only."""

    command: Literal["reopen"]

    def given(self) -> Command:
        return commands.Reopen(self.reason, self.note, extra=self.extra)


class ReverseAbsenceChosen(_Chosen, CommandCreate):
    """Chiefs only."""

    command: Literal["reverse_absence"]

    def given(self) -> Command:
        return commands.ReverseAbsence(self.reason, self.note)


RoomCommandCreate = Annotated[
    CheckInChosen
    | ReleaseChosen
    | InterruptChosen
    | ResumeChosen
    | GrantChosen
    | SubmitChosen
    | TerminateChosen
    | WithdrawTerminationChosen
    | ReopenChosen
    | ReverseAbsenceChosen,
    Field(discriminator="command"),
]


class CommandOutcome(Output):
    """`state` and the deadline are as after the command; null when there is no such attempt in the room."""

    attempt_id: UUID
    done: bool
    refused: str | None = Field(description="未执行的原因代码 Code of why it was not done; null when it was.")
    detail: str | None = Field(description="原因，按 Accept-Language The same in words.")
    state: AttemptState | None
    deadline_at: datetime | None
    deadline_version: int | None


class CommandsRead(Output):
    outcomes: list[CommandOutcome]
    server_time: datetime


class ReasonRead(Output):
    code: Reason
    category: str = Field(examples=["technical"])
    zh: str
    en: str
    stops_clock: bool = Field(description="以此中断是否停表 Whether an interruption for it stops the clock.")
    commands: list[Reasoned] = Field(description="可用于哪些操作 The commands that it fits.")


class ReasonsRead(Output):
    version: int = Field(description="审计记录引用此版本 Audit events name it.")
    reasons: list[ReasonRead]
