"""The demonstration with an exam that is over and published, and one that is going on."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import col, select

from app.core.context import Context
from app.core.permissions import Role
from app.domain.layout import Layout
from app.models.attempt import Attempt, AttemptPaper
from app.services import demonstration, frozen_papers
from app.services.demonstration import Demonstration, Login
from tests.domain.answers import as_seen
from tests.e2e.accounts import PASSWORD, Account
from tests.halls import Seated, changes
from tests.serving import PATIENCE, eventually

ROOM = demonstration.CANDIDATES_PER_ROOM
HEARTBEAT = 8.0
WRITING = 22
"""So many of the room that is going on write; the others are for the tours, or do not come."""
HANDED_IN, STOPPED, RAISED = 3, 7, 11
"""Places among them: who has handed in, whose clock is stopped, whose hand is up."""
MISTAKES = 0.4
"""The most that anybody gets wrong."""


@dataclass
class World:
    """`present` is the sitting that is going on, in whose first room some write; nobody of `waiting` has come yet."""

    http: httpx.AsyncClient
    past: Demonstration
    present: Demonstration
    paper_id: UUID
    item_id: UUID
    waiting: list[Seated]
    graded: list[Seated]

    @property
    def room_id(self) -> UUID:
        return self.present.rooms[0].id

    def account(self, role: Role) -> Account:
        return Account(role.value, PASSWORD)

    async def command(self, role: Role, path: str, body: Any = None) -> Any:
        return await command(self.http, role, path, body)


@asynccontextmanager
async def open_world(context: Context, address: str) -> AsyncIterator[World]:
    """While it is open, whoever writes gives signs of life."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=PATIENCE) as http:
        past = await demonstration.prepare(context, _logins(), None)
        graded = await _seated(context, past)
        await _play_to_the_end(http, context, past, graded)
        present = await demonstration.prepare(context, _logins(), None)
        seated = (await _seated(context, present))[:ROOM]
        writers = [Writer(http, context, who, present.sitting.id) for who in seated[:WRITING]]
        await _write_in(http, present.rooms[0].id, writers)
        papers = (await _ask(http, Role.officer, "/papers?limit=1"))["items"]
        items = (await _ask(http, Role.officer, "/items?limit=1"))["items"]
        beating = asyncio.create_task(_live(writers))
        yield World(http, past, present, papers[0]["id"], items[0]["id"], seated[WRITING:], graded)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


class Writer:
    """A candidate at a client that is not shown."""

    def __init__(self, http: httpx.AsyncClient, context: Context, who: Seated, sitting_id: UUID) -> None:
        self.who = who
        self._http = http
        self._context = context
        self._sitting_id = sitting_id
        self._headers: dict[str, str] = {}

    async def begin(self) -> None:
        login = await _done(self._http.post("/exam/login", json=self.who.login(f"pc-{self.who.ticket_number}")))
        self._headers = {"Authorization": f"Bearer {login['access_token']}"}
        await _done(self._http.post("/exam/start", headers=self._headers))

    async def write(self, share: float, mistakes: float, source: random.Random) -> int:
        """Answers so much of the paper, and gets so much of that wrong; the last sequence."""
        async with self._context.database.transaction() as session:
            frozen = await session.get_one(AttemptPaper, (self._sitting_id, self.who.attempt_id))
            contents = await frozen_papers.contents(session, {frozen.paper_id})
        items = contents[frozen.paper_id].by_position
        placements = Layout.from_json(frozen.layout).placements
        answers = {
            number: "" if source.random() < mistakes else as_seen(items[place.position].key, place.option_order)
            for number, place in enumerate(placements[: round(share * len(placements))], start=1)
        }
        await _done(self._http.put("/exam/responses", headers=self._headers, json=changes(answers)))
        return len(answers)

    async def hand_in(self, last_sequence: int) -> None:
        await _done(self._http.post("/exam/submit", headers=self._headers, json={"last_sequence": last_sequence}))

    async def raise_hand(self) -> None:
        await _done(
            self._http.post("/exam/hand", headers=self._headers, json={"reason": "technical", "note": "鼠标失灵"})
        )

    async def beat(self) -> None:
        await _done(self._http.post("/exam/events", headers=self._headers, json={"events": []}))


