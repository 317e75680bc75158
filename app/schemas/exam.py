"""What a candidate sends and sees. These shapes hold no key, no rationale and, before publication, no score."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.answers import Outcome
from app.domain.items import ItemType
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode
from app.schemas.messages import HandRead, MessageSeen
from app.schemas.shared import ClientTime, Input, Output, Points

Number = Annotated[
    int, Field(ge=-(2**15), lt=2**15, description="题号 Item number as this candidate sees it.", examples=[7])
]
Sequence = Annotated[
    int, Field(ge=1, le=2**53 - 1, description="只增不减的序号 Grows with every change of any answer.", examples=[12])
]
Answer = Annotated[
    str,
    Field(
        max_length=16,
        pattern=r"^[\x20-\x7e]*$",
        description="单选“B”；多选按字母顺序“ACD”；判断“T”/“F”；未答“”。Letters as seen; empty when unanswered. "
        "One that the item does not take is `rejected`, the others of the batch are saved.",
        examples=["B"],
    ),
]


class LoginCreate(Input):
    ticket_number: Annotated[str, Field(min_length=4, max_length=32, examples=["270000100013"])]
    id_number: Annotated[str, Field(min_length=15, max_length=40, examples=["11010119900307889X"])]
    device_id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$", examples=["pc-0312"])]
    device_secret: Annotated[
        str | None,
        Field(
            min_length=32,
            max_length=100,
            pattern=r"^[\x21-\x7e]+$",
            description="设备随机生成并自行保存；携带登录后，再次登录须带同一个 Random, made and kept by the device. "
            "Once given, only who has it gets the lease back.",
            examples=["q3Zr0m5kX1vYc8Jt7wHs2LbN9aPdEfGu"],
        ),
    ] = None
    room: Annotated[str | None, Field(max_length=100, description="设备所在考场 Room of this device, if known.")] = None
    seat_number: Annotated[int | None, Field(ge=1, description="设备所在座位 Seat of this device, if known.")] = None


class LoginRead(Output):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 -- RFC 6750
    expires_at: datetime
    attempt_id: UUID = Field(description="本次作答；客户端以此区分各考生的本地数据 Keeps apart what a device holds.")
    state: AttemptState
    lease_epoch: int


class ExamClock(Output):
    """In every acknowledgement: the client's countdown follows it."""

    server_time: datetime
    deadline_at: datetime | None = Field(description="null before the start and while the clock is stopped.")
    deadline_version: int
    seconds_left: int | None


class ExamRules(Output):
    duration_minutes: int
    timing_mode: TimingMode
    late_entry_closes_at: datetime
    submission_opens_at: datetime
    total_points: Points
    pass_mark: Points
    items: int


class ExamRead(ExamClock):
    name: str
    id_number: str = Field(description="遮蔽显示 Masked.", examples=["110101********889X"])
    ticket_number: str
    room: str
    room_state: RoomState
    seat_number: int
    standard_title: str
    level: int
    level_name: str
    state: AttemptState
    starts_at: datetime
    started_at: datetime | None
    submitted_at: datetime | None
    rehearsal: bool
    rules: ExamRules


class StartRead(ExamRead):
    paper_key: str = Field(description="AES-256 的密钥 Opens the sealed paper; base64.")


class OptionRead(Output):
    letter: str
    text: str


class PaperItemSeen(Output):
    number: int
    type: ItemType
    stem: str
    options: list[OptionRead]
    points: Points


class CandidatePaperRead(Output):
    """The items in this candidate's own order."""

    items: list[PaperItemSeen]
    total_points: Points


class PlacementRead(Output):
    """The item at one number: its index in the sealed paper, from 0, and which of its options is A, B, C, ..."""

    item: int
    options: list[int] = Field(description="Indexes into the item's options, from 0, in the order of the letters.")


class SealedPaperRead(Output):
    """`ciphertext` (base64): 12 bytes of nonce, then AES-256-GCM of JSON
    {items: [{type, stem, options: [text], points}], total_points}.

    With `layout`, this candidate's own order, it becomes what GET /exam/paper gives."""

    algorithm: str = Field(examples=["A256GCM"])
    ciphertext: str
    layout: list[PlacementRead]


class ResponseCreate(Input):
    number: Number
    answer: Answer
    sequence: Sequence
    client_time: ClientTime


class ResponsesUpdate(Input):
    responses: Annotated[list[ResponseCreate], Field(min_length=1, max_length=500)]


class ResponseOutcome(Output):
    number: int
    outcome: Outcome
    reason: str | None = Field(
        default=None,
        description="`not_in_progress`, `deadline_passed`, `unknown_item`, `invalid_answer`",
        examples=["deadline_passed"],
    )


class Mail(Output):
    messages: list[MessageSeen] = Field(
        description="未确认的消息 What has not been confirmed by POST /exam/messages/confirm; the oldest first."
    )


class ResponsesSaved(ExamClock, Mail):
    responses: list[ResponseOutcome]


class ResponseRead(Output):
    number: int
    answer: str
    sequence: int
    saved_at: datetime


class ResponsesRead(Output):
    responses: list[ResponseRead]
    last_sequence: int


class EventCreate(Input):
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["focus_lost"])]
    detail: Annotated[str, Field(max_length=500)] = ""
    client_time: ClientTime


class EventsCreate(Input):
    """An empty list is a heartbeat."""

    events: Annotated[tuple[EventCreate, ...], Field(max_length=100)] = ()
    client_time: Annotated[ClientTime | None, Field(description="考生端时钟 What the client's clock shows now.")] = None


class EventsRead(ExamClock, Mail):
    state: AttemptState


class CandidateState(ExamClock, Mail):
    """The event `state` of GET /exam/stream."""

    state: AttemptState
    room_state: RoomState
    hand: HandRead | None = Field(description="正举着的手 The hand that is up.")


class SubmissionCreate(Input):
    last_sequence: Annotated[
        int, Field(ge=0, le=2**53 - 1, description="服务器已确认的最后序号 The last sequence acknowledged; 0 for none.")
    ]
    digest: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9a-f]{64}$",
            description="SHA-256 over the lines `number:answer\\n` of the answered items, by their numbers.",
        ),
    ] = None
    sequences: Annotated[
        dict[int, int] | None,
        Field(
            max_length=1000,
            description="每题最后序号 Last sequence per number: the server names what it lacks.",
        ),
    ] = None


class ReceiptRead(Output):
    """What was handed in, signed (Ed25519 over the canonical JSON of `payload`)."""

    code: str = Field(description="回执短码 Short code.", examples=["K7QX2MPA"])
    payload: dict[str, Any]
    signature: str
    public_key: str


class AreaScore(Output):
    area: str = Field(examples=["业务办理"])
    points: Points
    weight: Points = Field(description="该项目满分 The area's weight, its full points.")


class CandidateResultRead(Output):
    attempt_id: UUID
    total: Points
    maximum: Points
    pass_mark: Points
    passed: bool
    areas: list[AreaScore]
    submitted_at: datetime
