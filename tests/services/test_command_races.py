"""Contradictory and repeated commands at once on the real PostgreSQL: one outcome, one audit event each.

Each test races several attempts or halls, each in an order of its own.
"""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.context import Context
from app.core.database import Database
from app.core.permissions import Role
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, add_staff, begin, log_in, open_hall
from tests.proctors import ATTEMPTS, CONFIRMED, GRANT, MISCONDUCT, REASON, RUNS_ON, STOPS, give, lead
from tests.races import Call, all_begun, events_of, race, sweeper_at
from tests.rows import sql

Two = tuple[httpx.AsyncClient, httpx.AsyncClient]
CANDIDATES = 12
HALLS = 4


def giving(http: httpx.AsyncClient, headers: dict[str, str], who: Seated, command: str, body: Any = None) -> Call:
    return lambda: http.post(f"{ATTEMPTS}/{who.attempt_id}/{command}", headers=headers, json=body)


def leading(http: httpx.AsyncClient, hall: Hall, command: str, body: Any = None) -> Call:
    return lambda: http.post(f"/api/v1/proctor/rooms/{hall.room_id}/{command}", headers=hall.proctor, json=body)


def setting_all(http: httpx.AsyncClient, hall: Hall, command: str, of: list[Seated], **body: Any) -> Call:
    ids = [str(who.attempt_id) for who in of]
    return leading(http, hall, "commands", {"command": command, "attempts": ids, **body})


async def codes(seed: int, *calls: Call) -> list[str]:
    """All calls at once; the code of each refusal, "" of what was done."""
    answers = await race(seed, *calls)
    return [
        "" if answer.is_success else answer.json()["code"] for answer in answers if isinstance(answer, httpx.Response)
    ]


async def second_chief(context: Context, hall: Hall) -> dict[str, str]:
    return hall.headers(await add_staff(context, Role.chief))


async def once(context: Context, hall: Hall, action: str) -> bool:
    events = await events_of(context, action)
    return {events[who.attempt_id] for who in hall.seated} == {1}


async def test_a_grant_races_the_sweeper(two: Two, context: Context, clock: FixedClock, database_url: str) -> None:
    """The grant comes at the last moment of grace, the sweeper just after it: time is given, or it is up."""
    hall = await open_hall(context, candidates=CANDIDATES)
    await all_begun(two[0], hall)
    deadline = clock.advance(timedelta(minutes=90))
    clock.advance(timedelta(seconds=10))
    sweeper = sweeper_at(context, Database(database_url), clock.fixed)
    grants = [giving(two[index % 2], hall.proctor, who, "grants", GRANT) for index, who in enumerate(hall.seated)]
    refused = await codes(3, *grants, *[lambda: sweep(sweeper)] * 4)
    await sweep(sweeper)
    await sweeper.database.dispose()
    grant_events, expire_events = await events_of(context, "attempt.grant"), await events_of(context, "attempt.expire")
    for who, code in zip(hall.seated, refused, strict=True):
        attempt = await hall.attempt(who)
        if code:
            assert code == "invalid_transition"
            assert (attempt.state, attempt.submitted_at) == ("submitted", deadline)
        else:
            assert (attempt.state, attempt.deadline_at) == ("in_progress", deadline + timedelta(minutes=10))
        assert (grant_events[who.attempt_id], expire_events[who.attempt_id]) == ((0, 1) if code else (1, 0))
    assert len(await sql(context, "SELECT 1 FROM time_grant")) == refused.count("")


async def test_an_interruption_races_the_hand_in(two: Two, context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, (who, token) in enumerate(await all_begun(two[0], hall)):

        def hand_in(token: dict[str, str] = token, http: httpx.AsyncClient = two[seed % 2]) -> Any:
            return http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})

        interrupted, submitted = await codes(seed, giving(two[1], hall.proctor, who, "interrupt", STOPS), hand_in)
        assert sorted([interrupted, submitted]) == ["", "invalid_transition"]
        state = (await hall.attempt(who)).state
        assert state == ("submitted" if interrupted else "interrupted")
    paused = {who.attempt_id for who in hall.seated if (await hall.attempt(who)).state == "interrupted"}
    open_ones = await sql(context, "SELECT attempt_id FROM interruption WHERE ended_at IS NULL")
    assert {row.attempt_id for row in open_ones} == paused
    events = await events_of(context, "attempt.interrupt") + await events_of(context, "attempt.submit")
    assert {events[who.attempt_id] for who in hall.seated} == {1}