def _logins() -> list[Login]:
    names = [(role, role.value) for role in Role] + [(Role.proctor, f"proctor{number}") for number in (2, 3, 4)]
    return [Login(role, name, PASSWORD) for role, name in names]


async def _seated(context: Context, shown: Demonstration) -> list[Seated]:
    """By room and seat."""
    query = select(col(Attempt.entry_id), col(Attempt.id)).where(col(Attempt.sitting_id) == shown.sitting.id)
    async with context.database.transaction() as session:
        attempts = {row.entry_id: row.id for row in await session.execute(query)}
    return [
        Seated(attempts[entry.id], entry.ticket_number, context.keyring.decrypt_identity(candidate.identity_sealed))
        for entry, candidate, _ in shown.candidates
    ]


async def _play_to_the_end(
    http: httpx.AsyncClient, context: Context, past: Demonstration, seated: Sequence[Seated]
) -> None:
    """Everybody sits, some do better than others, and all is published."""
    second, source = past.rooms[1].id, random.Random(1)  # noqa: S311 -- the same each time
    own = [str(who.attempt_id) for who in seated[ROOM:]]
    await command(http, Role.chief, f"/proctor/rooms/{second}/start")
    await command(http, Role.chief, f"/proctor/rooms/{second}/commands", {"command": "check_in", "attempts": own})

    async def sit(who: Seated) -> None:
        writer = Writer(http, context, who, past.sitting.id)
        await writer.begin()
        await writer.hand_in(await writer.write(1, source.random() * MISTAKES, source))

    await asyncio.gather(*(sit(who) for who in seated))
    for room in past.rooms:
        await command(http, Role.chief, f"/proctor/rooms/{room.id}/close")
    await command(http, Role.officer, f"/sittings/{past.sitting.id}/close")

    async def published() -> bool:
        headers = await _headers(http, Role.officer)
        return (await http.post(f"/sittings/{past.sitting.id}/publish", headers=headers)).is_success

    await eventually(published)


async def _write_in(http: httpx.AsyncClient, room_id: UUID, writers: Sequence[Writer]) -> None:
    """Each has come to another place of the paper; one has handed in, one is interrupted, one raises a hand."""
    source = random.Random(2)  # noqa: S311 -- the same each time
    for place, writer in enumerate(writers):
        await writer.begin()
        written = await writer.write(0.3 + 0.6 * source.random(), 0, source)
        if place == HANDED_IN:
            await writer.hand_in(written)
    stopped = {"reason": "technical.device", "note": "主机蓝屏，正在更换"}
    await command(http, Role.proctor, f"/proctor/attempts/{writers[STOPPED].who.attempt_id}/interrupt", stopped)
    incident = {"kind": "device_fault", "note": "主机蓝屏"}
    await command(http, Role.proctor, f"/proctor/attempts/{writers[STOPPED].who.attempt_id}/incidents", incident)
    await command(http, Role.proctor, f"/proctor/rooms/{room_id}/messages", {"body": "请注意答题时间，独立完成作答。"})
    await writers[RAISED].raise_hand()


async def _live(writers: Sequence[Writer]) -> None:
    while True:
        await asyncio.gather(*(writer.beat() for writer in writers))
        await asyncio.sleep(HEARTBEAT)


async def command(http: httpx.AsyncClient, role: Role, path: str, body: Any = None) -> Any:
    return await _done(http.post(path, headers=await _headers(http, role), json=body))


async def _ask(http: httpx.AsyncClient, role: Role, path: str) -> Any:
    return await _done(http.get(path, headers=await _headers(http, role)))


async def _headers(http: httpx.AsyncClient, role: Role) -> dict[str, str]:
    form = {"username": role.value, "password": PASSWORD, "grant_type": "password"}
    return {"Authorization": f"Bearer {(await _done(http.post('/auth/token', data=form)))['access_token']}"}


async def _done(call: Any) -> Any:
    answer = await call
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
