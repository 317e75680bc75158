"""Results as officers see them, and receipts."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.domain.items import ItemType
from app.domain.states import AttemptState, ResultState
from app.schemas.exam import AreaScore
from app.schemas.shared import Input, Note, Output, Points


class ResultRead(Output):
    """`state` is `pending` until graded; points are null then and for who handed nothing in."""

    attempt_id: UUID
    ticket_number: str
    name: str
    room: str
    seat_number: int
    attempt_state: AttemptState
    state: ResultState | Literal["pending"]
    total: Points | None
    maximum: Points | None
    pass_mark: Points | None
    passed: bool | None
    areas: list[AreaScore]
    paper_hash: str | None
    responses_digest: str | None


class ItemStatisticsRead(Output):
    """How an item did: never what it asks or its key."""

    form: str = Field(description="卷别 The paper's letter.", examples=["A"])
    position: int = Field(description="卷面题号，从 1 起 Place in the paper, from 1.", examples=[7])
    code: str
    version: int
    type: ItemType
    area: str
    points: Points
    candidates: int = Field(description="已阅卷人数 Candidates graded.")
    unanswered: int
    full: int = Field(description="得满分人数 Candidates with all its points.")
    facility: float = Field(description="得分率 Mean proportion of the points, 0 to 1.", examples=[0.72])


class ReviewCreate(Input):
    decision: Literal["confirm"]
    note: Note = ""


class ReceiptCheck(Input):
    """A receipt as it was answered."""

    code: Annotated[str, Field(max_length=20, description="回执码 Eight letters and digits.", examples=["K7Q2MX4A"])]
    payload: Annotated[dict[str, Any], Field(description="所签内容 What is signed.")]
    signature: Annotated[str, Field(max_length=200, description="Ed25519, base64.")]
    public_key: Annotated[str, Field(max_length=200, description="不使用，以本服务的公钥验证 Not used: ours is.")] = ""


class ReceiptFinding(Output):
    """`stored`, `graded`: those responses have the receipt's digest; null: nothing to compare with."""

    ok: bool
    signed: bool
    code: bool
    stored: bool | None
    graded: bool | None