async def test_a_suspension_races_the_starts(two: Two, context: Context) -> None:
    """Nobody writes in a suspended room, whoever was first."""
    for seed in range(HALLS):
        hall = await open_hall(context, candidates=5)
        tokens = [await log_in(two[0], who) for who in hall.seated]

        def start(token: dict[str, str], http: httpx.AsyncClient) -> Call:
            return lambda: http.post("/api/v1/exam/start", headers=token)

        starts = [start(token, two[index % 2]) for index, token in enumerate(tokens)]
        *started, suspended = await codes(seed, *starts, leading(two[1], hall, "suspend", REASON))
        assert suspended == ""
        for who, code in zip(hall.seated, started, strict=True):
            attempt = await hall.attempt(who)
            assert (code, attempt.state) in [("", "interrupted"), ("room_not_open", "ready")]
            assert attempt.clock_stopped == (code == "")
        await lead(two[0], hall, "resume")
        assert {(await hall.attempt(who)).state for who in hall.seated} <= {"in_progress", "ready"}


async def test_two_chiefs_confirm_a_termination(two: Two, context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    other = await second_chief(context, hall)
    await all_begun(two[0], hall)
    for seed, who in enumerate(hall.seated):
        await give(two[0], hall.proctor, who, "terminate", MISCONDUCT)
        chiefs = zip(two, (hall.chief, other), strict=True)
        refused = await codes(seed, *(giving(http, chief, who, "terminate", CONFIRMED) for http, chief in chiefs))
        assert sorted(refused) == ["", "invalid_transition"]
    assert await once(context, hall, "attempt.terminate")


async def test_a_confirmation_races_its_withdrawal(two: Two, context: Context) -> None:
    """Terminated, or withdrawn: what was withdrawn is never confirmed."""
    hall = await open_hall(context, candidates=CANDIDATES)
    await all_begun(two[0], hall)
    for seed, who in enumerate(hall.seated):
        await give(two[0], hall.proctor, who, "terminate", MISCONDUCT)
        confirmed, withdrawn = await codes(
            seed,
            giving(two[0], hall.chief, who, "terminate", CONFIRMED),
            giving(two[1], hall.proctor, who, "withdraw-termination"),
        )
        attempt = await hall.attempt(who)
        assert (confirmed, withdrawn, attempt.state) in {
            ("", "invalid_transition", "terminated"),
            ("termination_not_proposed", "", "in_progress"),
        }


async def test_two_who_propose_at_once_terminate_nobody(two: Two, context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    await all_begun(two[0], hall)
    for seed, who in enumerate(hall.seated):
        people = zip(two, (hall.proctor, hall.chief), strict=True)
        refused = await codes(seed, *(giving(http, person, who, "terminate", MISCONDUCT) for http, person in people))
        assert sorted(refused) == ["", "termination_already_proposed"]
        assert (await hall.attempt(who)).state == "in_progress"


async def test_two_chiefs_reopen_a_paper(two: Two, context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    other = await second_chief(context, hall)
    await all_begun(two[0], hall)
    for seed, who in enumerate(hall.seated):
        await give(two[0], hall.proctor, who, "submit", REASON)
        chiefs = zip(two, (hall.chief, other), strict=True)
        refused = await codes(seed, *(giving(http, chief, who, "reopen", GRANT) for http, chief in chiefs))
        assert sorted(refused) == ["", "invalid_transition"]
        assert (await hall.attempt(who)).granted == timedelta(minutes=10)
    assert await once(context, hall, "attempt.reopen")


async def test_two_chiefs_correct_an_interruption_either_way(two: Two, context: Context, clock: FixedClock) -> None:
    """The last word counts, and what was stopped is what it says."""
    hall = await open_hall(context, candidates=CANDIDATES)
    other = await second_chief(context, hall)
    await all_begun(two[0], hall)
    for who in hall.seated:
        await give(two[0], hall.proctor, who, "interrupt", RUNS_ON)
    now = clock.advance(timedelta(minutes=7))
    for who in hall.seated:
        await give(two[0], hall.proctor, who, "resume")
    for seed, who in enumerate(hall.seated):
        stopped, ran = {"stops_clock": True} | STOPS, {"stops_clock": False} | RUNS_ON
        calls = [
            giving(two[0], hall.chief, who, "correct-interruption", stopped),
            giving(two[1], other, who, "correct-interruption", ran),
            giving(two[1], other, who, "correct-interruption", stopped),
        ]
        assert await codes(seed, *calls) == [""] * 3
        (row,) = await sql(context, "SELECT * FROM interruption WHERE attempt_id = :id", id=who.attempt_id)
        attempt = await hall.attempt(who)
        assert attempt.stopped == timedelta(minutes=7 if row.stops_clock else 0)
        assert attempt.deadline_at == now + timedelta(minutes=83) + attempt.stopped


async def test_a_resumption_races_the_rooms(two: Two, context: Context, clock: FixedClock) -> None:
    for seed in range(HALLS):
        hall = await open_hall(context, candidates=4)
        await all_begun(two[0], hall)
        await lead(two[0], hall, "suspend", REASON)
        clock.advance(timedelta(minutes=5))
        singles = [giving(two[index % 2], hall.proctor, who, "resume") for index, who in enumerate(hall.seated)]
        *alone, first, second = await codes(seed, *singles, *(leading(http, hall, "resume") for http in two))
        assert sorted([first, second]) == ["", "invalid_transition"]
        assert set(alone) <= {"room_not_open", "invalid_transition"}
        assert await once(context, hall, "attempt.resume")
        for who in hall.seated:
            attempt = await hall.attempt(who)
            assert (attempt.state, attempt.stopped) == ("in_progress", timedelta(minutes=5))
    assert await sql(context, "SELECT 1 FROM interruption WHERE ended_at IS NULL") == []


@pytest.mark.parametrize("whole", [False, True])
async def test_one_key_from_two_connections_is_one_command(two: Two, context: Context, whole: bool) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    await all_begun(two[0], hall)
    for seed, who in enumerate(hall.seated[:10]):
        keyed = hall.proctor | {"Idempotency-Key": f"the-same-key-{seed}"}
        path, body = f"{ATTEMPTS}/{who.attempt_id}/grants", dict(GRANT)
        if whole:
            path = f"/api/v1/proctor/rooms/{hall.room_id}/commands"
            body |= {"command": "grant", "attempts": [str(who.attempt_id)]}

        def call(http: httpx.AsyncClient, path: str = path, body: Any = body, headers: Any = keyed) -> Call:
            return lambda: http.post(path, headers=headers, json=body)

        answers = await race(seed, *(call(http) for http in (*two, *two)))
        assert len({answer.text for answer in answers if isinstance(answer, httpx.Response)}) == 1
        assert (await hall.attempt(who)).granted == timedelta(minutes=10)
    assert set((await events_of(context, "attempt.grant")).values()) == {1}


async def test_sets_race_single_commands_and_the_room_without_a_deadlock(two: Two, context: Context) -> None:
    """Two sets in opposite orders, a command on each, and a suspension: each attempt is interrupted once."""
    for seed in range(HALLS):
        hall = await open_hall(context, candidates=8)
        await all_begun(two[0], hall)
        refused = await codes(
            seed,
            setting_all(two[0], hall, "interrupt", hall.seated, **STOPS),
            setting_all(two[1], hall, "interrupt", hall.seated[::-1], **STOPS),
            leading(two[seed % 2], hall, "suspend", REASON),
            *(giving(two[index % 2], hall.proctor, who, "interrupt", STOPS) for index, who in enumerate(hall.seated)),
        )
        assert set(refused) <= {"", "invalid_transition"}, "no 503"
        assert await once(context, hall, "attempt.interrupt")
        assert {(await hall.attempt(who)).state for who in hall.seated} == {"interrupted"}
    rows = await sql(context, "SELECT attempt_id FROM interruption")
    assert set(Counter[UUID](row.attempt_id for row in rows).values()) == {1}


async def test_a_set_races_saves_and_hand_ins(two: Two, context: Context) -> None:
    """Collected or handed in, each paper once, with one receipt."""
    for seed in range(HALLS):
        hall = await open_hall(context, candidates=6)
        tokens = {who: await begin(two[0], who) for who in hall.seated}

        def hand_in(token: dict[str, str], http: httpx.AsyncClient) -> Call:
            return lambda: http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})

        calls = [hand_in(token, two[index % 2]) for index, token in enumerate(tokens.values())]
        refused = await codes(seed, *calls, setting_all(two[1], hall, "submit", hall.seated, **REASON))
        assert set(refused) == {""}, "handed in again, the same receipt"
        by = Counter([(await hall.attempt(who)).submitted_by for who in hall.seated])
        events = await events_of(context, "attempt.submit") + await events_of(context, "attempt.collect")
        assert {events[who.attempt_id] for who in hall.seated} == {1}
        assert sum(by.values()) == 6
    receipts = await sql(context, "SELECT attempt_id FROM receipt")
    assert set(Counter[UUID](row.attempt_id for row in receipts).values()) == {1}
