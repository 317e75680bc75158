"""The transition tables over HTTP: any commands in any order against a model of its own, and every pair once.

What the tables do not list is refused with 409 and changes no row.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.core.context import Context
from app.services.sweeper import sweep
from tests import transition_model as model
from tests.clones import retire
from tests.conftest import FixedClock
from tests.exam_days import CALLS, CHIEFS, MINUTE, PHASES, PROCTORS, SEATS, START, Site
from tests.halls import open_hall
from tests.transition_model import LEASED, MOVES, NO_MOVES, STATES, UNFINISHED, Refused, Seat

T = TypeVar("T")


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
    "propose": frozenset(),
}
ANSWERED_AGAIN = {
    ("start", "in_progress"): "",
    ("submit", "submitted"): "not_submitted",
    **{("log_in", state): "" for state in STATES},
    ("log_in", "registered"): "not_checked_in",
    **{("propose", state): "termination_already_proposed" for state in UNFINISHED},
}
"""What may be said again, and the answer: it changes nothing. (A copied attempt has no receipt to answer with.)"""


@pytest.mark.parametrize("state", sorted(STATES))
async def test_every_command_in_every_state(site: Site, state: str) -> None:
    """In a running room, with a termination proposed: what is listed is done, the rest refused, alone and in a set."""
    site.set_clock(12)
    proposed = {"termination_proposed_by": str(site.hall.proctors[1].id), "termination_proposals": 1}
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
