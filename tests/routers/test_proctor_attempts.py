"""Proctors' commands for one candidate over HTTP: what each does, and that a refused one changes no row."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest_asyncio

from app.core.context import Context
from app.domain.states import ATTEMPT_MOVES, LEASED, AttemptCommand, AttemptState
from app.services import attempts
from app.services.sweeper import sweep
from tests.conftest import FixedClock, Login
from tests.halls import Hall, Seated, begin, log_in, open_hall
from tests.proctors import ATTEMPTS, CONFIRMED, GRANT, MISCONDUCT, REASON, STOPS, code_of, give, lead, left, save
from tests.rows import rows_of, sql

CANDIDATES_OR_SYSTEM = {AttemptCommand.mark_absent, AttemptCommand.log_in, AttemptCommand.expire}
"""Attempt commands that nobody gives by a call of their own."""
OVER = {AttemptState.absent, AttemptState.submitted, AttemptState.terminated, AttemptState.voided}
ALLOWED_IN: dict[str, frozenset[AttemptState]] = {
    **{command.value: ATTEMPT_MOVES[command].sources for command in set(AttemptCommand) - CANDIDATES_OR_SYSTEM},
    "release": LEASED,
    "grant": frozenset(AttemptState) - OVER,
    "withdraw": ATTEMPT_MOVES[AttemptCommand.terminate].sources,
    "start": ATTEMPT_MOVES[AttemptCommand.start].sources | {AttemptState.in_progress},
    "submit": ATTEMPT_MOVES[AttemptCommand.submit].sources | {AttemptState.submitted},
}
"""Also what is no move, and the repeats by a candidate that are answered again instead of refused."""


def calls(hall: Hall, who: Seated, candidate: dict[str, str]) -> dict[str, tuple[str, dict[str, str], Any]]:
    """Command -> path, headers of who may give it, body."""
    on, proctor = f"{ATTEMPTS}/{who.attempt_id}", hall.proctor
    return {
        "check_in": (f"{on}/check-in", proctor, None),
        "release": (f"{on}/release", proctor, REASON),
        "interrupt": (f"{on}/interrupt", proctor, REASON),
        "resume": (f"{on}/resume", proctor, None),
        "grant": (f"{on}/grants", proctor, GRANT),
        "collect": (f"{on}/submit", proctor, REASON),
        "terminate": (f"{on}/terminate", hall.chief, CONFIRMED),
        "withdraw": (f"{on}/withdraw-termination", proctor, None),
        "reverse_absence": (f"{on}/reverse-absence", hall.chief, REASON),
        "reopen": (f"{on}/reopen", hall.chief, GRANT),
        "void": (
            f"/api/v1/results/{who.attempt_id}/void",
            hall.headers(hall.officer),
            {"file_number": "鉴〔2027〕1号"},
        ),
        "start": ("/api/v1/exam/start", candidate, None),
        "submit": ("/api/v1/exam/submit", candidate, {"last_sequence": 0}),
    }


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


async def put(context: Context, who: Seated, state: AttemptState) -> None:
    """Into a state by no command."""
    statement = "UPDATE attempt SET state = :state, submitted_at = :at WHERE id = :id"
    ended_at = context.clock.host_now() if state in OVER else None
    await sql(context, statement, state=state.value, at=ended_at, id=who.attempt_id)


# Wrong states


async def test_an_attempt_command_in_a_wrong_state_is_refused_and_changes_no_row(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    """Also what ends or confirms a proposed termination, which is there in every state."""
    who = hall.seated[0]
    candidate = await begin(http, who)
    await give(http, hall.proctor, who, "terminate", MISCONDUCT)
    commands = calls(hall, who, candidate)
    assert commands.keys() == ALLOWED_IN.keys()
    for state in AttemptState:
        await put(context, who, state)
        before = await rows_of(context)
        for command, (path, headers, body) in commands.items():
            if state in ALLOWED_IN[command]:
                continue
            answer = await http.post(path, headers=headers | {"Idempotency-Key": f"{state}-{command}"}, json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition"), (state, command)
            assert answer.json()["state"] == state
        assert await rows_of(context) == before, state


async def test_what_needs_the_room_to_run_waits_for_it(http: httpx.AsyncClient, context: Context, hall: Hall) -> None:
    """Each command in an attempt's state that allows it, in a room that does not."""
    who = hall.seated[0]
    candidate = await begin(http, who)
    commands = calls(hall, who, candidate)
    await lead(http, hall, "suspend", REASON)
    waiting = {
        "check_in": AttemptState.registered,
        "resume": AttemptState.interrupted,
        "start": AttemptState.ready,
        "reverse_absence": AttemptState.absent,
        "reopen": AttemptState.submitted,
    }
    for command, state in waiting.items():
        await put(context, who, state)
        before = await rows_of(context)
        path, headers, body = commands[command]
        assert await code_of(http, headers, path, body) == "room_not_open", command
        assert await rows_of(context) == before


# One candidate


