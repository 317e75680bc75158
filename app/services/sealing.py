"""Sealing a closed room: two proctors confirm the same record of it and the head of the sitting's audit chain."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyring import Keyring
from app.domain.actors import Actor
from app.domain.room_record import confirm, record_digest
from app.domain.states import ROOM_MOVES, RoomCommand, RoomState, move
from app.models.sitting import Room, RoomSeal
from app.services import audit, room_record, rooms, sealed_records
from app.services.live.topics import room_changed


@dataclass(frozen=True)
class Sealing:
    """`confirmed`: how many people stand by the record with this digest."""

    room: Room
    record_digest: str
    confirmed: int


async def seal(
    session: AsyncSession, keyring: Keyring, actor: Actor, room_id: UUID, named: str | None, now: datetime
) -> Sealing:
    """One person's confirmation of the present record; the second person's seals the room.

    The record is kept as it was confirmed. `named` is the digest of the record that the caller has read. The same
    person's repeat changes nothing. Raises Problem `invalid_transition`, `record_changed` (409).
    """
    room, _ = await rooms.lock(session, actor, room_id)
    move(ROOM_MOVES, RoomCommand.seal, RoomState(room.state))
    content = room_record.content_of(await room_record.of_room(session, keyring, room))
    present = record_digest(content)
    seals = await room_record.seals_of(session, room)
    held = {seal.staff_id: seal for seal in seals}
    standing = confirm(room_record.confirmations(seals), actor.account(), present, named)
    if not standing.repeated:
        head = await audit.head(session, room.sitting_id)
        mine = held.get(actor.account()) or RoomSeal(
            sitting_id=room.sitting_id, room_id=room.id, staff_id=actor.account(), confirmed_at=now
        )
        mine.confirmed_at = now
        mine.record_digest = present
        mine.audit_sequence = head.sequence
        mine.audit_hash = head.hash
        session.add(mine)
        await sealed_records.keep(session, room, present, content, now)
    if standing.seals:
        rooms.write(session, actor, room, RoomCommand.seal, now, record_digest=present)
    elif not standing.repeated:
        room_changed(session, room.sitting_id, room.id)
        details = {"record_digest": present}
        audit.record(
            session, actor, "room.confirm", "room", room.id, at=now, sitting_id=room.sitting_id, details=details
        )
    return Sealing(room, present, standing.confirmed)
