"""Sittings and rooms: what officers plan and see."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.alarm_rules import AlarmRule
from app.domain.grading import MultipleChoiceRule
from app.domain.incident_kinds import IncidentKind
from app.domain.states import AttemptState, RoomState, SittingState
from app.domain.timing import TimingMode
from app.schemas.shared import LEFT_OUT, FieldErrorRead, Input, Instant, Output

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
SittingName = Annotated[Name, Field(examples=["2027年3月五级理论考试"])]
Duration = Annotated[int, Field(ge=1, le=600, description="不少于标准规定 At least the standard's minimum.")]
Grace = Annotated[int, Field(ge=0, le=120, description="不显示的宽限秒数 Seconds, not shown to candidates.")]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
LateEntry = Annotated[Minutes, Field(description="开考后多久停止入场 Late entry closes.")]
EarliestSubmission = Annotated[Minutes, Field(description="开考后多久可交卷 Handing in opens.")]
Usernames = Annotated[tuple[str, ...], Field(max_length=50, examples=[["jk001", "jk002"]])]
AlarmRules = Annotated[
    tuple[AlarmRule, ...],
    Field(
        max_length=len(IncidentKind),
        description="本场次自有的异常规则 Own rules for incidents, each in place of its kind's default; the "
        "defaults are in GET /proctor/incident-kinds.",
    ),
]
PaperIds = Annotated[tuple[UUID, ...], Field(max_length=10, description="各套试卷 The forms, in order.")]


class SittingCreate(Input):
    standard_code: Annotated[str, Field(examples=["3-01-01-01"])]
    edition: Annotated[str | None, Field(description="缺省为最新版 The newest when left out.")] = None
    level: Annotated[int, Field(ge=1, le=5, examples=[5])]
    name: SittingName
    starts_at: Annotated[Instant, Field(examples=["2027-03-06T01:00:00Z"])]
    duration_minutes: Duration = 90
    timing_mode: TimingMode = TimingMode.common_end
    late_entry_minutes: LateEntry = 30
    earliest_submission_minutes: EarliestSubmission = 30
    grace_seconds: Grace = 10
    enforce_seat: Annotated[bool, Field(description="须在所排座位登录 Log in only at the seat assigned.")] = False
    shuffle_items: bool = True
    shuffle_options: bool = True
    multiple_choice: MultipleChoiceRule = MultipleChoiceRule.all_or_nothing
    rehearsal: Annotated[bool, Field(description="演练，不计入正式成绩 Kept out of everything official.")] = False
    paper_ids: PaperIds = ()
    alarm_rules: AlarmRules = ()


class SittingUpdate(Input):
    """What is left out stays as it is."""

    name: SittingName = LEFT_OUT
    starts_at: Instant = LEFT_OUT
    duration_minutes: Duration = LEFT_OUT
    timing_mode: TimingMode = LEFT_OUT
    late_entry_minutes: LateEntry = LEFT_OUT
    earliest_submission_minutes: EarliestSubmission = LEFT_OUT
    grace_seconds: Grace = LEFT_OUT
    enforce_seat: bool = LEFT_OUT
    shuffle_items: bool = LEFT_OUT
    shuffle_options: bool = LEFT_OUT
    multiple_choice: MultipleChoiceRule = LEFT_OUT
    paper_ids: PaperIds = LEFT_OUT
    alarm_rules: AlarmRules = LEFT_OUT


class AlarmRulesUpdate(Input):
    alarm_rules: AlarmRules


class SittingRead(Output):
    id: UUID
    number: int
    standard_id: UUID
    level: int
    name: str
    state: SittingState
    rehearsal: bool
    starts_at: datetime
    duration_minutes: int
    timing_mode: TimingMode
    late_entry_minutes: int
    earliest_submission_minutes: int
    grace_seconds: int
    enforce_seat: bool
    shuffle_items: bool
    shuffle_options: bool
    multiple_choice: MultipleChoiceRule
    created_at: datetime
    published_at: datetime | None
    paper_ids: list[UUID]
    alarm_rules: list[AlarmRule]


class ReadinessRead(Output):
    """What still stands against the sitting's becoming ready; empty when nothing does."""

    errors: list[FieldErrorRead]


class PublicationCreate(Input):
    confirm_unreviewed: Annotated[
        bool,
        Field(
            description="未复核的成绩由发布者一并确认；false 则须先全部复核 Confirms what nobody has; with false all "
            "must have been confirmed."
        ),
    ] = True


class SittingPublished(SittingRead):
    """A published sitting, and what was published."""

    results: int = Field(description="成绩数 Results published.")
    confirmed_unreviewed: int = Field(description="其中未经复核的 Of these, confirmed only by the publication.")


class RoomCreate(Input):
    name: Annotated[Name, Field(examples=["第一考场"])]
    seats: Annotated[int, Field(ge=1, le=1000, examples=[30])]
    seats_per_row: Annotated[int, Field(ge=1, le=100, description="每排座位数 Seats are numbered by rows.")] = 6
    proctors: Annotated[Usernames, Field(description="监考员用户名 User names of its proctors.")] = ()


class ProctorsUpdate(Input):
    proctors: Usernames


class RoomRead(Output):
    id: UUID
    sitting_id: UUID
    name: str
    state: RoomState
    seats: int
    seats_per_row: int
    candidates: int
    proctors: list[str]
    proctors_needed: int = Field(description="按标准 1.9.3 As the standard asks.")
    totals: dict[AttemptState, int] = Field(description="各状态人数，就绪前为空 Attempts by state, once ready.")


class AssignableRead(Output):
    """Somebody who may proctor; `room_id` is the room of this sitting where they already do."""

    username: str
    name: str
    chief: bool
    room_id: UUID | None
