"""Halls made by copying rows, so that a test can have hundreds of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.ids import new_id
from tests.halls import Hall

CLONE = text("""
WITH seats AS (
    SELECT * FROM jsonb_to_recordset(CAST(:attempts AS jsonb)) AS s (old uuid, new uuid, fields jsonb)
),
new_sitting AS (
    INSERT INTO sitting
    SELECT (jsonb_populate_record(s, jsonb_build_object('id', CAST(:sitting AS uuid), 'number', s.number + :number))).*
    FROM sitting s WHERE s.id = :old_sitting
),
new_room AS (
    INSERT INTO room
    SELECT (jsonb_populate_record(r, jsonb_build_object(
        'sitting_id', CAST(:sitting AS uuid), 'id', CAST(:room AS uuid), 'state', CAST(:state AS text)
    ))).*
    FROM room r WHERE r.id = :old_room
),
new_proctors AS (
    INSERT INTO room_proctor (sitting_id, staff_id, room_id)
    SELECT :sitting, staff_id, :room FROM room_proctor WHERE room_id = :old_room
),
new_entries AS (
    INSERT INTO entry
    SELECT (jsonb_populate_record(e, jsonb_build_object(
        'sitting_id', CAST(:sitting AS uuid),
        'room_id', CAST(:room AS uuid),
        'ticket_number', e.ticket_number || '-' || CAST(:number AS text)
    ))).*
    FROM entry e WHERE e.sitting_id = :old_sitting
),
new_attempts AS (
    INSERT INTO attempt
    SELECT (jsonb_populate_record(a, s.fields || jsonb_build_object(
        'sitting_id', CAST(:sitting AS uuid), 'room_id', CAST(:room AS uuid), 'id', s.new
    ))).*
    FROM attempt a JOIN seats s ON s.old = a.id
)
INSERT INTO attempt_paper
SELECT (jsonb_populate_record(p, jsonb_build_object('sitting_id', CAST(:sitting AS uuid), 'attempt_id', s.new))).*
FROM attempt_paper p JOIN seats s ON s.old = p.attempt_id
""")
RETIRE = text("""
WITH over AS (UPDATE sitting SET state = 'closed' WHERE id = :sitting)
UPDATE attempt SET state = 'voided', grading_needed = false WHERE sitting_id = :sitting
""")


@dataclass(frozen=True)
class Clone:
    """A copy of a hall whose room and attempts stand as asked for; `number` tells its tickets from those of others."""

    number: int
    sitting_id: UUID
    room_id: UUID
    attempts: Sequence[UUID]


async def clone(
    connection: AsyncConnection, hall: Hall, number: int, room_state: str, attempts: Sequence[Mapping[str, Any]]
) -> Clone:
    """A copy in one statement; `attempts` are the fields, by seat, in which the copies differ from a registered one."""
    made = Clone(number, new_id(), new_id(), [new_id() for _ in attempts])
    values = {
        "old_sitting": hall.sitting_id,
        "old_room": hall.room_id,
        "sitting": made.sitting_id,
        "room": made.room_id,
        "state": room_state,
        "number": number,
        "attempts": json.dumps(
            [
                {"old": str(who.attempt_id), "new": str(id_), "fields": fields}
                for who, id_, fields in zip(hall.seated, made.attempts, attempts, strict=True)
            ],
            default=str,
        ),
    }
    await connection.execute(CLONE, values)
    return made


async def retire(connection: AsyncConnection, made: Clone) -> None:
    """So that neither the clock nor a login finds it any more."""
    await connection.execute(RETIRE, {"sitting": made.sitting_id})
