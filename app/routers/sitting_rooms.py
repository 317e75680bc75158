"""The rooms of a sitting and their proctors."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.paging import Page
from app.core.permissions import Role, Scope
from app.domain.actors import Actor
from app.routers.dependencies import NowDep, OnceDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.sittings import AssignableRead, ProctorsUpdate, RoomCreate, RoomRead
from app.services import room_planning, sittings, standards

router = APIRouter(prefix="/sittings/{sitting_id}", tags=["sittings"])

READER = staff_with(Scope.sittings_read)
Writer = Annotated[Actor, staff_with(Scope.sittings_write)]


@router.post(
    "/rooms",
    operation_id="create_room",
    summary="新增考场 Add a room",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_found", "sitting_frozen", "rooms_refused"),
)
async def create_room(
    sitting_id: UUID, body: RoomCreate, actor: Writer, session: SessionDep, now: NowDep, once: OnceDep
) -> RoomRead:
    async def run() -> RoomRead:
        room = await room_planning.add_room(session, sitting_id, body.model_dump(), actor, now)
        return next(read for read in await _rooms(session, sitting_id) if read.id == room.id)

    return await once(actor, RoomRead, run)


@router.get(
    "/rooms",
    operation_id="list_rooms",
    summary="考场列表 Rooms of a sitting",
    dependencies=[READER],
    responses=problems("not_found"),
)
async def list_rooms(sitting_id: UUID, session: SessionDep) -> Page[RoomRead]:
    return Page(items=await _rooms(session, sitting_id), next_cursor=None)


@router.put(
    "/rooms/{room_id}/proctors",
    operation_id="assign_proctors",
    summary="分配监考员 Set a room's proctors",
    responses=problems("not_found", "sitting_frozen", "rooms_refused"),
)
async def assign_proctors(
    sitting_id: UUID, room_id: UUID, body: ProctorsUpdate, actor: Writer, session: SessionDep, now: NowDep
) -> RoomRead:
    room = await room_planning.assign_proctors(session, sitting_id, room_id, body.proctors, actor, now)
    return next(read for read in await _rooms(session, sitting_id) if read.id == room.id)


@router.delete(
    "/rooms/{room_id}",
    operation_id="remove_room",
    summary="删除考场 Remove a room while the sitting is a draft",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems("not_found", "sitting_frozen"),
)
async def remove_room(sitting_id: UUID, room_id: UUID, actor: Writer, session: SessionDep, now: NowDep) -> None:
    """Who was seated in it has no seat then."""
    await room_planning.remove_room(session, sitting_id, room_id, actor, now)


@router.get(
    "/proctors",
    operation_id="list_assignable_proctors",
    summary="可分配的监考员 Who may proctor, and where they already do",
    dependencies=[staff_with(Scope.sittings_write)],
    responses=problems("not_found"),
)
async def list_assignable_proctors(sitting_id: UUID, session: SessionDep) -> Page[AssignableRead]:
    found = await room_planning.assignable(session, sitting_id)
    items = [
        AssignableRead(
            username=one.account.username,
            name=one.account.name,
            chief=Role.chief in one.account.roles,
            room_id=one.room_id,
        )
        for one in found
    ]
    return Page(items=items, next_cursor=None)


async def _rooms(session: AsyncSession, sitting_id: UUID) -> list[RoomRead]:
    sitting = await sittings.get(session, sitting_id)
    standard = await standards.by_id(session, sitting.standard_id)
    counts = await sittings.entry_counts(session, sitting_id)
    proctors = await sittings.proctors_of(session, sitting_id)
    totals = await room_planning.attempt_totals(session, sitting_id)
    return [
        RoomRead(
            **room.model_dump(include={"id", "sitting_id", "name", "state", "seats", "seats_per_row"}),
            candidates=counts.get(room.id, 0),
            proctors=[account.username for account in proctors.get(room.id, [])],
            proctors_needed=standard.proctors_needed(counts.get(room.id, 0)),
            totals=totals.get(room.id, {}),
        )
        for room in await sittings.rooms_of(session, sitting_id)
    ]
