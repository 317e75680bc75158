"""One command for a chosen set or the whole room, over HTTP: each candidate's part is done or refused by itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.core.context import Context
from app.core.ids import new_id
from app.core.permissions import Role
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, add_staff, begin, log_in, open_hall
from tests.proctors import ATTEMPTS, CONFIRMED, MISCONDUCT, REASON, RUNS_ON, code_of, give, lead, save
from tests.rows import rows_of, sql
from tests.statements import counted

NOTHING: Mapping[str, Any] = {}


def path_of(hall: Hall) -> str:
    return f"/api/v1/proctor/rooms/{hall.room_id}/commands"


async def give_all(
    http: httpx.AsyncClient,
    hall: Hall,
    command: str,
    body: Mapping[str, Any] = NOTHING,
    *,
    of: Sequence[Seated] | None = None,
    headers: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The outcomes."""
    ids = None if of is None else [str(who.attempt_id) for who in of]
    json = {"command": command, "attempts": ids, **body}
    answer = await http.post(path_of(hall), headers=headers or hall.proctor, json=json)
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
    return outcomes


def refusals(outcomes: list[dict[str, Any]]) -> list[str | None]:
    assert all(outcome["done"] == (outcome["refused"] is None) for outcome in outcomes)
    return [outcome["refused"] for outcome in outcomes]


async def test_everyone_in_a_room_goes_through_all_commands(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context, candidates=3)
    await sql(context, "UPDATE attempt SET state = 'registered', checked_in_at = NULL")
    done: list[str | None] = [None] * 3
    assert refusals(await give_all(http, hall, "check_in", {"identity": "passport"})) == done
    tokens = [await begin(http, who) for who in hall.seated]
    assert [await save(http, token, 1, "A", 1) for token in tokens] == ["saved"] * 3
    assert refusals(await give_all(http, hall, "interrupt", REASON)) == done
    clock.advance(timedelta(minutes=10))
    resumed = await give_all(http, hall, "resume", {"release_device": True})
    assert {outcome["deadline_at"] for outcome in resumed} == {"2027-03-06T02:40:00Z"}
    tokens = [await log_in(http, who, "pc-2") for who in hall.seated]
    granted = await give_all(http, hall, "grant", {"extra_seconds": 300, **REASON})
    assert {outcome["deadline_at"] for outcome in granted} == {"2027-03-06T02:45:00Z"}
    assert {outcome["deadline_version"] for outcome in granted} == {resumed[0]["deadline_version"] + 1}
    assert refusals(await give_all(http, hall, "terminate", MISCONDUCT)) == done
    assert refusals(await give_all(http, hall, "withdraw_termination")) == done
    collected = await give_all(http, hall, "submit", REASON)
    assert {outcome["state"] for outcome in collected} == {"submitted"}
    for token in tokens:
        assert (await http.get("/api/v1/exam/receipt", headers=token)).json()["payload"]["answered"] == 1
    await sweep(context)
    reopened = await give_all(http, hall, "reopen", {"extra_seconds": 60, **REASON}, headers=hall.chief)
    assert {outcome["state"] for outcome in reopened} == {"in_progress"}
    assert await sql(context, "SELECT 1 FROM result") == []
    assert refusals(await give_all(http, hall, "release", REASON)) == done
    assert refusals(await give_all(http, hall, "terminate", MISCONDUCT)) == done
    assert {
        one["state"]
        for one in await give_all(http, hall, "terminate", {**MISCONDUCT, "confirms": 2}, headers=hall.chief)
    } == {"terminated"}
    assert {row.identity_check for row in await sql(context, "SELECT identity_check FROM attempt")} == {"passport"}


