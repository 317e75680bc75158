"""The transition tables over HTTP: any commands in any order against a model of its own, and every pair once.

What the tables do not list is refused with 409 and changes no row.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.context import Context
from app.core.tokens import CandidateClaims, StaffClaims, issue_candidate_token, issue_staff_token
from app.domain.actors import Actor
from app.services.sweeper import sweep
from tests import transition_model as model
from tests.clones import Clone, clone, retire
from tests.conftest import FixedClock
from tests.halls import Hall, open_hall
from tests.transition_model import LEASED, MOVES, NO_MOVES, STATES, UNFINISHED, Refused, Seat

T = TypeVar("T")
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
    "terminate": ("terminate", "terminate", {"reason": "candidate.collusion"}),
    "withdraw": ("withdraw-termination", "withdraw_termination", {}),
    "reverse_absence": ("reverse-absence", "reverse_absence", REASON),
    "reopen": ("reopen", "reopen", GRANT),
}
"""Command of the model -> the route for one, the command for a set, the body."""
CHIEFS = ["terminate", "reverse_absence", "reopen"]
PROCTORS = sorted(set(CALLS) - {"reverse_absence", "reopen"})
PHASES = ["preparing", "check_in", "running", "running", "running", "running"]
ROWS = text("""
SELECT a.state, a.lease_epoch, a.deadline_at, md5(to_jsonb(a)::text) AS digest,
    (SELECT count(*) FROM audit_event e WHERE e.sitting_id = :sitting) AS events,
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


