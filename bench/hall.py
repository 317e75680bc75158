"""A sitting of any size, made by the services that make real ones, and brought to where a part begins."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import islice
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.context import Context
from app.core.ids import new_id
from app.core.keyring import Keyring
from app.core.permissions import Role, scopes_of
from app.core.tokens import CandidateClaims, StaffClaims, issue_candidate_token, issue_staff_token
from app.domain import attempts as rules
from app.domain.actors import Actor, ActorKind
from app.domain.commands import CheckIn
from app.domain.made_up import made_up_identities
from app.models.attempt import Attempt
from app.models.entry import Entry
from app.models.sitting import Room, Sitting
from app.models.staff import Staff
from app.schemas.entries import EntryCreate
from app.services import attempts, entries, proctoring, readiness, room_planning, rooms, seating, sittings
from bench.answers import pairs_for
from bench.site import LEVEL, STANDARD

SEATS = 30
SEATS_PER_ROW = 6
DURATION = timedelta(minutes=90)
TOKENS_LAST = timedelta(hours=12)
DEVICE = "pc-bench"


class Stage(IntEnum):
    """How far all candidates have come."""

    checked_in = 1
    ready = 2
    writing = 3


@dataclass(frozen=True)
class Seated:
    """`token` holds the lease from stage `ready` on."""

    attempt_id: UUID
    room_id: UUID
    ticket_number: str
    id_number: str
    token: str


@dataclass(frozen=True)
class Hall:
    """A live sitting whose rooms run. `answers` are two that the item at each number takes, the same for all papers;
    `proctors` are tokens of two proctors of each room."""

    sitting_id: UUID
    seated: Sequence[Seated]
    answers: Sequence[tuple[str, str]]
    proctors: dict[UUID, tuple[str, str]]


async def open_hall(
    context: Context, papers: Sequence[UUID], candidates: int, stage: Stage, grace: timedelta = timedelta(seconds=10)
) -> Hall:
    """`candidates` in rooms of 30, all at `stage`."""
    people = list(islice(made_up_identities(), candidates))
    chief, proctors = await _hire(context, math.ceil(candidates / SEATS))
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        sitting = await _plan(session, papers, grace, chief, now)
        for number, own in enumerate(proctors, start=1):
            fields = {"name": f"第{number:03d}考场", "seats": SEATS, "seats_per_row": SEATS_PER_ROW}
            fields["proctors"] = [name for _, name in own]
            await room_planning.add_room(session, sitting.id, fields, chief, now)
        rows = [EntryCreate(name=name, id_number=id_number) for name, id_number in people]
        added = await entries.add(session, context.keyring, sitting.id, rows, chief, now)
        numbers = {entry.ticket_number: row.id_number for entry, row in zip(added, rows, strict=True)}
        await seating.automatic(session, sitting.id, 1, chief, now)
        await readiness.make_ready(session, sitting.id, chief, now)
        await sittings.go_live(session, sitting.id, chief, now)
        hall_rooms = await sittings.rooms_of(session, sitting.id)
    for room in hall_rooms:
        async with context.database.transaction() as session:
            await _open(session, context, chief, room, stage, now)
    async with context.database.transaction() as session:
        seated, forms = await _seated(session, context.keyring, sitting.id, numbers)
    tokens = {
        room.id: (_staff_token(context.keyring, own[0][0]), _staff_token(context.keyring, own[1][0]))
        for room, own in zip(hall_rooms, proctors, strict=True)
    }
    return Hall(sitting.id, seated, pairs_for(forms), tokens)


async def _hire(context: Context, count: int) -> tuple[Actor, list[list[tuple[UUID, str]]]]:
    """A chief, and two proctors for each of `count` rooms; accounts without a password, which nobody needs here."""
    roles = [Role.chief, *[Role.proctor] * (2 * count)]
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        accounts = [(id_, f"bench-{id_.hex}") for id_ in (new_id() for _ in roles)]
        same = {"name": "压测", "password_hash": "-", "active": True, "created_at": now}
        rows = [
            {"id": id_, "username": username, "roles": [role.value]} | same
            for role, (id_, username) in zip(roles, accounts, strict=True)
        ]
        await session.execute(insert(Staff), rows)
    chief = Actor(ActorKind.staff, accounts[0][0], scopes_of((Role.officer, Role.chief)))
    return chief, [accounts[start : start + 2] for start in range(1, len(accounts), 2)]


async def _plan(
    session: AsyncSession, papers: Sequence[UUID], grace: timedelta, chief: Actor, now: datetime
) -> Sitting:
    fields = {
        "standard_code": STANDARD,
        "edition": None,
        "level": LEVEL,
        "name": "压力测试",
        "starts_at": now,
        "duration_minutes": DURATION // timedelta(minutes=1),
        "rehearsal": True,
        "late_entry_minutes": DURATION // timedelta(minutes=1),
        "earliest_submission_minutes": 0,
        "grace_seconds": grace // timedelta(seconds=1),
        "paper_ids": list(papers),
    }
    return await sittings.create(session, fields, chief, now)


async def _open(session: AsyncSession, context: Context, chief: Actor, room: Room, stage: Stage, now: datetime) -> None:
    await rooms.open_check_in(session, chief, room.id, now)
    await rooms.start(session, chief, room.id, now)
    await proctoring.give_to_room(session, context.keyring, chief, room.id, None, CheckIn(), now)
    if stage is Stage.checked_in:
        return
    locked = await attempts.lock_room_attempts(session, room)
    setting = await attempts.setting_of(session, locked[0])
    for attempt in locked:
        who = Actor(ActorKind.candidate, attempt.id)
        attempts.change(
            session,
            attempt,
            setting,
            lambda facts, _: rules.log_in(facts, DEVICE),
            actor=who,
            action="log_in",
            now=now,
        )
        if stage is Stage.writing:
            attempts.change(
                session,
                attempt,
                setting,
                lambda facts, setting: rules.start(facts, setting.rules, setting.room_state, now),
                actor=who,
                action="start",
                now=now,
            )


async def _seated(
    session: AsyncSession, keyring: Keyring, sitting_id: UUID, numbers: dict[str, str]
) -> tuple[list[Seated], list[str]]:
    """All candidates by room and seat, and their papers' answer forms."""
    query = (
        select(Attempt, Entry.ticket_number)
        .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
        .where(Attempt.sitting_id == sitting_id)
        .order_by(col(Attempt.room_id), col(Entry.seat_number))
    )
    expires_at = datetime.now(UTC) + TOKENS_LAST
    rows = (await session.execute(query)).all()
    seated = [
        Seated(
            attempt.id,
            attempt.room_id,
            ticket,
            numbers[ticket],
            issue_candidate_token(
                keyring.token_key, CandidateClaims(sitting_id, attempt.id, attempt.lease_epoch), expires_at
            ),
        )
        for attempt, ticket in rows
    ]
    return seated, [attempt.answer_forms for attempt, _ in rows]


def _staff_token(keyring: Keyring, staff_id: UUID) -> str:
    return issue_staff_token(keyring.token_key, StaffClaims(staff_id, ()), datetime.now(UTC) + TOKENS_LAST)
