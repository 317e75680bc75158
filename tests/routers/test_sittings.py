"""Sittings over HTTP: planned, checked against the standard, and led through their states."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from app.core.context import Context
from app.domain.states import SITTING_MOVES, SittingCommand, SittingState
from app.services.sweeper import sweep
from tests.builders import STANDARD, plan_sitting
from tests.conftest import FixedClock, Login
from tests.halls import begin, open_hall
from tests.plans import assemble, errors, planned, refused
from tests.rows import rows_of, sql

SITTINGS = "/api/v1/sittings"
Body = dict[str, Any]

COMMANDS = {command: command.value.replace("_", "-") for command in SittingCommand}
UNCHANGEABLE: list[Body] = [
    {"name": None},
    {"starts_at": None},
    {"paper_ids": None},
    {"level": 4},
    {"rehearsal": True},
    {"state": "live"},
]


def fields(clock: FixedClock, **changes: Any) -> Body:
    starts_at = clock.host_now() + timedelta(days=1)
    return {"standard_code": STANDARD, "level": 5, "name": "三月场", "starts_at": starts_at.isoformat()} | changes


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


async def create(officer: httpx.AsyncClient, clock: FixedClock, **changes: Any) -> Body:
    answer = await officer.post(SITTINGS, json=fields(clock, **changes))
    assert answer.status_code == 201, answer.text
    body: Body = answer.json()
    return body


# Planning


async def test_a_sitting_is_planned_with_defaults_and_read_again(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    papers = await assemble(officer, forms=2)
    made = await create(officer, clock, paper_ids=papers)
    assert (made["state"], made["duration_minutes"], made["timing_mode"]) == ("draft", 90, "common_end")
    assert (made["late_entry_minutes"], made["earliest_submission_minutes"], made["grace_seconds"]) == (30, 30, 10)
    assert made["paper_ids"] == papers
    assert (await officer.get(f"{SITTINGS}/{made['id']}")).json() == made


async def test_sittings_are_listed_the_newest_first_and_by_state(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    first, second, third = [await create(officer, clock, name=name) for name in ("甲", "乙", "丙")]
    cancelled = (await officer.post(f"{SITTINGS}/{second['id']}/cancel")).json()
    page = (await officer.get(SITTINGS, params={"limit": 2})).json()
    rest = (await officer.get(SITTINGS, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert page["items"] + rest["items"] == [third, cancelled, first]
    assert rest["next_cursor"] is None
    assert (await officer.get(SITTINGS, params={"state": "cancelled"})).json()["items"] == [cancelled]


async def test_an_update_changes_what_it_names(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    papers = await assemble(officer, forms=2)
    made = await create(officer, clock, paper_ids=papers)
    changes = {
        "name": "四月场",
        "duration_minutes": 60,
        "multiple_choice": "half_for_subset",
        "paper_ids": papers[::-1],
    }
    answer = await officer.patch(f"{SITTINGS}/{made['id']}", json=changes)
    assert answer.json() == made | changes
    assert (await officer.get(f"{SITTINGS}/{made['id']}")).json() == made | changes


async def test_null_and_what_cannot_change_are_refused(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    made = await create(officer, clock)
    for change in UNCHANGEABLE:
        answer = await officer.patch(f"{SITTINGS}/{made['id']}", json=change)
        assert refused(answer) == (422, "invalid_request"), change
        assert [error["place"] for error in answer.json()["errors"]] == list(change)
    assert (await officer.get(f"{SITTINGS}/{made['id']}")).json() == made


async def test_less_time_than_the_standard_asks_is_refused_by_its_clause(
    officer: httpx.AsyncClient, clock: FixedClock
) -> None:
    answer = await officer.post(SITTINGS, json=fields(clock, duration_minutes=59))
    assert (*refused(answer), answer.json()["clause"]) == (422, "sitting_refused", "1.9.4")
    assert errors(answer) == [("duration_minutes", "duration_below_minimum", "1.9.4")]
    made = await create(officer, clock, duration_minutes=60)
    answer = await officer.patch(f"{SITTINGS}/{made['id']}", json={"duration_minutes": 59})
    assert errors(answer) == [("duration_minutes", "duration_below_minimum", "1.9.4")]
    assert (await officer.get(f"{SITTINGS}/{made['id']}")).json() == made


async def test_only_a_rehearsal_may_have_started_already(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    now = clock.host_now().isoformat()
    answer = await officer.post(SITTINGS, json=fields(clock, starts_at=now, duration_minutes=59))
    assert [code for _, code, _ in errors(answer)] == ["duration_below_minimum", "starts_in_the_past"], "both at once"
    assert (await create(officer, clock, starts_at=now, rehearsal=True))["rehearsal"] is True
    made = await create(officer, clock)
    answer = await officer.patch(f"{SITTINGS}/{made['id']}", json={"starts_at": now})
    assert errors(answer) == [("starts_at", "starts_in_the_past", None)]


async def test_papers_must_be_of_the_level_and_each_named_once(officer: httpx.AsyncClient, clock: FixedClock) -> None:
    (own,), (other,) = await assemble(officer), await assemble(officer, level=4)
    papers = [own, other, own, str(UUID(int=0))]
    answer = await officer.post(SITTINGS, json=fields(clock, paper_ids=papers))
    assert refused(answer) == (422, "sitting_refused")
    assert [place for place, _, _ in errors(answer)] == ["paper_ids[1]", "paper_ids[2]", "paper_ids[3]"]


async def test_rooms_have_their_own_names_and_proctors(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await plan_sitting(context)
    await login("proctor", "jk001")
    await login("author", "ct001")
    room = {"name": "第一考场", "seats": 30, "proctors": ["jk001"]}
    made = await officer.post(f"{sitting.path}/rooms", json=room)
    assert (made.status_code, made.json()["proctors"], made.json()["proctors_needed"]) == (201, ["jk001"], 2)
    taken = await officer.post(f"{sitting.path}/rooms", json={"name": "第一考场", "seats": 1})
    assert errors(taken) == [("name", "room_name_taken", None)]
    other = {"name": "第二考场", "seats": 30, "proctors": ["jk001", "ct001", "nobody"]}
    assert [code for _, code, _ in errors(await officer.post(f"{sitting.path}/rooms", json=other))] == [
        "proctor_elsewhere",
        "proctor_unknown",
        "proctor_unknown",
    ]
    assert (await officer.get(f"{sitting.path}/rooms")).json()["items"] == [made.json()]


# States


async def test_a_command_in_a_wrong_state_is_refused_and_changes_no_row(
    officer: httpx.AsyncClient, context: Context
) -> None:
    sitting = await plan_sitting(context)
    tried = 0
    for state in SittingState:
        await sql(context, "UPDATE sitting SET state = :state WHERE id = :id", state=state.value, id=sitting.id)
        before = await rows_of(context)
        for command, path in COMMANDS.items():
            if state in SITTING_MOVES[command].sources:
                continue
            answer = await officer.post(f"{sitting.path}/{path}", headers={"Idempotency-Key": f"{state}-{command}"})
            assert refused(answer) == (409, "invalid_transition"), (state, command)
            assert (answer.json()["state"], answer.json()["command"]) == (state, command)
            tried += 1
        assert await rows_of(context) == before, state
    assert tried == len(SittingState) * len(SittingCommand) - 6


async def test_a_sitting_is_cancelled_before_it_is_live(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    draft, ready = await plan_sitting(context), await planned(officer, login, context)
    await officer.post(f"{ready.path}/ready")
    for sitting in (draft, ready):
        assert (await officer.post(f"{sitting.path}/cancel")).json()["state"] == "cancelled"


async def test_a_sitting_is_led_from_live_to_published(
    http: httpx.AsyncClient, login: Login, context: Context, clock: FixedClock
) -> None:
    """Not closed before its rooms, not published before all is graded."""
    hall = await open_hall(context)
    officer, path = hall.headers(hall.officer), f"{SITTINGS}/{hall.sitting_id}"

    async def command(name: str) -> httpx.Response:
        return await http.post(f"{path}/{name}", headers=officer)

    candidate = await begin(http, hall.seated[0])
    assert refused(await command("close")) == (409, "rooms_open")
    await http.post("/api/v1/exam/submit", headers=candidate, json={"last_sequence": 0})
    clock.advance(timedelta(minutes=31))
    await sql(context, "UPDATE attempt SET state = 'absent' WHERE id = :id", id=hall.seated[1].attempt_id)
    room = f"/api/v1/proctor/rooms/{hall.room_id}"
    assert (await http.post(f"{room}/close", headers=hall.proctor)).status_code == 200
    assert (await command("close")).json()["state"] == "closed"
    await sql(context, "UPDATE attempt SET grading_needed = true WHERE id = :id", id=hall.seated[0].attempt_id)
    ungraded = await command("publish")
    assert refused(ungraded) == (409, "not_all_graded")
    await sweep(context)
    published = (await command("publish")).json()
    assert published["state"] == "published"
    assert datetime.fromisoformat(published["published_at"]) == clock.fixed
    query = {"sitting_id": str(hall.sitting_id), "limit": "200"}
    events = (await http.get("/api/v1/audit", params=query, headers=await login("auditor"))).json()["items"]
    moves = [event for event in events if event["subject"] == "sitting"]
    assert [event["action"] for event in moves] == [
        f"sitting.{name}" for name in ("create", "ready", "go_live", "close", "publish")
    ]
    assert moves[-1]["details"] == {
        "from": "closed",
        "to": "published",
        "results": 1,
        "confirmed_unreviewed": 1,
    }


# Repeats


async def test_a_repeat_with_the_same_key_gets_the_first_answer(
    officer: httpx.AsyncClient, login: Login, context: Context, clock: FixedClock
) -> None:
    key = {"Idempotency-Key": "create-0001"}
    answers = [await officer.post(SITTINGS, json=fields(clock), headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await officer.get(SITTINGS)).json()["items"]) == 1
    other = await officer.post(SITTINGS, json=fields(clock, name="另一场"), headers=key)
    assert refused(other) == (422, "idempotency_key_reused")

    sitting = await planned(officer, login, context)
    key = {"Idempotency-Key": "ready-00001"}
    first, second = [await officer.post(f"{sitting.path}/ready", headers=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    again = await officer.post(f"{sitting.path}/ready", headers={"Idempotency-Key": "ready-00002"})
    assert refused(again) == (409, "invalid_transition")