@pytest_asyncio.fixture
async def site(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> AsyncIterator[Site]:
    hall = await open_hall(
        context,
        candidates=SEATS,
        started=False,
        duration_minutes=model.DURATION,
        late_entry_minutes=model.LATE_ENTRY,
        earliest_submission_minutes=model.EARLIEST,
    )
    async with context.database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        yield Site(http, context, autocommit, clock, hall)


@dataclass(frozen=True)
class Step:
    """`who`: the number of a seat, None for everyone or the room. `how`: the device, the minutes, alone or in a set."""

    kind: str
    who: int | None = None
    command: str = ""
    by: str = ""
    how: Any = None


def _steps() -> Iterator[Step]:
    """The rare ones first, which are drawn most."""
    yield Step("sweep")
    yield from (Step("lead", None, command) for command in reversed(model.ROOM_MOVES))
    yield from (Step("wait", how=minutes) for minutes in (20, 45, 7, 1))
    yield from (Step("sit", who, command) for command in ("submit", "start") for who in range(SEATS))
    for who in range(SEATS):
        for how in ("alone", "in a set"):
            yield from (Step("give", who, command, "chief", how) for command in CHIEFS)
            yield from (Step("give", who, command, "proctor", how) for command in reversed(PROCTORS))
        yield Step("void", who)
    yield from (Step("give_everyone", None, command, "proctor") for command in reversed(PROCTORS))
    yield from (Step("log_in", who, how=device) for device in ("pc-1", "pc-2") for who in range(SEATS))


STEPS = list(_steps())


def foresee(before: model.Hall, step: Step) -> tuple[model.Hall, list[str]]:
    """The hall after the step, and the codes that it is refused with, "" where it is done: one for each attempt."""
    after, codes = before, []
    for who in range(SEATS) if step.kind == "give_everyone" else [step.who]:
        trial = after.copy()
        try:
            _foresee(trial, step, None if who is None else trial.seats[who])
        except Refused as refused:
            codes.append(refused.code)
        else:
            codes.append("")
            after = trial
    return after, codes


def _foresee(hall: model.Hall, step: Step, seat: Seat | None) -> None:
    match step:
        case Step("wait"):
            hall.now += step.how
        case Step("sweep"):
            hall.sweep()
        case Step("lead"):
            hall.lead(step.command)
        case Step("log_in"):
            assert seat is not None
            hall.log_in(seat, step.how)
        case Step("sit"):
            getattr(hall, step.command)(seat)
        case Step("void"):
            assert seat is not None
            hall.void(seat, "officer")
        case _:
            getattr(hall, step.command)(seat, step.by)


class ExamDay(RuleBasedStateMachine):
    """What the model refuses is refused with the same code and changes no row; what it does is what is stored."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.site = site
        self.loop = loop

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(call, self.loop).result(timeout=60)

    @initialize(room=st.sampled_from(PHASES), now=st.sampled_from([-5, 0, 0, 12, 25]), data=st.data())
    def open(self, room: str, now: int, data: st.DataObject) -> None:
        """With a room that runs, most write; later on some have handed in and some are absent."""
        states = {"preparing": ["registered"], "check_in": ["registered", "checked_in", "ready"]}.get(
            room,
            [*["in_progress"] * (4 if now >= 0 else 0), "ready", "checked_in", "registered"]
            + ["collected", "absent"] * (now > 0),
        )
        chosen = [data.draw(st.sampled_from(states)) for _ in range(SEATS)]
        begun = ["in_progress" if state == "collected" else state for state in chosen]
        seats = [Seat(state, 1, "pc-1", 1) if state in LEASED else Seat(state) for state in begun]
        self.model = model.Hall(room, seats, min(now, 0))
        self.site.set_clock(self.model.now)
        self.exam = self.run(self.site.open(room, seats))
        self.rows = self.run(self.exam.rows())
        for who in [who for who, state in enumerate(chosen) if state == "collected"]:
            self.take(Step("give", who, "collect", "proctor", "alone"))
        self.take(Step("wait", how=now - self.model.now))

    def teardown(self) -> None:
        if hasattr(self, "exam"):
            self.run(retire(self.site.connection, self.exam.made))

    @rule(data=st.data())
    def something_listed(self, data: st.DataObject) -> None:
        steps = [step for step in self.possible() if foresee(self.model, step)[0] != self.model]
        command = data.draw(st.sampled_from(list(dict.fromkeys((step.kind, step.command) for step in steps))))
        self.take(data.draw(st.sampled_from([step for step in steps if (step.kind, step.command) == command])))

    @rule(data=st.data())
    def something_else_listed(self, data: st.DataObject) -> None:
        """Twice as often as anything."""
        self.something_listed(data)

    @rule(data=st.data())
    def anything(self, data: st.DataObject) -> None:
        self.take(data.draw(st.sampled_from(self.possible())))

    def possible(self) -> list[Step]:
        """Nobody sits without a token."""
        without = {who for who, seat in enumerate(self.model.seats) if seat.token is None}
        return [step for step in STEPS if step.kind != "sit" or step.who not in without]

    def take(self, step: Step) -> None:
        after, expected = foresee(self.model, step)
        codes = self.run(self.give(step))
        assert codes == expected, step
        before, self.model, self.rows = self.rows, after, self.run(self.exam.rows())
        for row, was, code in zip(self.rows, before, expected if len(expected) == SEATS else [], strict=False):
            assert not code or row.digest == was.digest, "refused to one of all"
        if all(expected):
            assert [row.digest for row in self.rows] == [row.digest for row in before], "a refusal changes no row"
        if step.kind in ("give", "give_everyone", "void"):
            assert self.rows[0].events - before[0].events == expected.count(""), "one audit event each"
        elif all(expected) and step.kind != "log_in":
            assert self.rows == before, "a refusal is no event"
        self.compare()

    async def give(self, step: Step) -> list[str]:
        match step:
            case Step("wait"):
                self.site.set_clock(self.model.now + step.how)
                return [""]
            case Step("sweep"):
                await sweep(self.site.context)
                return [""]
            case Step("lead", _, command):
                return [await self.exam.lead(command)]
            case Step("log_in", int(who)):
                return [await self.exam.log_in(who, step.how)]
            case Step("sit", int(who), command):
                return [await self.exam.sit(who, command, self.model.seats[who].token or 0)]
            case Step("void", int(who)):
                return [await self.exam.void(who)]
            case Step("give", int(who), command, by, "alone"):
                return [await self.exam.give(who, command, by)]
            case Step(_, who, command, by):
                return await self.exam.give_set(None if who is None else [who], command, by)

    def compare(self) -> None:
        """What is stored with the model."""
        for seat, row in zip(self.model.seats, self.rows, strict=True):
            assert (row.state, row.lease_epoch, row.room) == (seat.state, seat.epoch, self.model.room)
            if seat.state in UNFINISHED:
                stands = seat.paused is not None
                assert row.deadline_at == (None if stands else START + seat.deadline * MINUTE)


async def test_any_commands_in_any_order_keep_to_the_tables(site: Site) -> None:
    loop = asyncio.get_running_loop()

    class Here(ExamDay):
        def __init__(self) -> None:
            super().__init__(site, loop)

    configured = settings(
        max_examples=500,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Here, settings=configured)


LISTED = {
    **{command: sources for command, (sources, _) in MOVES.items()},
    **NO_MOVES,
    "interrupt_and_stop": MOVES["interrupt"][0],
    "resume_elsewhere": MOVES["resume"][0],
}
ANSWERED_AGAIN = {
    ("start", "in_progress"): "",
    ("submit", "submitted"): "not_submitted",
    **{("log_in", state): "" for state in STATES},
    ("log_in", "registered"): "not_checked_in",
}
"""What a candidate may repeat, and the answer: it changes nothing. (A copied attempt has no receipt to answer with.)"""


@pytest.mark.parametrize("state", sorted(STATES))
async def test_every_command_in_every_state(site: Site, state: str) -> None:
    """In a running room, with a termination proposed: what is listed is done, the rest refused, alone and in a set."""
    site.set_clock(12)
    proposed = {"termination_proposed_by": str(site.hall.proctors[1].id)}
    for command, sources in LISTED.items():
        for alone in (True, False) if command in CALLS else (True,):
            seat = Seat(state, 1, "pc-1", 1, ended=5 if state in ("submitted", "terminated", "voided") else None)
            exam = await site.open("running", [seat, Seat()], **proposed)
            before = await exam.rows()
            if command == "log_in":
                code = await exam.log_in(0, "pc-1")
            elif command in ("start", "submit"):
                code = await exam.sit(0, command, 1)
            elif command == "void":
                code = await exam.void(0)
            elif alone:
                code = await exam.give(0, command, "chief")
            else:
                (code,) = await exam.give_set([0], command, "chief")
            after = await exam.rows()
            if state in sources:
                target = MOVES.get(command.removesuffix("_and_stop").removesuffix("_elsewhere"), ({}, state))[1]
                assert (code, after[0].state) == ("", target), command
                assert after[0].events == before[0].events + 1
            elif (command, state) in ANSWERED_AGAIN:
                assert code == ANSWERED_AGAIN[command, state], command
                assert after[0].digest == before[0].digest
            else:
                assert code == "invalid_transition", command
                assert after == before
            assert after[1].digest == before[1].digest, "the neighbour"
            await retire(site.connection, exam.made)