async def test_a_termination_is_proposed_by_one_and_confirmed_by_a_chief(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    who = hall.seated[0]
    token = await begin(http, who)
    path = f"{ATTEMPTS}/{who.attempt_id}"
    assert (await give(http, hall.proctor, who, "terminate", MISCONDUCT))["state"] == "in_progress"
    assert await save(http, token, 1, "A", 1) == "saved", "a proposal stops nobody"
    before = await rows_of(context)
    for proctor in (hall.proctor, hall.headers(hall.proctors[1])):
        assert await code_of(http, proctor, f"{path}/terminate", CONFIRMED) == "not_allowed"
        assert await code_of(http, proctor, f"{path}/terminate", MISCONDUCT) == "termination_already_proposed"
    assert await code_of(http, hall.chief, f"{path}/terminate", MISCONDUCT) == "termination_already_proposed"
    assert await rows_of(context) == before
    assert (await give(http, hall.chief, who, "terminate", CONFIRMED))["state"] == "terminated"
    assert await save(http, token, 2, "A", 2) == "rejected"
    await sweep(context)
    assert await sql(context, "SELECT 1 FROM result") == []


async def test_a_chief_does_not_confirm_the_own_proposal(http: httpx.AsyncClient, context: Context, hall: Hall) -> None:
    who = hall.seated[0]
    await begin(http, who)
    path = f"{ATTEMPTS}/{who.attempt_id}"
    await give(http, hall.chief, who, "terminate", MISCONDUCT)
    before = await rows_of(context)
    assert await code_of(http, hall.chief, f"{path}/terminate", CONFIRMED) == "second_person_needed"
    assert await rows_of(context) == before


async def test_a_withdrawn_proposal_is_none(http: httpx.AsyncClient, hall: Hall) -> None:
    who = hall.seated[0]
    await begin(http, who)
    path = f"{ATTEMPTS}/{who.attempt_id}/withdraw-termination"
    assert await code_of(http, hall.proctor, path) == "termination_not_proposed"
    await give(http, hall.proctor, who, "terminate", MISCONDUCT)
    await give(http, hall.proctor, who, "withdraw-termination")
    confirming = f"{ATTEMPTS}/{who.attempt_id}/terminate"
    assert await code_of(http, hall.chief, confirming, CONFIRMED) == "termination_not_proposed"
    await give(http, hall.proctor, who, "terminate", MISCONDUCT)
    assert await code_of(http, hall.chief, confirming, CONFIRMED) == "termination_not_proposed", "another proposal"
    assert (await give(http, hall.chief, who, "terminate", {**MISCONDUCT, "confirms": 2}))["state"] == "terminated"


async def test_a_reopened_paper_is_handed_in_and_graded_again(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    """The result is withdrawn meanwhile; both receipts stay, the newest counts, and each names its own answers."""
    who, officer = hall.seated[0], hall.headers(hall.officer)
    token = await begin(http, who)
    await save(http, token, 1, "A", 1)
    clock.advance(timedelta(minutes=40))
    first = (await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 1})).json()
    await sweep(context)
    results = f"/api/v1/sittings/{hall.sitting_id}/results"

    async def result() -> dict[str, Any]:
        row: dict[str, Any] = (await http.get(results, headers=officer)).json()["items"][0]
        return row

    assert (await result())["state"] == "graded"
    clock.advance(timedelta(minutes=5))
    assert (await give(http, hall.chief, who, "reopen", GRANT))["state"] == "in_progress"
    withdrawn = await result()
    assert (withdrawn["state"], withdrawn["total"]) == ("pending", None)
    assert (await http.get("/api/v1/exam", headers=token)).json()["code"] == "lease_moved"
    token = await log_in(http, who, "pc-2")
    assert await left(http, token) == (50 + 10) * 60, "what was left at the hand-in and the grant"
    await save(http, token, 2, "B", 2)
    second = (await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 2})).json()
    await sweep(context)
    assert (await result())["responses_digest"] == second["payload"]["responses_digest"]
    assert (await http.get("/api/v1/exam/receipt", headers=token)).json() == second
    assert len(await sql(context, "SELECT 1 FROM receipt")) == len(await sql(context, "SELECT 1 FROM grading_run")) == 2
    checks = [(await http.post("/api/v1/receipts/check", headers=officer, json=one)).json() for one in (first, second)]
    assert [(check["signed"], check["graded"], check["ok"]) for check in checks] == [
        (True, False, False),
        (True, True, True),
    ]