async def test_each_is_done_or_refused_with_its_own_code_and_nothing_is_half_done(
    http: httpx.AsyncClient, context: Context
) -> None:
    """One writes, one is interrupted, one has handed in, one is in another room, one is nobody; one is asked twice."""
    hall, other = await open_hall(context, candidates=4), await open_hall(context)
    writing, paused, ended, left_out = hall.seated
    for who in hall.seated:
        await begin(http, who)
    await give(http, hall.proctor, paused, "interrupt", REASON)
    await give(http, hall.proctor, ended, "submit", REASON)
    nobody = Seated(new_id(), "-", "-")
    asked = [ended, writing, other.seated[0], paused, nobody, writing]
    untouched = [await hall.attempt(who) for who in (paused, ended, left_out)]
    english = hall.proctor | {"Accept-Language": "en"}
    outcomes = await give_all(http, hall, "interrupt", REASON, of=asked, headers=english)
    assert [outcome["attempt_id"] for outcome in outcomes] == [str(who.attempt_id) for who in asked[:-1]]
    assert refusals(outcomes) == ["invalid_transition", None, "not_found", "invalid_transition", "not_found"]
    assert [outcome["state"] for outcome in outcomes] == ["submitted", "interrupted", None, "interrupted", None]
    assert outcomes[0]["detail"] == "interrupt is not possible in the state submitted."
    assert outcomes[1]["detail"] is None
    assert [await hall.attempt(who) for who in (paused, ended, left_out)] == untouched
    assert (await other.attempt(other.seated[0])).state == "checked_in"
    assert len(await sql(context, "SELECT 1 FROM interruption")) == 2
    events = "SELECT 1 FROM audit_event WHERE action = 'attempt.interrupt'"
    assert len(await sql(context, events)) == 2


