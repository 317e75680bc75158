"""Messages between proctors and candidates, and raised hands."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.messages import HandReason, MessageKind, MessageState
from app.schemas.shared import ONE_LINE, Input, Output

MessageBody = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=ONE_LINE,
        description="一行文字，不含控制字符 One line without control characters.",
        examples=["距考试结束还有 15 分钟。"],
    ),
]


class MessageCreate(Input):
    body: MessageBody


class RoomMessageCreate(MessageCreate):
    attempts: Annotated[
        list[UUID] | None,
        Field(
            min_length=1,
            max_length=500,
            description="仅发给这些考生；缺省为全场 Only to these; to everybody who is there when left out.",
        ),
    ] = None


class MessageTo(Output):
    id: UUID
    attempt_id: UUID


class MessagesSent(Output):
    """One message a candidate; together they are the batch."""

    batch_id: UUID | None = Field(description="同批消息共用 Shared by all of this call; null when nobody is there.")
    messages: list[MessageTo]


class MessageRead(Output):
    """A message to or from one candidate, for the room's staff."""

    id: UUID
    batch_id: UUID
    attempt_id: UUID
    kind: MessageKind = Field(
        description="`notice` 监考员的话 a proctor's words; `command` 所执行的操作 what was done; `hand` 举手."
    )
    code: str | None = Field(description="The command told, or the reason of the hand.", examples=["question"])
    body: str = Field(examples=["距考试结束还有 15 分钟。"])
    details: dict[str, Any]
    state: MessageState = Field(
        description="`pending` 待送达, `delivered` 已送达, `confirmed` 已确认, `withdrawn` 已撤回; never expires."
    )
    sent_by: UUID | None = Field(description="工作人员；考生本人为空 The staff member; null for the candidate's own.")
    sent_at: datetime
    delivered_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: UUID | None = Field(description="工作人员；考生本人为空 The staff member; null for the candidate.")
    withdrawn_at: datetime | None


class WithdrawalCreate(Input):
    whole_batch: Annotated[bool, Field(description="撤回同批消息 Also the others of its batch.")] = False


class MessageOutcome(Output):
    id: UUID
    attempt_id: UUID
    state: MessageState


class MessagesChanged(Output):
    messages: list[MessageOutcome]


class MessageSeen(Output):
    """A message that the candidate has not confirmed yet; the same `id` may come more than once."""

    id: UUID
    kind: MessageKind = Field(description="`notice` 监考员的话; `command` 监考员所执行的操作.")
    code: str | None = Field(description="The command: `interrupt`, `hand_confirmed` and others.", examples=["grant"])
    body: str = Field(description="The proctor's words; empty for a command.", examples=["请保持安静。"])
    details: dict[str, Any] = Field(examples=[{"seconds": 300}])
    sent_at: datetime


class ConfirmationCreate(Input):
    ids: Annotated[
        list[UUID], Field(min_length=1, max_length=100, description="已阅读的消息 The messages that have been read.")
    ]


class HandCreate(Input):
    reason: HandReason
    note: Annotated[
        str, Field(max_length=200, pattern=ONE_LINE, description="补充说明 In one's own words.", examples=["鼠标失灵"])
    ] = ""


class HandRead(Output):
    """`confirmed`: a proctor is coming. The hand is up while `pending` or `delivered`."""

    id: UUID
    reason: HandReason
    note: str
    state: MessageState
    raised_at: datetime
