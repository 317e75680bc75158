"""The record of a room, and the papers of exam day as PDF.

A paper is set in type after the request's transaction has ended, so that printing holds no database connection.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from starlette.types import Receive, Send
from starlette.types import Scope as Connection

from app.core.permissions import Scope
from app.domain.actors import Actor
from app.models.sitting import Room
from app.routers.dependencies import ContextDep, NowDep, SessionDep, staff_with
from app.routers.errors import problems
from app.schemas.room_record import RoomRecordRead
from app.services import room_record, rooms
from app.services.printing.papers import Printer
from app.services.printing.sheets import Sheet

router = APIRouter(tags=["papers of exam day"])

PDF = "application/pdf"
PRINTED: dict[int | str, Any] = {200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}}
NOT_FOUND = problems("not_found")
OF_PROCTOR = "/proctor/rooms/{room_id}"
OF_SITTING = "/sittings/{sitting_id}/rooms/{room_id}"

Proctor = Annotated[Actor, staff_with(Scope.rooms_proctor)]
Reader = Annotated[Actor, staff_with(Scope.sittings_read)]


class Printed(Response):
    """A sheet to be set in type when it is sent."""

    media_type = PDF

    def __init__(self, sheet: Sheet) -> None:
        name = f"{sheet.template.replace('_', '-')}.pdf"
        super().__init__(headers={"Content-Disposition": f'attachment; filename="{name}"'})
        self.sheet = sheet

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        from app.services.printing import typesetting

        self.body = await typesetting.pdf(self.sheet)
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


async def get_room_as_proctor(room_id: UUID, actor: Proctor, session: SessionDep) -> Room:
    return await rooms.require_access(session, actor, room_id)


async def get_room_of_sitting(sitting_id: UUID, room_id: UUID, session: SessionDep, _: Reader) -> Room:
    return await room_record.in_sitting(session, sitting_id, room_id)


async def get_proctors_printer(actor: Proctor, session: SessionDep, context: ContextDep, now: NowDep) -> Printer:
    return Printer(session, context.keyring, context.settings.time_zone, actor, now)


async def get_readers_printer(actor: Reader, session: SessionDep, context: ContextDep, now: NowDep) -> Printer:
    return Printer(session, context.keyring, context.settings.time_zone, actor, now)


ProctorsRoom = Annotated[Room, Depends(get_room_as_proctor)]
SittingsRoom = Annotated[Room, Depends(get_room_of_sitting)]
ProctorsPrinter = Annotated[Printer, Depends(get_proctors_printer)]
ReadersPrinter = Annotated[Printer, Depends(get_readers_printer)]


@router.get(
    f"{OF_PROCTOR}/record",
    operation_id="get_room_record",
    summary="考场记录 The record of a room, with its digest and seals",
    responses=NOT_FOUND,
    response_model_exclude_unset=True,
)
async def get_room_record(room: ProctorsRoom, session: SessionDep, context: ContextDep) -> RoomRecordRead:
    """A record that was sealed in an earlier form is answered in that form."""
    return await room_record.read(session, context.keyring, room)


@router.get(
    f"{OF_PROCTOR}/record.pdf",
    operation_id="print_room_record",
    summary="打印考场记录 The record of a room to print and sign",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_room_record(room: ProctorsRoom, printer: ProctorsPrinter) -> Response:
    return Printed(await printer.room_record(room))


@router.get(
    f"{OF_PROCTOR}/sign-in-sheet.pdf",
    operation_id="print_sign_in_sheet",
    summary="打印签到表 A sheet for the candidates' signatures",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_sign_in_sheet(room: ProctorsRoom, printer: ProctorsPrinter) -> Response:
    return Printed(await printer.sign_in_sheet(room))


@router.get(
    f"{OF_PROCTOR}/seat-map.pdf",
    operation_id="print_seat_map",
    summary="打印座位图和门贴 The seats as they stand, and a list for the door",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_seat_map(room: ProctorsRoom, printer: ProctorsPrinter) -> Response:
    return Printed(await printer.seat_map(room))


@router.get(
    f"{OF_SITTING}/record",
    operation_id="get_sitting_room_record",
    summary="场次考场记录 The record of a sitting's room",
    responses=NOT_FOUND,
    response_model_exclude_unset=True,
)
async def get_sitting_room_record(room: SittingsRoom, session: SessionDep, context: ContextDep) -> RoomRecordRead:
    """A record that was sealed in an earlier form is answered in that form."""
    return await room_record.read(session, context.keyring, room)


@router.get(
    f"{OF_SITTING}/record.pdf",
    operation_id="print_sitting_room_record",
    summary="打印场次考场记录 The record of a sitting's room to print and sign",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_sitting_room_record(room: SittingsRoom, printer: ReadersPrinter) -> Response:
    return Printed(await printer.room_record(room))


@router.get(
    f"{OF_SITTING}/sign-in-sheet.pdf",
    operation_id="print_sitting_sign_in_sheet",
    summary="打印场次签到表 A sheet for the candidates' signatures",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_sitting_sign_in_sheet(room: SittingsRoom, printer: ReadersPrinter) -> Response:
    return Printed(await printer.sign_in_sheet(room))


@router.get(
    f"{OF_SITTING}/seat-map.pdf",
    operation_id="print_sitting_seat_map",
    summary="打印场次座位图和门贴 The seats as they stand, and a list for the door",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_sitting_seat_map(room: SittingsRoom, printer: ReadersPrinter) -> Response:
    return Printed(await printer.seat_map(room))


@router.get(
    "/sittings/{sitting_id}/tickets.pdf",
    operation_id="print_tickets",
    summary="打印准考证 Admission tickets, two on a page, by room and seat",
    response_class=Response,
    responses=PRINTED | NOT_FOUND,
)
async def print_tickets(
    sitting_id: UUID,
    printer: ReadersPrinter,
    room_id: Annotated[UUID | None, Query(description="只打印此考场 Of this room only.")] = None,
) -> Response:
    """The QR code holds the ticket number, so that a scanner types it at login."""
    return Printed(await printer.tickets(sitting_id, room_id))
