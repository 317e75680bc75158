"""The boards of rooms: one row a candidate, without any item, answer or key."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.problems import Problem
from app.domain.attempts import AttemptFacts
from app.domain.incident_summary import RoomIncidents
from app.domain.messages import MessageKind
from app.models.attempt import Attempt, Interruption, TimeGrant
from app.models.entry import Candidate, Entry
from app.models.message import Message
from app.models.presence import Presence
from app.models.response import Response
from app.models.sitting import Room, RoomProctor, Sitting
from app.services import attempts, incidents, standards


@dataclass(frozen=True)
class Progress:
    answered: int = 0
    saved_at: datetime | None = None


def newest(one: Progress, other: Progress | None) -> Progress:
    """That of the later save; of the same save `one`."""
    if other is None or other.saved_at is None or (one.saved_at is not None and one.saved_at >= other.saved_at):
        return one
    return other


@dataclass(frozen=True)
class Mail:
    """The open hand, and how many messages to the candidate are not confirmed."""

    hand: Message | None = None
    unread: int = 0


@dataclass(frozen=True)
class Seat:
    """What of a candidate's attempt does not change while the room is open; `items` are the paper's."""

    attempt_id: UUID
    items: int
    ticket_number: str
    seat_number: int
    name: str
    identity_sealed: bytes


@dataclass(frozen=True)
class LastSign:
    """When a candidate's client was last heard of, and what it said."""

    seen_at: datetime
    skew_ms: int | None
    deadline_version: int


@dataclass(frozen=True)
class BoardRow:
    seat: Seat
    facts: AttemptFacts
    sign: LastSign | None
    progress: Progress
    grants: Sequence[TimeGrant]
    interruption: Interruption | None
    mail: Mail


@dataclass(frozen=True)
class Board:
    """A room as it was at `read_at`."""

    read_at: datetime
    sitting: Sitting
    room: Room
    rows: Sequence[BoardRow]
    incidents: RoomIncidents
    proctors: int
    proctors_needed: int


async def of_room(session: AsyncSession, room_id: UUID, now: datetime) -> Board:
    """Raises Problem `not_found`."""
    boards = await of_rooms(session, [room_id], now, counted=True)
    if room_id not in boards:
        raise Problem("not_found", what=str(room_id))
    return boards[room_id]


async def rooms_of_sitting(session: AsyncSession, sitting_id: UUID) -> list[UUID]:
    """By name."""
    query = select(Room.id).where(Room.sitting_id == sitting_id).order_by(col(Room.name), col(Room.id))
    return list((await session.execute(query)).scalars())


async def of_rooms(
    session: AsyncSession, room_ids: Sequence[UUID], now: datetime, *, counted: bool
) -> dict[UUID, Board]:
    """The boards by room, in as many statements for many rooms as for one.

    `counted`: progress is counted anew from the stored answers; else it is what presence was last written with.
    """
    places = await _places(session, room_ids)
    where = _Where([sitting.id for _, sitting, _ in places], [room.id for room, *_ in places])
    counts = await _counts(session, where) if counted else {}
    grants = await _grants(session, where)
    interruptions = await _interruptions(session, where)
    mail = await _mail(session, where)
    reported = await incidents.summary(session, where.rooms)
    rows: dict[UUID, list[BoardRow]] = defaultdict(list)
    for room_id, seat, facts, (sign, progress) in await _seated(session, where):
        rows[room_id].append(
            BoardRow(
                seat,
                facts,
                sign,
                counts.get(seat.attempt_id, Progress()) if counted else progress,
                grants.get(seat.attempt_id, []),
                interruptions.get(seat.attempt_id),
                mail.get(seat.attempt_id, Mail()),
            )
        )
    boards = {}
    for room, sitting, proctors in places:
        standard = await standards.by_id(session, sitting.standard_id)
        boards[room.id] = Board(
            now,
            sitting,
            room,
            rows[room.id],
            reported.get(room.id, RoomIncidents()),
            proctors,
            standard.proctors_needed(len(rows[room.id])),
        )
    return boards


async def with_presence(session: AsyncSession, boards: Sequence[Board], now: datetime) -> dict[UUID, Board]:
    """The boards by room with the signs of life and the progress written meanwhile, and all else as it was."""
    where = _Where([board.sitting.id for board in boards], [board.room.id for board in boards])
    heard = await _heard(session, where)

    def newer(row: BoardRow) -> BoardRow:
        sign, progress = heard.get(row.seat.attempt_id, (row.sign, row.progress))
        return replace(row, sign=sign, progress=progress)

    return {board.room.id: replace(board, read_at=now, rows=[newer(row) for row in board.rows]) for board in boards}


@dataclass(frozen=True)
class _Where:
    """Sitting and room lead every index that these queries use."""

    sittings: Sequence[UUID]
    rooms: Sequence[UUID]

    def attempts(self) -> ColumnElement[bool]:
        return col(Attempt.sitting_id).in_(self.sittings) & col(Attempt.room_id).in_(self.rooms)


