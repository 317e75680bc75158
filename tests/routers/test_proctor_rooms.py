"""Proctors' commands for a whole room over HTTP: what each does, and that a refused one changes no row."""

from datetime import timedelta

import httpx

from app.core.context import Context
from app.domain.states import ROOM_MOVES, RoomCommand, RoomState
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import begin, log_in, open_hall
from tests.proctors import ATTEMPTS, GRANT, REASON, RUNS_ON, STOPS, code_of, give, lead, left, save
from tests.rows import rows_of, sql


async def test_a_room_command_in_a_wrong_state_is_refused_and_changes_no_row(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context, started=False)
    for state in RoomState:
        await sql(context, "UPDATE room SET state = :state WHERE id = :id", state=state.value, id=hall.room_id)
        before = await rows_of(context)
        for command in RoomCommand:
            if state in ROOM_MOVES[command].sources:
                continue
            path = f"/api/v1/proctor/rooms/{hall.room_id}/{command.value.replace('_', '-')}"
            body = REASON if command is RoomCommand.suspend else None
            answer = await http.post(path, headers=hall.proctor, json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition"), (state, command)
            assert (answer.json()["state"], answer.json()["command"]) == (state, command)
        assert await rows_of(context) == before, state


async def test_a_room_opens_only_with_the_proctors_that_the_standard_asks(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context, started=False)
    room = f"/api/v1/proctor/rooms/{hall.room_id}"
    for command in ("check-in", "start"):
        before = await rows_of(context)
        await sql(context, "DELETE FROM room_proctor WHERE staff_id <> :id", id=hall.proctors[0].id)
        answer = await http.post(f"{room}/{command}", headers=hall.proctor)
        assert (answer.status_code, answer.json()["code"], answer.json()["clause"]) == (
            409,
            "staffing_too_low",
            "1.9.3",
        )
        for actor in hall.proctors[1:-1]:
            values = {"sitting": hall.sitting_id, "staff": actor.id, "room": hall.room_id}
            await sql(context, "INSERT INTO room_proctor VALUES (:sitting, :staff, :room)", **values)
        assert await rows_of(context) == before
        await lead(http, hall, command)


async def test_a_suspended_room_gives_everyone_back_what_it_took(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """Four candidates: writing; interrupted with the clock running; interrupted with it stopped; not started yet."""
    hall = await open_hall(context, candidates=4)
    writing, unwell, broken, late = hall.seated
    tokens = {who: await begin(http, who) for who in (writing, unwell, broken)}
    tokens[late] = await log_in(http, late)
    clock.advance(timedelta(minutes=10))
    await give(http, hall.proctor, unwell, "interrupt", RUNS_ON)
    await give(http, hall.proctor, broken, "interrupt", STOPS)
    clock.advance(timedelta(minutes=5))
    assert await left(http, tokens[unwell]) == 75 * 60
    assert await left(http, tokens[broken]) is None

    assert await lead(http, hall, "suspend", {"reason": "environment.power"}) == "suspended"
    assert [(await hall.attempt(who)).state for who in hall.seated] == ["interrupted"] * 3 + ["ready"]
    assert [await left(http, token) for token in tokens.values()] == [None] * 4
    assert await save(http, tokens[writing], 1, "A", 1) == "rejected"
    clock.advance(timedelta(minutes=20))
    assert await lead(http, hall, "resume") == "running"

    assert [(await hall.attempt(who)).state for who in hall.seated] == [
        "in_progress",
        "interrupted",
        "interrupted",
        "ready",
    ]
    assert await left(http, tokens[writing]) == 75 * 60
    assert await left(http, tokens[unwell]) == 75 * 60, "runs on from where the suspension stopped it"
    assert await left(http, tokens[broken]) is None, "still stopped for a reason of its own"
    clock.advance(timedelta(minutes=5))
    for who in (unwell, broken):
        await give(http, hall.proctor, who, "resume")
    assert await left(http, tokens[unwell]) == 70 * 60
    assert await left(http, tokens[broken]) == 80 * 60, "stopped from its interruption to its end"
    assert (await http.post("/api/v1/exam/start", headers=tokens[late])).status_code == 200
    assert await left(http, tokens[late]) == 70 * 60
    assert await save(http, tokens[writing], 1, "A", 1) == "saved"


async def test_a_room_closes_when_nobody_writes_and_is_sealed_by_two(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    room = f"/api/v1/proctor/rooms/{hall.room_id}"
    await begin(http, who)
    assert await code_of(http, hall.proctor, f"{room}/close") == "attempts_unfinished"
    await give(http, hall.proctor, who, "submit", REASON)
    assert await code_of(http, hall.proctor, f"{room}/close") == "attempts_unfinished", "one may still start"
    clock.advance(timedelta(minutes=30))
    await sweep(context)
    assert await lead(http, hall, "close") == "closed"
    assert await code_of(http, hall.chief, f"{ATTEMPTS}/{who.attempt_id}/reopen", GRANT) == "room_not_open"
    assert [await lead(http, hall, "seal") for _ in range(2)] == ["closed", "closed"], "the same person twice"
    other = await http.post(f"{room}/seal", headers=hall.headers(hall.proctors[1]))
    assert other.json()["state"] == "sealed"
    assert len(await sql(context, "SELECT 1 FROM room_seal")) == 2
