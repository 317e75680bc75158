"""A site to try things on: the real standard and bank, one account of each role, a rehearsal that is open now."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.context import Context
from app.core.keyring import Keyring
from app.core.permissions import Role, scopes_of
from app.domain.actors import SYSTEM, Actor, ActorKind
from app.domain.bank_import import gather
from app.domain.commands import CheckIn
from app.domain.composition import Composition
from app.domain.item_states import ItemState
from app.domain.made_up import made_up_identities
from app.domain.states import SittingState
from app.domain.timing import TimingMode
from app.models.entry import Candidate, Entry
from app.models.sitting import Room, Sitting
from app.models.staff import Staff
from app.schemas.entries import EntryCreate
from app.services import (
    attempts,
    bank,
    entries,
    papers,
    proctoring,
    readiness,
    room_planning,
    rooms,
    seating,
    sittings,
    staff,
    standards,
)
from app.services.papers import Assembly

DATA = Path(__file__).parents[1] / "data"
LEVEL = 5
FORMS = 2
ROOMS = ("第一考场", "第二考场")
CANDIDATES_PER_ROOM = 30
LATE_ENTRY_MINUTES = 240
NAMES = {
    Role.admin: "管理员",
    Role.author: "命题员",
    Role.reviewer: "审题员",
    Role.officer: "考务员",
    Role.chief: "主考",
    Role.proctor: "监考员",
    Role.auditor: "审计员",
}


@dataclass(frozen=True)
class Login:
    role: Role
    username: str
    password: str


@dataclass(frozen=True)
class Demonstration:
    """`logins` are one of each role, then more proctors; the first room runs with everybody checked in."""

    logins: Sequence[Login]
    sitting: Sitting
    rooms: Sequence[Room]
    candidates: Sequence[tuple[Entry, Candidate, Room]]


async def prepare(context: Context, known: Sequence[Login], sitting_id: UUID | None) -> Demonstration:
    """Makes what is not there yet; `known` logins and a sitting that is still open are kept."""
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        for file in sorted((DATA / "standards").glob("*.yaml")):
            await standards.load(session, file.read_text(encoding="utf-8"), SYSTEM, now)
        files = {str(file): file.read_text(encoding="utf-8") for file in sorted(DATA.glob("item_banks/*/*.yaml"))}
        for one in gather(files):
            await bank.load(session, one, ItemState.active, SYSTEM, now)
        logins = [await _account(session, login, now) for login in _logins(known)]
    async with context.database.transaction() as session:
        sitting = None if sitting_id is None else await session.get(Sitting, sitting_id)
        if sitting is None or not _is_open(sitting, now):
            sitting = await _open_sitting(session, context, logins, now)
        query = (
            select(Entry, Candidate, Room)
            .join(Candidate, col(Candidate.id) == col(Entry.candidate_id))
            .join(Room, (col(Room.sitting_id) == col(Entry.sitting_id)) & (col(Room.id) == col(Entry.room_id)))
            .where(Entry.sitting_id == sitting.id)
            .order_by(col(Room.id), col(Entry.seat_number))
        )
        seated = [(entry, candidate, room) for entry, candidate, room in (await session.execute(query)).all()]
        return Demonstration(logins, sitting, await sittings.rooms_of(session, sitting.id), seated)


def _logins(known: Sequence[Login]) -> list[Login]:
    """Those that are known, and new ones for the roles and proctors that lack."""
    wanted = [(role, role.value) for role in Role]
    wanted += [(Role.proctor, f"{Role.proctor.value}{number}") for number in range(2, 2 * len(ROOMS) + 1)]
    passwords = {login.username: login.password for login in known}
    return [Login(role, name, passwords.get(name) or secrets.token_urlsafe(12)) for role, name in wanted]


async def _account(session: AsyncSession, login: Login, now: datetime) -> Login:
    account = await staff.find(session, login.username)
    if account is None:
        await staff.create(
            session,
            username=login.username,
            name=NAMES[login.role],
            roles=[login.role],
            password=login.password,
            actor=SYSTEM,
            now=now,
        )
    return login


def _is_open(sitting: Sitting, now: datetime) -> bool:
    return sitting.state == SittingState.live and now < attempts.timing_rules(sitting).late_entry_closes_at


async def _open_sitting(session: AsyncSession, context: Context, logins: Sequence[Login], now: datetime) -> Sitting:
    officer = await _actor(session, next(login for login in logins if login.role is Role.officer))
    proctors = [login.username for login in logins if login.role is Role.proctor]
    code = (await standards.list_(session, after=None, limit=1))[0].code
    request = Assembly(
        standard_code=code,
        edition=None,
        level=LEVEL,
        composition=Composition(),
        forms=FORMS,
        seed=None,
        own_level_share=0.7,
        target_difficulty=None,
        difficulty_tolerance=0.05,
    )
    forms = await papers.assemble(session, context.apart, request, officer, now)
    sitting = await sittings.create(
        session,
        {
            "standard_code": code,
            "edition": None,
            "level": LEVEL,
            "name": f"演练场次 {now:%Y-%m-%d %H:%M}",
            "starts_at": now,
            "duration_minutes": 90,
            "timing_mode": TimingMode.individual,
            "late_entry_minutes": LATE_ENTRY_MINUTES,
            "earliest_submission_minutes": 0,
            "grace_seconds": 10,
            "rehearsal": True,
            "paper_ids": [paper.id for paper in forms],
        },
        officer,
        now,
    )
    for index, name in enumerate(ROOMS):
        own = proctors[index * 2 : index * 2 + 2]
        fields = {"name": name, "seats": CANDIDATES_PER_ROOM, "seats_per_row": 6, "proctors": own}
        await room_planning.add_room(session, sitting.id, fields, officer, now)
    rows = [
        EntryCreate(name=name, id_number=id_number)
        for name, id_number in islice(made_up_identities(), CANDIDATES_PER_ROOM * len(ROOMS))
    ]
    await entries.add(session, context.keyring, sitting.id, rows, officer, now)
    await seating.automatic(session, sitting.id, None, officer, now)
    await readiness.make_ready(session, sitting.id, officer, now)
    await sittings.go_live(session, sitting.id, officer, now)
    await _open_rooms(session, context.keyring, sitting, logins, now)
    return sitting


async def _open_rooms(
    session: AsyncSession, keyring: Keyring, sitting: Sitting, logins: Sequence[Login], now: datetime
) -> None:
    """Check-in is open in every room; the first one runs, and its candidates are checked in."""
    chief = await _actor(session, next(login for login in logins if login.role is Role.chief))
    opened = await sittings.rooms_of(session, sitting.id)
    for room in opened:
        await rooms.open_check_in(session, chief, room.id, now)
    first = next(room for room in opened if room.name == ROOMS[0])
    await rooms.start(session, chief, first.id, now)
    await proctoring.give_to_room(session, keyring, chief, first.id, None, CheckIn(), now)


async def _actor(session: AsyncSession, login: Login) -> Actor:
    account: Staff = await staff.named(session, login.username)
    return Actor(ActorKind.staff, account.id, scopes_of(tuple(account.roles)))
