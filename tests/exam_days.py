"""Exam days in copied halls, commanded over HTTP; each command answers the code of its refusal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.context import Context
from app.core.tokens import CandidateClaims, StaffClaims, issue_candidate_token, issue_staff_token
from app.domain.actors import Actor
from tests import transition_model as model
from tests.clones import Clone, clone
from tests.conftest import FixedClock
from tests.halls import Hall
from tests.transition_model import UNFINISHED, Seat

START = datetime.fromisoformat("2027-03-06T01:00:00Z")
MINUTE = timedelta(minutes=1)
SEATS = 2

REASON, GRANT = {"reason": "other"}, {"reason": "other", "extra_seconds": model.GRANT * 60}
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "check_in": ("check-in", "check_in", {}),
    "release": ("release", "release", REASON),
    "interrupt": ("interrupt", "interrupt", REASON),
    "interrupt_and_stop": ("interrupt", "interrupt", {"reason": "technical.device"}),
    "resume": ("resume", "resume", {}),
    "resume_elsewhere": ("resume", "resume", {"release_device": True}),
    "grant": ("grants", "grant", GRANT),
    "collect": ("submit", "submit", REASON),
    "propose": ("terminate", "terminate", {"reason": "candidate.collusion"}),
    "terminate": ("terminate", "terminate", {"reason": "candidate.collusion", "confirms": 1}),
    "withdraw": ("withdraw-termination", "withdraw_termination", {}),
    "reverse_absence": ("reverse-absence", "reverse_absence", REASON),
    "reopen": ("reopen", "reopen", GRANT),
}
"""Command of the model -> the route for one, the command for a set, the body."""
CHIEFS = ["propose", "terminate", "reverse_absence", "reopen"]
PROCTORS = sorted(set(CALLS) - {"reverse_absence", "reopen"})
PHASES = ["preparing", "check_in", "running", "running", "running", "running"]
ROWS = text("""
SELECT a.state, a.lease_epoch, a.deadline_at, md5(to_jsonb(a)::text) AS digest,
    (
        SELECT count(*) FROM audit_event e WHERE e.sitting_id = :sitting AND e.action <> 'result.grade'
    ) AS events,
    (SELECT state FROM room WHERE id = :room) AS room
FROM attempt a
WHERE a.sitting_id = :sitting
ORDER BY a.id
""")


class Site:
    """The application, and halls on demand; `connection` is in autocommit."""

    def __init__(
        self, http: httpx.AsyncClient, context: Context, connection: AsyncConnection, clock: FixedClock, hall: Hall
    ) -> None:
        self.http = http
        self.context = context
        self.connection = connection
        self.clock = clock
        self.hall = hall
        self.numbers = count(1000)
        self.staff = {
            "proctor": self._headers(hall.proctors[0]),
            "chief": self._headers(hall.proctors[-1]),
            "officer": self._headers(hall.officer),
        }

    def _headers(self, actor: Actor) -> dict[str, str]:
        key, expires_at = self.context.keyring.token_key, START + timedelta(days=30)
        return {"Authorization": f"Bearer {issue_staff_token(key, StaffClaims(actor.account(), ()), expires_at)}"}

    def set_clock(self, minute: int) -> None:
        self.clock.fixed = START + minute * MINUTE

    async def open(self, room: str, seats: Sequence[Seat], **fields: Any) -> "Exam":
        rows = [row_of(seat) | fields for seat in seats]
        return Exam(self, await clone(self.connection, self.hall, next(self.numbers), room, rows))


def row_of(seat: Seat) -> dict[str, Any]:
    """The row of an attempt that stands as the seat does."""
    started = seat.state in UNFINISHED | {"submitted", "terminated", "voided"}
    return {
        "state": seat.state,
        "lease_epoch": seat.epoch,
        "lease_device": seat.device,
        "started_at": START if started else None,
        "deadline_at": START + seat.deadline * MINUTE if started else None,
        "submitted_at": None if seat.ended is None else START + seat.ended * MINUTE,
        "interrupted_at": START if seat.state == "interrupted" else None,
    }


class Exam:
    """The commands on one hall, over HTTP; each answers the code of its refusal, "" when it was done."""

    def __init__(self, site: Site, made: Clone) -> None:
        self.site = site
        self.made = made

    async def _post(self, path: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
        return await self.site.http.post(f"/api/v1{path}", headers=headers, json=body)

    async def log_in(self, seat: int, device: str) -> str:
        who = self.site.hall.seated[seat]
        body = who.login(device) | {"ticket_number": f"{who.ticket_number}-{self.made.number}"}
        return code_of(await self._post("/exam/login", {}, body))

    async def sit(self, seat: int, command: str, epoch: int) -> str:
        claims = CandidateClaims(self.made.sitting_id, self.made.attempts[seat], epoch)
        token = issue_candidate_token(self.site.context.keyring.token_key, claims, START + timedelta(days=1))
        body = {"last_sequence": 0} if command == "submit" else None
        return code_of(await self._post(f"/exam/{command}", {"Authorization": f"Bearer {token}"}, body))

    async def give(self, seat: int, command: str, by: str) -> str:
        path, _, body = CALLS[command]
        return code_of(
            await self._post(f"/proctor/attempts/{self.made.attempts[seat]}/{path}", self.site.staff[by], body or None)
        )

    async def give_set(self, seats: Sequence[int] | None, command: str, by: str) -> list[str]:
        _, name, body = CALLS[command]
        ids = None if seats is None else [str(self.made.attempts[seat]) for seat in seats]
        path = f"/proctor/rooms/{self.made.room_id}/commands"
        answer = await self._post(path, self.site.staff[by], {"command": name, "attempts": ids, **body})
        assert answer.status_code == 200, answer.text
        return [outcome["refused"] or "" for outcome in answer.json()["outcomes"]]

    async def void(self, seat: int) -> str:
        path = f"/results/{self.made.attempts[seat]}/void"
        return code_of(await self._post(path, self.site.staff["officer"], {"file_number": "鉴〔2027〕1号"}))

    async def lead(self, command: str) -> str:
        body = REASON if command == "suspend" else None
        return code_of(
            await self._post(f"/proctor/rooms/{self.made.room_id}/{command}", self.site.staff["chief"], body)
        )

    async def rows(self) -> Sequence[Any]:
        values = {"sitting": self.made.sitting_id, "room": self.made.room_id}
        return (await self.site.connection.execute(ROWS, values)).all()


def code_of(answer: httpx.Response) -> str:
    """Of a refusal, which is a 409 or, where a second person is asked for, a 403; "" of success."""
    if answer.is_success:
        return ""
    assert answer.status_code == 409 or answer.json()["code"] == "not_allowed", answer.text
    return str(answer.json()["code"])
