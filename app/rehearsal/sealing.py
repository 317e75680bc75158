"""The end of a room: closed, its record read and compared, sealed by two proctors."""

from collections.abc import Iterable, Iterator

from app.domain.room_record import SEALS_NEEDED
from app.domain.states import AttemptState, RoomCommand, RoomState
from app.rehearsal.known import Known
from app.rehearsal.room import Room
from app.rehearsal.server import Refused
from app.schemas.room_record import RoomConfirmed, RoomRecord, RoomRecordRead, SealCreate

ROUNDS = 5
"""Of all proctors: a confirmation falls when something is added to the record after it."""


async def close_and_seal(room: Room) -> list[str]:
    """What the record tells otherwise than the rehearsal has seen it. Raises Refused."""
    await room.close()
    for proctor in ROUNDS * list(room.proctors):
        read = await proctor.call("record", "GET", f"{room.path}/record", RoomRecordRead)
        try:
            body = SealCreate(record_digest=read.record_digest)
            path = f"{room.path}/seal"
            done = await proctor.call("seal_room", "POST", path, RoomConfirmed, body, expected="record_changed")
        except Refused as refused:
            if refused.code != "record_changed":
                raise
            continue
        if (done.state is RoomState.sealed) is not (done.seals.confirmed >= SEALS_NEEDED):
            return [f"封存状态不符 {done.state} with {done.seals.confirmed} confirmations"]
        if done.state is RoomState.sealed:
            room.acknowledged(RoomCommand.seal, RoomState.sealed, proctor.caller.address)
            return list(record_faults(read.record, room.known.values(), {known.ticket for known in room.present}))
    return [f"考场未封存 Not sealed in {ROUNDS} rounds"]


def record_faults(record: RoomRecord, known: Iterable[Known], present: set[str]) -> Iterator[str]:
    """`present` are the tickets of who was checked in."""
    attendance = {one.ticket_number: one for one in record.attendance}
    terminated = {ruling.ticket_number for ruling in record.rulings if ruling.command == "terminate"}
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
            yield f"考场记录终止不符 {one.ticket} is{'' if one.ticket in terminated else ' not'} recorded as terminated"
    commands = {command.command for command in record.commands}
    if not commands >= {RoomCommand.suspend, RoomCommand.resume}:
        yield f"考场记录缺暂停 Suspension and resumption are not among {', '.join(sorted(commands))}"