async def test_all_refused_changes_no_row(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    before = await rows_of(context)
    assert refusals(await give_all(http, hall, "resume")) == ["invalid_transition"] * 2
    assert refusals(await give_all(http, hall, "check_in")) == ["invalid_transition"] * 2
    assert await rows_of(context) == before


async def test_a_set_repeated_with_its_key_is_done_once(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    headers = hall.proctor | {"Idempotency-Key": "grant-to-all-1"}
    first, second = [
        await give_all(http, hall, "grant", {"extra_seconds": 60, **REASON}, headers=headers) for _ in range(2)
    ]
    assert first == second
    assert len(await sql(context, "SELECT 1 FROM time_grant")) == 2
    other = {"command": "grant", "attempts": None, "extra_seconds": 61, **REASON}
    assert await code_of(http, headers, path_of(hall), other) == "idempotency_key_reused"


async def test_the_rooms_grants_are_the_same_command(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    first, second = hall.seated
    await begin(http, first)
    await begin(http, second)
    await give(http, hall.proctor, second, "submit", REASON)
    grants = f"/api/v1/proctor/rooms/{hall.room_id}/grants"
    answer = await http.post(grants, headers=hall.proctor, json={"extra_seconds": 60, **REASON})
    assert refusals(answer.json()["outcomes"]) == [None, "invalid_transition"]
    assert answer.json()["server_time"] == "2027-03-06T01:00:00Z"


@pytest.mark.parametrize("command", ["reopen", "reverse_absence"])
async def test_a_chiefs_command_is_refused_to_proctors_as_a_whole(
    http: httpx.AsyncClient, context: Context, command: str
) -> None:
    hall = await open_hall(context)
    body = {"command": command, "attempts": None, **REASON} | ({"extra_seconds": 60} if command == "reopen" else {})
    before = await rows_of(context)
    answer = await http.post(path_of(hall), headers=hall.proctor, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert await rows_of(context) == before
    assert (
        refusals((await http.post(path_of(hall), headers=hall.chief, json=body)).json()["outcomes"])
        == ["invalid_transition"] * 2
    )


async def test_a_room_of_others_does_not_exist(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    stranger = hall.headers(await add_staff(context, Role.proctor))
    body = {"command": "check_in", "attempts": [str(hall.seated[0].attempt_id)]}
    assert await code_of(http, stranger, path_of(hall), body) == "not_found"
    alone = f"{ATTEMPTS}/{hall.seated[0].attempt_id}/check-in"
    assert await code_of(http, stranger, alone) == "not_found"


async def test_a_reason_that_does_not_fit_is_refused_with_those_that_do(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    await begin(http, who)
    before = await rows_of(context)
    given = {"command": "terminate", "attempts": None, **REASON}
    for path, body in [(path_of(hall), given), (f"{ATTEMPTS}/{who.attempt_id}/terminate", REASON)]:
        answer = await http.post(path, headers=hall.proctor, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason_not_fitting")
        assert "candidate.impersonation" in answer.json()["fits"]
    suspend = f"/api/v1/proctor/rooms/{hall.room_id}/suspend"
    assert await code_of(http, hall.proctor, suspend, {"reason": "candidate.restroom"}) == "reason_not_fitting"
    assert await rows_of(context) == before


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"command": "check_in"}, "check_in.attempts"),
        ({"command": "check_in", "attempts": []}, "check_in.attempts"),
        ({"command": "void", "attempts": None}, "body"),
        ({"command": "interrupt", "attempts": None}, "interrupt.reason"),
        ({"command": "resume", "attempts": None, "reason": "other"}, "resume.reason"),
    ],
)
async def test_a_set_says_whom_and_what(
    http: httpx.AsyncClient, context: Context, body: dict[str, Any], place: str
) -> None:
    """Nobody commands the whole room by leaving the list out."""
    hall = await open_hall(context)
    answer = await http.post(path_of(hall), headers=hall.proctor, json=body)
    assert answer.status_code == 422
    assert [error["place"] for error in answer.json()["errors"]] == [place]


async def test_a_set_takes_as_many_statements_for_a_large_room(http: httpx.AsyncClient, context: Context) -> None:
    given: list[tuple[str, dict[str, Any]]] = [
        ("interrupt", REASON),
        ("resume", {}),
        ("grant", {"extra_seconds": 9, **REASON}),
    ]
    counts = Counter[str]()
    for candidates in (2, 40):
        hall = await open_hall(context, candidates=candidates)
        await sql(context, "UPDATE attempt SET state = 'in_progress', deadline_at = :at", at=context.clock.host_now())
        for command, body in given:
            with counted(context) as statements:
                assert refusals(await give_all(http, hall, command, body)) == [None] * candidates
            counts[command] += len(statements) * (1 if candidates == 2 else -1)
    assert set(counts.values()) == {0}


async def test_the_taxonomy_of_reasons_is_versioned(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    answer = await http.get("/api/v1/proctor/reasons", headers=hall.proctor)
    taxonomy = answer.json()
    by_code = {reason["code"]: reason for reason in taxonomy["reasons"]}
    assert by_code["environment.fire_drill"]["stops_clock"]
    assert by_code["candidate.restroom"] == {
        "code": "candidate.restroom",
        "category": "candidate",
        "zh": "去洗手间",
        "en": "Restroom",
        "stops_clock": False,
        "commands": ["interrupt"],
    }
    headers = hall.proctor | {"If-None-Match": answer.headers["ETag"]}
    assert (await http.get("/api/v1/proctor/reasons", headers=headers)).status_code == 304
    await lead(http, hall, "suspend", {"reason": "environment.fire_drill"})
    (event,) = await sql(context, "SELECT details FROM audit_event WHERE action = 'room.suspend'")
    assert event.details["taxonomy"] == taxonomy["version"]


async def test_candidates_are_told_what_changes_something_for_them(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """Neither of the check-in nor of a termination that is only proposed; the whole set in one batch."""
    hall = await open_hall(context)
    first, second = hall.seated
    for who in hall.seated:
        await begin(http, who)
    given: list[tuple[str, dict[str, Any]]] = [
        ("interrupt", RUNS_ON),
        ("resume", {}),
        ("grant", {"extra_seconds": 60, **REASON}),
        ("release", REASON),
        ("submit", REASON),
        ("reopen", {"extra_seconds": 60, **REASON}),
    ]
    for command, body in given:
        assert refusals(await give_all(http, hall, command, body, headers=hall.chief)) == [None] * 2
    correction = {"stops_clock": True, "reason": "technical.device"}
    await give(http, hall.chief, first, "correct-interruption", correction)
    await lead(http, hall, "suspend", REASON)
    await lead(http, hall, "resume")
    await give(http, hall.proctor, second, "terminate", MISCONDUCT)
    await give(http, hall.chief, second, "terminate", CONFIRMED)
    query = "SELECT code, details, batch_id FROM message WHERE attempt_id = :id AND kind = 'command' ORDER BY id"
    told = {who: await sql(context, query, id=who.attempt_id) for who in hall.seated}
    common = ["interrupt", "resume", "grant", "release", "submit", "reopen"]
    assert [row.code for row in told[first]] == [*common, "correct_interruption", "suspend", "resume"]
    assert [row.code for row in told[second]] == [*common, "suspend", "resume", "terminate"]
    assert [row.batch_id for row in told[first]][:6] == [row.batch_id for row in told[second]][:6]
    assert told[first][0].details == {"reason": "candidate.illness", "stops_clock": False}
    assert told[first][2].details == {"reason": "technical.device", "seconds": 60}
