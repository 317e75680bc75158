"""A hall of the made-up standard in which an exam goes on, and its people over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.core.context import Context
from app.core.ids import new_id
from app.core.permissions import Role, scopes_of
from app.core.problems import Problem
from app.core.tokens import StaffClaims, issue_staff_token
from app.domain.actors import Actor, ActorKind
from app.domain.commands import CheckIn
from app.domain.identity import make_identity_number
from app.domain.items import ItemType
from app.domain.layout import Layout
from app.domain.papers import PaperContent, PaperItem
from app.domain.standard import parse_standard
from app.models.attempt import Attempt, AttemptPaper
from app.models.entry import Candidate, Entry
from app.models.paper import Paper
from app.models.sitting import Sitting
from app.models.staff import Staff
from app.models.standard import StandardEdition
from app.services import proctoring, readiness, room_planning, rooms, sittings, standards
from tests.domain.answers import as_seen

MADE_UP_TEXT = (Path(__file__).parent / "fixtures/standards/made-up_2026.yaml").read_text(encoding="utf-8")
MADE_UP = parse_standard(MADE_UP_TEXT)
OPTIONS = {ItemType.single: 4, ItemType.multiple: 5, ItemType.true_false: 0}
KEYS = {ItemType.single: "B", ItemType.multiple: "ACD", ItemType.true_false: "T"}


@dataclass(frozen=True)
class Seated:
    """One candidate of a hall."""

    attempt_id: UUID
    ticket_number: str
    id_number: str

    def login(self, device: str = "pc-1") -> dict[str, str]:
        return {"ticket_number": self.ticket_number, "id_number": self.id_number, "device_id": device}


@dataclass(frozen=True)
class Hall:
    """One room of one live sitting. `proctors` are as many as the standard asks, then a chief."""

    context: Context
    sitting_id: UUID
    room_id: UUID
    paper: PaperContent
    seated: list[Seated]
    proctors: list[Actor]
    officer: Actor

    def headers(self, actor: Actor) -> dict[str, str]:
        claims = StaffClaims(actor.account(), ())
        expires_at = self.context.clock.host_now() + timedelta(hours=1)
        return {"Authorization": f"Bearer {issue_staff_token(self.context.keyring.token_key, claims, expires_at)}"}

    @property
    def proctor(self) -> dict[str, str]:
        return self.headers(self.proctors[0])

    @property
    def chief(self) -> dict[str, str]:
        return self.headers(self.proctors[-1])

    async def check_in_all(self) -> None:
        async with self.context.database.transaction() as session:
            now = await self.context.clock.now(session)
            keyring, proctor = self.context.keyring, self.proctors[0]
            await proctoring.give_to_room(session, keyring, proctor, self.room_id, None, CheckIn(), now)

    async def attempt(self, of: Seated) -> Attempt:
        async with self.context.database.transaction() as session:
            return await session.get_one(Attempt, (self.sitting_id, of.attempt_id))


def small_paper(level: int, keys: Mapping[ItemType, str] = KEYS) -> PaperContent:
    """Eight items worth ten points."""
    types = [ItemType.single] * 4 + [ItemType.multiple] * 2 + [ItemType.true_false] * 2
    items = tuple(
        PaperItem(
            position=position,
            code=f"MU-{position:03d}",
            version=1,
            type=type_,
            area="甲" if position % 2 else "乙",
            points=Decimal(2 if type_ is ItemType.multiple else 1),
            stem=f"第{position}题",
            options=tuple(f"第{position}题选项{option}" for option in range(OPTIONS[type_])),
            key=keys[type_],
        )
        for position, type_ in enumerate(types, start=1)
    )
    return PaperContent(standard_code=MADE_UP.code, standard_edition=MADE_UP.edition, level=level, items=items)


async def add_staff(context: Context, *roles: Role) -> Actor:
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        account = Staff(
            id=new_id(),
            username=f"{roles[0]}-{new_id().hex[-12:]}",
            name="测试人员",
            password_hash="-",
            roles=list(roles),
            created_at=now,
        )
        session.add(account)
    return Actor(ActorKind.staff, account.id, scopes_of(tuple(roles)))


async def open_hall(
    context: Context,
    *,
    candidates: int = 2,
    started: bool = True,
    keys: Mapping[ItemType, str] = KEYS,
    **settings: Any,
) -> Hall:
    """A hall whose room runs (or still prepares), with everybody checked in when it runs."""
    needed = MADE_UP.proctors_needed(candidates)
    people = [await add_staff(context, role) for role in (*[Role.proctor] * needed, Role.chief)]
    officer = await add_staff(context, Role.officer)
    async with context.database.transaction() as session:
        now = await context.clock.now(session)
        edition = await _edition(session, officer, now)
        level = MADE_UP.level_numbers[0]
        content = small_paper(level, keys)
        paper_id = await _paper(session, edition.id, content, now)
        fields = {
            "standard_code": edition.code,
            "edition": edition.edition,
            "level": level,
            "name": "测试场次",
            "starts_at": now,
            "duration_minutes": 90,
            "rehearsal": True,
            "late_entry_minutes": 30,
            "earliest_submission_minutes": 0,
            "grace_seconds": 10,
            "paper_ids": [paper_id],
        }
        sitting = await sittings.create(session, fields | settings, officer, now)
        usernames = list(
            (
                await session.execute(
                    select(Staff.username).where(col(Staff.id).in_([actor.id for actor in people[:-1]]))
                )
            ).scalars()
        )
        room = await room_planning.add_room(
            session,
            sitting.id,
            {"name": "第一考场", "seats": max(2, candidates), "seats_per_row": 5, "proctors": usernames},
            officer,
            now,
        )
        numbers = await _entries(session, context, sitting, room.id, candidates, now)
        await readiness.make_ready(session, sitting.id, officer, now)
        await sittings.go_live(session, sitting.id, officer, now)
        query = (
            select(Attempt.id, Entry.ticket_number)
            .join(Entry, (col(Entry.sitting_id) == col(Attempt.sitting_id)) & (col(Entry.id) == col(Attempt.entry_id)))
            .where(Attempt.sitting_id == sitting.id)
            .order_by(col(Entry.seat_number))
        )
        seated = [Seated(attempt_id, ticket, numbers[ticket]) for attempt_id, ticket in (await session.execute(query))]
    hall = Hall(context, sitting.id, room.id, content, seated, people, officer)
    if started:
        async with context.database.transaction() as session:
            await rooms.open_check_in(session, people[0], room.id, now)
            await rooms.start(session, people[0], room.id, now)
        await hall.check_in_all()
    return hall


async def _edition(session: AsyncSession, officer: Actor, now: datetime) -> StandardEdition:
    """The made-up one; most databases of tests have it."""
    try:
        edition, _ = await standards.get(session, MADE_UP.code, MADE_UP.edition)
    except Problem:
        edition = await standards.load(session, MADE_UP_TEXT, officer, now)
    return edition


async def _paper(session: Any, standard_id: UUID, content: PaperContent, now: Any) -> UUID:
    query = select(Paper.id).where(Paper.standard_id == standard_id, Paper.content_hash == content.content_hash)
    known: UUID | None = (await session.execute(query)).scalar_one_or_none()
    if known is not None:
        return known
    paper = Paper(
        id=new_id(),
        standard_id=standard_id,
        level=content.level,
        form="A",
        seed=1,
        composition=[],
        blueprint=[],
        content=content.canonical(),
        content_hash=content.content_hash,
        bank_version="-",
        mean_difficulty=0.7,
        sealed_at=now,
    )
    session.add(paper)
    await session.flush()
    return paper.id


async def _entries(
    session: Any, context: Context, sitting: Sitting, room_id: UUID, count: int, now: Any
) -> dict[str, str]:
    numbers = {}
    for seat in range(1, count + 1):
        number = make_identity_number(date(1960 + sitting.number % 40, 5, 1), sequence=seat)
        candidate = Candidate(
            id=new_id(),
            name=f"考生{seat}",
            identity_sealed=context.keyring.encrypt_identity(number),
            identity_index=context.keyring.identity_index(number),
            created_at=now,
        )
        ticket = f"T{sitting.number:05d}{seat:04d}"
        session.add(candidate)
        await session.flush()
        session.add(
            Entry(
                sitting_id=sitting.id,
                id=new_id(),
                candidate_id=candidate.id,
                ticket_number=ticket,
                room_id=room_id,
                seat_number=seat,
                created_at=now,
            )
        )
        numbers[ticket] = number
    await session.flush()
    return numbers


async def log_in(http: httpx.AsyncClient, who: Seated, device: str = "pc-1") -> dict[str, str]:
    """Headers of a logged-in candidate."""
    answer = await http.post("/api/v1/exam/login", json=who.login(device))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def begin(http: httpx.AsyncClient, who: Seated, device: str = "pc-1") -> dict[str, str]:
    """Headers of a candidate who has started."""
    headers = await log_in(http, who, device)
    answer = await http.post("/api/v1/exam/start", headers=headers)
    assert answer.status_code == 200, answer.text
    return headers


async def right_answers(hall: Hall, who: Seated) -> dict[int, str]:
    """The keys in the letters that this candidate sees."""
    async with hall.context.database.transaction() as session:
        frozen = await session.get_one(AttemptPaper, (hall.sitting_id, who.attempt_id))
    items = hall.paper.by_position
    return {
        number: as_seen(items[placement.position].key, placement.option_order)
        for number, placement in enumerate(Layout.from_json(frozen.layout).placements, start=1)
    }


def changes(answers: dict[int, str], first: int = 1) -> dict[str, object]:
    """The body that saves these answers, with sequences from `first` on."""
    return {
        "responses": [
            {"number": number, "answer": answer, "sequence": first + index, "client_time": "2027-03-06T01:00:00Z"}
            for index, (number, answer) in enumerate(answers.items())
        ]
    }