async def _places(session: AsyncSession, room_ids: Sequence[UUID]) -> Sequence[tuple[Room, Sitting, int]]:
    staffed = (
        select(func.count())
        .where(RoomProctor.sitting_id == Room.sitting_id, RoomProctor.room_id == Room.id)
        .correlate(Room)
        .scalar_subquery()
    )
    query = (
        select(Room, Sitting, staffed)
        .join(Sitting, col(Sitting.id) == col(Room.sitting_id))
        .where(col(Room.id).in_(room_ids))
        .execution_options(populate_existing=True)
    )
    return [(room, sitting, proctors) for room, sitting, proctors in (await session.execute(query)).all()]


Heard = tuple[LastSign | None, Progress]
SIGN: tuple[Any, ...] = (
    Presence.seen_at,
    Presence.skew_ms,
    Presence.deadline_version,
    Presence.answered,
    Presence.saved_at,
)


def _heard_in(columns: Sequence[Any]) -> Heard:
    """Of SIGN."""
    seen_at, skew_ms, deadline_version, answered, saved_at = columns
    if seen_at is None:
        return None, Progress()
    return LastSign(seen_at, skew_ms, deadline_version), Progress(answered, saved_at)


async def _heard(session: AsyncSession, where: _Where) -> Mapping[UUID, Heard]:
    query = (
        select_columns(*[Presence.attempt_id, *SIGN])
        .join(
            Attempt,
            (col(Attempt.sitting_id) == col(Presence.sitting_id)) & (col(Attempt.id) == col(Presence.attempt_id)),
        )
        .where(where.attempts())
    )
    return {attempt_id: _heard_in(sign) for attempt_id, *sign in await session.execute(query)}


async def _seated(session: AsyncSession, where: _Where) -> Sequence[tuple[UUID, Seat, AttemptFacts, Heard]]:
    """By room, in the order of the seats; columns, since rows of the ORM cost several times as much."""
    seat: tuple[Any, ...] = (
        Attempt.id,
        func.length(Attempt.answer_forms),
        Entry.ticket_number,
        func.coalesce(Entry.seat_number, 0),
        Candidate.name,
        Candidate.identity_sealed,
    )
    facts = [getattr(Attempt, name) for name in attempts.FACTS]
    query = (
        select_columns(*[Attempt.room_id, *seat, *SIGN, *facts])
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
        .outerjoin(
            Presence,
            (col(Presence.sitting_id) == col(Attempt.sitting_id)) & (col(Presence.attempt_id) == col(Attempt.id)),
        )
        .where(where.attempts())
        .order_by(col(Entry.seat_number))
    )
    first, second = 1 + len(seat), 1 + len(seat) + len(SIGN)
    return [
        (row[0], Seat(*row[1:first]), AttemptFacts(*row[second:]), _heard_in(row[first:second]))
        for row in await session.execute(query)
    ]


async def _counts(session: AsyncSession, where: _Where) -> Mapping[UUID, Progress]:
    answered = func.count().filter(col(Response.answer) != "")
    query = (
        select(Response.attempt_id, answered, func.max(col(Response.saved_at)))
        .join(
            Attempt,
            (col(Attempt.sitting_id) == col(Response.sitting_id)) & (col(Attempt.id) == col(Response.attempt_id)),
        )
        .where(where.attempts())
        .group_by(col(Response.attempt_id))
    )
    return {attempt_id: Progress(count, saved_at) for attempt_id, count, saved_at in await session.execute(query)}


async def _grants(session: AsyncSession, where: _Where) -> Mapping[UUID, list[TimeGrant]]:
    query = (
        select(TimeGrant)
        .join(Attempt, (col(Attempt.sitting_id) == TimeGrant.sitting_id) & (col(Attempt.id) == TimeGrant.attempt_id))
        .where(where.attempts())
        .order_by(col(TimeGrant.id))
    )
    grants: dict[UUID, list[TimeGrant]] = defaultdict(list)
    for grant in (await session.execute(query)).scalars():
        grants[grant.attempt_id].append(grant)
    return grants


async def _interruptions(session: AsyncSession, where: _Where) -> Mapping[UUID, Interruption]:
    """The newest of each attempt."""
    query = (
        select(Interruption)
        .join(
            Attempt, (col(Attempt.sitting_id) == Interruption.sitting_id) & (col(Attempt.id) == Interruption.attempt_id)
        )
        .where(where.attempts())
        .order_by(col(Interruption.id))
    )
    return {pause.attempt_id: pause for pause in (await session.execute(query)).scalars()}


async def _mail(session: AsyncSession, where: _Where) -> Mapping[UUID, Mail]:
    query = (
        select(Message)
        .where(
            col(Message.sitting_id).in_(where.sittings),
            col(Message.room_id).in_(where.rooms),
            col(Message.confirmed_at).is_(None),
            col(Message.withdrawn_at).is_(None),
        )
        .order_by(col(Message.id))
    )
    hands: dict[UUID, Message] = {}
    unread: dict[UUID, int] = defaultdict(int)
    for message in (await session.execute(query)).scalars():
        if message.kind is MessageKind.hand:
            hands[message.attempt_id] = message
        else:
            unread[message.attempt_id] += 1
    return {attempt_id: Mail(hands.get(attempt_id), unread[attempt_id]) for attempt_id in {*hands, *unread}}
