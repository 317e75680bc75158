"""Boards of rooms and sittings: snapshots and streams."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.paging import Page
from app.core.permissions import Scope
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.incident_summary import IncidentSummary
from app.domain.messages import MessageState
from app.models.sitting import Room, Sitting
from app.routers.dependencies import ContextDep, MailboxDep, NowDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.board import (
    AttemptRow,
    ProctorRoomRead,
    RoomChanges,
    RoomHead,
    RoomSnapshot,
    SittingChanges,
    SittingSnapshot,
)
from app.services import board, incidents, rooms, staff
from app.services.live.boards import Boards, RoomView, SittingView, View
from app.services.live.feed import Part
from app.services.live.mailbox import Mailbox
from app.services.live.shaping import attempt_rows, room_head, sitting_head

router = APIRouter(prefix="/proctor", tags=["proctor"])

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Chief = Annotated[Actor, staff_with(Scope.rooms_proctor, Scope.rooms_chief)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)]

RETRY = 2000
"""Milliseconds after which a client comes back when its stream has ended."""

STREAM = """`snapshot` first, then `changes` with only the rows that changed; the event's id names a version. With
Last-Event-ID the stream goes on from there, or begins with a new `snapshot`. Comments keep it alive. `closed` tells the
code of why it ended: log in again when the token expired, and come back."""


@dataclass(frozen=True)
class ToWatch:
    """What a reader was let to watch; `may_read` raises Problem once the reader may not any more."""

    view: View
    may_read: Callable[[], Awaitable[None]]


async def room_to_watch(room_id: UUID, actor: Proctor, session: SessionDep, context: ContextDep) -> ToWatch:
    """Refuses before the stream begins."""
    await rooms.require_access(session, actor, room_id)

    async def may_read() -> None:
        async with context.database.transaction() as session:
            await staff.require_scopes(session, actor)
            await rooms.require_access(session, actor, room_id)

    return ToWatch(RoomView(room_id, _is_chief(actor)), may_read)


async def sitting_to_watch(sitting_id: UUID, actor: Chief, session: SessionDep, context: ContextDep) -> ToWatch:
    """Refuses before the stream begins."""

    async def may_read() -> None:
        async with context.database.transaction() as session:
            await staff.require_scopes(session, actor)

    return ToWatch(SittingView(sitting_id, await _rooms_of(session, sitting_id)), may_read)


RoomToWatch = Annotated[ToWatch, Depends(room_to_watch)]
SittingToWatch = Annotated[ToWatch, Depends(sitting_to_watch)]


EVENTS = "The data of the events `snapshot` and `changes`."


async def get_boards(request: Request) -> Boards:
    boards: Boards = request.app.state.services.boards
    return boards


BoardsDep = Annotated[Boards, Depends(get_boards)]


@router.get("/rooms", operation_id="list_proctor_rooms", summary="我的考场 The rooms I may act in")
async def list_proctor_rooms(actor: Proctor, session: SessionDep) -> Page[ProctorRoomRead]:
    found = await rooms.accessible(session, actor)
    return Page(items=[_room(sitting, room) for sitting, room in found], next_cursor=None)


@router.get(
    "/rooms/{room_id}",
    operation_id="get_room_snapshot",
    summary="考场快照 One row a candidate",
    responses=problems("not_found"),
)
async def get_room_snapshot(
    room_id: UUID,
    actor: Proctor,
    session: SessionDep,
    context: ContextDep,
    boards: BoardsDep,
    mailbox: MailboxDep,
    now: NowDep,
) -> RoomSnapshot:
    await rooms.require_access(session, actor, room_id)
    view = RoomView(room_id, _is_chief(actor))
    mark = boards.mark(view)
    found = await board.of_room(session, room_id, now)
    rows = attempt_rows(found, context.keyring, now, chief=view.chief)
    _hands_shown(mailbox, found.room.sitting_id, rows)
    return RoomSnapshot(**dict(room_head(found, now)), version=mark, attempts=rows)


@router.get(
    "/rooms/{room_id}/stream",
    operation_id="stream_room",
    summary="考场实时流 Server-sent events of a room",
    description=STREAM,
    response_class=EventSourceResponse,
    responses=problems("not_found") | {200: {"model": RoomSnapshot | RoomChanges, "description": EVENTS}},
)
async def stream_room(
    room: RoomToWatch,
    context: ContextDep,
    boards: BoardsDep,
    mailbox: MailboxDep,
    last_event_id: LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    reading = boards.follow(room.view, last_event_id, room.may_read)
    async for event in _events(context, _showing_hands(reading, mailbox)):
        yield event


@router.get(
    "/sittings/{sitting_id}",
    operation_id="get_sitting_snapshot",
    summary="场次快照（主考）All rooms of a sitting, with totals and alarms",
    dependencies=[staff_with(Scope.rooms_proctor, Scope.rooms_chief)],
    responses=problems("not_found"),
)
async def get_sitting_snapshot(
    sitting_id: UUID, session: SessionDep, boards: BoardsDep, now: NowDep
) -> SittingSnapshot:
    room_ids = await _rooms_of(session, sitting_id)
    mark = boards.mark(SittingView(sitting_id, room_ids))
    found = await board.of_rooms(session, room_ids, now, counted=False)
    whole = await incidents.summary_of_sittings(session, [sitting_id])
    boards_ = [found[room_id] for room_id in room_ids]
    heads = [room_head(one, now) for one in boards_]
    head = sitting_head(boards_, heads, whole.get(sitting_id, IncidentSummary()), now)
    return SittingSnapshot(**dict(head), version=mark, rooms=heads)


@router.get(
    "/sittings/{sitting_id}/stream",
    operation_id="stream_sitting",
    summary="场次实时流（主考）Server-sent events of all rooms of a sitting",
    description=STREAM,
    response_class=EventSourceResponse,
    responses=problems("not_found") | {200: {"model": SittingSnapshot | SittingChanges, "description": EVENTS}},
)
async def stream_sitting(
    sitting: SittingToWatch, context: ContextDep, boards: BoardsDep, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    reading = boards.follow(sitting.view, last_event_id, sitting.may_read)
    async for event in _events(context, reading):
        yield event


async def _events(context: Context, reading: AsyncIterator[Part[Any, Any]]) -> AsyncIterator[ServerSentEvent]:
    """Until the reading ends, is refused, or has lasted as long as an access token."""
    code = "service_stopping"
    try:
        async with asyncio.timeout(context.settings.access_token_life.total_seconds()):
            async for part in reading:
                name = "snapshot" if part.whole else "changes"
                yield ServerSentEvent(event=name, id=part.mark, retry=RETRY, raw_data=part.json)
    except TimeoutError:
        code = "invalid_token"
    except Problem as problem:
        code = problem.code
    yield ServerSentEvent(event="closed", retry=RETRY, data={"code": code})


async def _showing_hands(
    reading: AsyncIterator[Part[Any, Any]], mailbox: Mailbox
) -> AsyncIterator[Part[RoomHead, AttemptRow]]:
    async for part in reading:
        _hands_shown(mailbox, part.head.sitting_id, part.rows)
        yield part


def _hands_shown(mailbox: Mailbox, sitting_id: UUID, rows: Iterable[AttemptRow]) -> None:
    """A hand that a room's board has shown is delivered."""
    hands = [row.hand for row in rows if row.hand is not None]
    mailbox.handed(sitting_id, (hand.id for hand in hands if hand.state is MessageState.pending))


async def _rooms_of(session: AsyncSession, sitting_id: UUID) -> tuple[UUID, ...]:
    room_ids = tuple(await board.rooms_of_sitting(session, sitting_id))
    if not room_ids:
        raise Problem("not_found", what=str(sitting_id))
    return room_ids


def _is_chief(actor: Actor) -> bool:
    return Scope.rooms_chief in actor.scopes


def _room(sitting: Sitting, room: Room) -> ProctorRoomRead:
    return ProctorRoomRead(
        id=room.id,
        sitting_id=sitting.id,
        sitting_name=sitting.name,
        name=room.name,
        state=room.state,
        starts_at=sitting.starts_at,
    )