async def test_a_chief_lets_an_absent_candidate_in_late(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    who, other = hall.seated
    token = await log_in(http, who)
    clock.advance(timedelta(minutes=30))
    assert await code_of(http, token, "/api/v1/exam/start") == "late_entry_closed"
    await sweep(context)
    assert {(await hall.attempt(one)).state for one in (who, other)} == {"absent"}
    path = f"{ATTEMPTS}/{who.attempt_id}/reverse-absence"
    assert await code_of(http, hall.proctor, path, REASON) == "not_allowed"
    assert (await give(http, hall.chief, who, "reverse-absence", REASON))["state"] == "registered"
    await sweep(context)
    assert (await hall.attempt(who)).state == "registered", "not marked absent again"
    await give(http, hall.proctor, who, "check-in")
    token = await begin(http, who, "pc-3")
    assert await left(http, token) == 60 * 60
    assert (await hall.attempt(other)).state == "absent"


async def test_a_collected_paper_ends_where_it_stands(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall
) -> None:
    """Also of who is interrupted; what was saved is graded."""
    who = hall.seated[0]
    token = await begin(http, who)
    await save(http, token, 1, "A", 1)
    await give(http, hall.proctor, who, "interrupt", STOPS)
    now = clock.advance(timedelta(minutes=5))
    assert (await give(http, hall.proctor, who, "submit", REASON))["state"] == "submitted"
    receipt = (await http.get("/api/v1/exam/receipt", headers=token)).json()["payload"]
    assert (receipt["submitted_by"], receipt["answered"]) == ("proctor", 1)
    assert datetime.fromisoformat(receipt["submitted_at"]) == now
    assert await sql(context, "SELECT 1 FROM interruption WHERE ended_at IS NULL") == []
    await sweep(context)
    (run,) = await sql(context, "SELECT responses_digest FROM grading_run")
    assert run.responses_digest == receipt["responses_digest"]


async def test_every_command_is_in_the_audit_log_without_persons(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, login: Login, hall: Hall
) -> None:
    first, second = hall.seated
    await begin(http, first)
    proctor, chief = hall.proctor, hall.chief
    await give(http, proctor, first, "interrupt", STOPS)
    await give(http, proctor, first, "resume", {"release_device": True})
    await log_in(http, first, "pc-2")
    await give(http, proctor, first, "release", REASON)
    await give(http, proctor, first, "grants", GRANT)
    await give(http, proctor, first, "submit", REASON)
    await give(http, chief, first, "reopen", GRANT)
    await give(http, proctor, first, "terminate", MISCONDUCT)
    await give(http, proctor, first, "withdraw-termination")
    await give(http, proctor, first, "terminate", MISCONDUCT)
    await give(http, chief, first, "terminate", {**MISCONDUCT, "confirms": 2})
    ruling = {"file_number": "鉴〔2027〕1号"}
    path = f"/api/v1/results/{first.attempt_id}/void"
    assert (await http.post(path, headers=hall.headers(hall.officer), json=ruling)).json()["state"] == "voided"
    clock.advance(timedelta(minutes=30))
    await sweep(context)
    await give(http, chief, second, "reverse-absence", REASON)
    await lead(http, hall, "suspend", REASON)
    await lead(http, hall, "resume")

    auditor = await login("auditor")

    async def events(subject_id: object) -> list[dict[str, Any]]:
        query = {"subject_id": str(subject_id), "limit": "200"}
        items: list[dict[str, Any]] = (await http.get("/api/v1/audit", params=query, headers=auditor)).json()["items"]
        return items

    of_first, of_second = await events(first.attempt_id), await events(second.attempt_id)
    of_room = await events(hall.room_id)
    assert [event["action"].removeprefix("attempt.") for event in of_first] == [
        "check_in",
        "log_in",
        "start",
        "interrupt",
        "resume",
        "log_in",
        "release",
        "grant",
        "collect",
        "result.grade",
        "reopen",
        "propose_termination",
        "withdraw_termination",
        "propose_termination",
        "terminate",
        "void",
    ]
    assert [event["action"] for event in of_second] == [
        "attempt.check_in",
        "attempt.mark_absent",
        "attempt.reverse_absence",
        "attempt.wait_for_room",
    ]
    assert [event["action"] for event in of_room] == [
        "room.create",
        "room.check_in",
        "room.start",
        "room.suspend",
        "room.resume",
    ]
    last = of_first[-1]
    assert last["details"] == {"from": "terminated", "to": "voided", **ruling}
    assert (last["actor_kind"], last["actor_id"]) == ("staff", str(hall.officer.id))
    assert {event["actor_kind"] for event in of_second} == {"staff", "system"}
    told = str([event["details"] for event in of_first + of_second + of_room])
    assert not [text for who in hall.seated for text in (who.id_number, who.ticket_number, "考生") if text in told]


async def test_who_may_not_act_in_the_room_waits_for_no_lock_on_its_attempts(
    http: httpx.AsyncClient, context: Context, hall: Hall, login: Login
) -> None:
    """Refused while another transaction holds the row: so the request has not tried to lock it."""
    who = hall.seated[0]
    stranger = await login("proctor")
    async with context.database.transaction() as session:
        await attempts.lock(session, who.attempt_id, hall.sitting_id)
        refused = await http.post(f"{ATTEMPTS}/{who.attempt_id}/grants", headers=stranger, json=GRANT)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert str(hall.room_id) not in refused.text
