"""The end of a room: closed, its record read and compared, sealed by two proctors."""

from collections.abc import Iterable, Iterator

from app.domain.states import AttemptState, RoomCommand, RoomState
from app.rehearsal.known import Known
from app.rehearsal.room import Room
from app.rehearsal.server import Refused
from app.rehearsal.staff import StaffMember
from app.schemas.room_record import RoomConfirmed, RoomRecord, RoomRecordRead, SealCreate

SEALS = 2
READINGS = 3
"""Of the record, by one proctor: something may be added to it meanwhile."""


async def close_and_seal(room: Room) -> list[str]:
    """What the record tells otherwise than the rehearsal has seen it."""
    await room.close()
    faults: list[str] = []
    sealed = None
    for proctor in room.proctors[:SEALS]:
        record, sealed = await _confirm(room, proctor)
        faults += record_faults(record, room.known.values(), {known.ticket for known in room.present})
    room.sealed()
    if sealed is None or sealed.state is not RoomState.sealed:
        faults.append("考场未封存 The room is not sealed by two confirmations")
    return faults


async def _confirm(room: Room, proctor: StaffMember) -> tuple[RoomRecord, RoomConfirmed]:
    for readings_left in reversed(range(READINGS)):
        read = await proctor.call("record", "GET", f"{room.path}/record", RoomRecordRead)
        body = SealCreate(record_digest=read.record_digest)
        try:
            path = f"{room.path}/seal"
            return read.record, await proctor.call("seal_room", "POST", path, RoomConfirmed, body, expected="record_changed")
        except Refused as refused:
            if refused.code != "record_changed" or not readings_left:
                raise
    raise AssertionError("unreachable")


def record_faults(record: RoomRecord, known: Iterable[Known], present: set[str]) -> Iterator[str]:
    """`present` are the tickets of who was checked in."""
    attendance = {one.ticket_number: one for one in record.attendance}
    terminated = {ruling.ticket_number for ruling in record.rulings if ruling.command == "terminate"}
    confirmed = sum(hand.confirmed_at is not None for hand in record.hands)
    for one in known:
        row = attendance.get(one.ticket)
        if row is None:
            yield f"考场记录缺人 {one.ticket} is not in the record"
            continue
        if (row.state is AttemptState.absent) is (one.ticket in present):
            yield f"考场记录出勤不符 {one.ticket} is recorded as {row.state}"
        if row.granted_seconds != one.granted.total_seconds():
            yield f"考场记录延时不符 {one.ticket}: {row.granted_seconds} s recorded, {one.granted} granted"
        if (one.ticket in terminated) is not one.terminated:
            yield f"考场记录终止不符 {one.ticket}: termination"
    commands = {command.command for command in record.commands}
    if not commands >= {RoomCommand.suspend, RoomCommand.resume}:
        yield f"考场记录缺操作 Suspension and resumption are not among {sorted(commands)}"
