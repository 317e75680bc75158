"""Entries and seats: what officers send and see. Identity numbers come in whole and go out masked."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Discriminator, Field, Tag

from app.schemas.shared import LEFT_OUT, Input, Output

ROSTER_LIMIT = 5000

CandidateName = Annotated[str, Field(max_length=200, description="考生姓名 Name.", examples=["李明"])]
RoomId = Annotated[UUID, Field(description="考场 A room of the sitting.")]
SeatNumber = Annotated[int, Field(description="座位号，从 1 起 From 1.", examples=[12])]


class EntryCreate(Input):
    """`room` and `seat_number` come together, or neither and the seat is given later."""

    name: CandidateName
    id_number: Annotated[
        str, Field(max_length=50, description="身份证号 Resident identity number.", examples=["110101199003070011"])
    ]
    ticket_number: Annotated[
        str | None,
        Field(max_length=50, description="准考证号，缺省时编排 Made when left out.", examples=["270000100015"]),
    ] = None
    room: Annotated[str | None, Field(max_length=100, description="考场名称 A room's name.", examples=["第一考场"])] = (
        None
    )
    seat_number: SeatNumber | None = None


class EntriesCreate(Input):
    entries: Annotated[tuple[EntryCreate, ...], Field(min_length=1, max_length=ROSTER_LIMIT)]


class EntryUpdate(Input):
    """What is left out stays as it is; `room_id` and `seat_number` null take the seat away.

    A name is the person's: it changes in all of their entries.
    """

    name: CandidateName = LEFT_OUT
    room_id: RoomId | None = None
    seat_number: SeatNumber | None = None


class EntryFields(Output):
    ticket_number: str = Field(description="准考证号 Ticket number.", examples=["270000100015"])
    name: str = Field(examples=["李明"])
    id_number: str = Field(description="遮蔽显示 Masked.", examples=["110101********0011"])
    room_id: UUID | None
    room: str | None = Field(description="考场名称 The room's name.", examples=["第一考场"])
    seat_number: int | None = Field(examples=[12])


class EntryRead(EntryFields):
    id: UUID


class EntriesRead(Output):
    items: list[EntryRead]


class ImportRead(Output):
    """What was created; in a dry run what would be, with ticket numbers that may still change."""

    dry_run: bool
    count: int = Field(description="考生人数 Candidates.", examples=[120])
    ignored_columns: list[str] = Field(description="未读取的列 Columns that were not read.", examples=[["性别"]])
    items: list[EntryFields]


class AutomaticSeating(Input):
    """Seats everybody who has none, at random, the rooms filled evenly."""

    method: Literal["automatic"]
    seed: Annotated[
        int | None,
        Field(ge=0, lt=2**53, description="缺省随机；同一种子结果相同 The same seed gives the same seats."),
    ] = None


class SeatAssignment(Input):
    entry_id: UUID
    room_id: RoomId
    seat_number: SeatNumber


class ManualSeating(Input):
    """Moves these entries, all or none; two may change places."""

    assignments: Annotated[tuple[SeatAssignment, ...], Field(min_length=1, max_length=ROSTER_LIMIT)]


def _method(body: Any) -> str:
    by_hand = "assignments" in body if isinstance(body, dict) else isinstance(body, ManualSeating)
    return "by_hand" if by_hand else "automatic"


SeatingCreate = Annotated[
    Annotated[AutomaticSeating, Tag("automatic")] | Annotated[ManualSeating, Tag("by_hand")], Discriminator(_method)
]


class SeatingRead(Output):
    seated: int = Field(description="排定座位的人数 Entries that were given a seat.", examples=[120])
    seed: int | None = Field(description="自动排座所用种子 The seed of automatic seating.")


class SeatRead(Output):
    """One seat of a room's plan; `row` and `column` count from 1."""

    seat_number: int
    row: int
    column: int
    entry: EntryRead | None
