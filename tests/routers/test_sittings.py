"""Sittings over HTTP: planned, checked against the standard, frozen, and led through their states."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from app.core.canonical import digest
from app.core.context import Context
from app.domain.states import SITTING_MOVES, SittingCommand, SittingState
from app.services.sweeper import sweep
from tests.builders import STANDARD, Draft, plan_sitting
from tests.conftest import FixedClock, Login
from tests.halls import begin, open_hall
from tests.rosters import add, line
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
    starts_at = clock.fixed + timedelta(days=1)
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


async def assemble(officer: httpx.AsyncClient, **changes: Any) -> list[str]:
    request = {"standard_code": STANDARD, "level": 5, "seed": 1} | changes
    return [paper["id"] for paper in (await officer.post("/api/v1/papers/assemble", json=request)).json()["papers"]]


async def with_proctors(officer: httpx.AsyncClient, login: Login, sitting: Draft, room: str, count: int) -> None:
    names = [f"{room[:2].encode().hex()}-{number}" for number in range(count)]
    for name in names:
        await login("proctor", name)
    answer = await officer.put(f"{sitting.path}/rooms/{sitting.rooms[room]}/proctors", json={"proctors": names})
    assert answer.status_code == 200, answer.text


async def planned(
    officer: httpx.AsyncClient, login: Login, context: Context, *, candidates: int = 2, forms: int = 1
) -> Draft:
    """A sitting that may become ready: one room, everybody seated from seat 1 on."""
    sitting = await plan_sitting(context, {"第一考场": 12})
    await with_proctors(officer, login, sitting, "第一考场", 2)
    await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in range(1, candidates + 1)))
    answer = await officer.patch(sitting.path, json={"paper_ids": await assemble(officer, forms=forms)})
    assert answer.status_code == 200, answer.text
    return sitting


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def errors(answer: httpx.Response) -> list[tuple[str, str, str | None]]:
    return [(error["place"], error["code"], error.get("clause")) for error in answer.json()["errors"]]


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
    now = clock.fixed.isoformat()
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


# Ready: everything that stands against it, then frozen


async def test_ready_names_every_reason_at_once_and_freezes_nothing(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await plan_sitting(context, {"第一考场": 20, "第二考场": 20, "空考场": 20})
    await with_proctors(officer, login, sitting, "第一考场", 1)
    await with_proctors(officer, login, sitting, "第二考场", 2)
    seated = [line(n, room="第一考场", seat_number=n) for n in range(1, 17)]
    await add(officer, sitting, *seated, line(17, room="第二考场", seat_number=1))
    (lost,) = await add(officer, sitting, line(18))
    before = await rows_of(context)
    answer = await officer.post(f"{sitting.path}/ready")
    assert (*refused(answer), answer.json()["clause"]) == (409, "sitting_not_ready", "1.9.3")
    assert errors(answer) == [
        ("paper_ids", "no_paper", None),
        (f"entries[{lost['ticket_number']}]", "entry_without_seat", None),
        ("rooms[第一考场].proctors", "too_few_proctors", "1.9.3"),
    ]
    assert await rows_of(context) == before


async def test_a_room_needs_a_proctor_for_15_candidates_and_two_at_least(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await plan_sitting(context, {"第一考场": 40})
    names = [f"jk{number}" for number in range(3)]
    for name in names:
        await login("proctor", name)
    await officer.patch(sitting.path, json={"paper_ids": await assemble(officer)})
    proctors = f"{sitting.path}/rooms/{sitting.rooms['第一考场']}/proctors"
    for first, last, needed in ((1, 30, 2), (31, 31, 3)):
        await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in range(first, last + 1)))
        room = (await officer.put(proctors, json={"proctors": names[: needed - 1]})).json()
        assert (room["candidates"], room["proctors_needed"]) == (last, needed)
        answer = await officer.post(f"{sitting.path}/ready")
        assert errors(answer) == [("rooms[第一考场].proctors", "too_few_proctors", "1.9.3")]
    await officer.put(proctors, json={"proctors": names})
    assert (await officer.post(f"{sitting.path}/ready")).status_code == 200


async def test_a_sitting_of_nobody_does_not_become_ready(officer: httpx.AsyncClient, context: Context) -> None:
    sitting = await plan_sitting(context, {"第一考场": 20})
    answer = await officer.post(f"{sitting.path}/ready")
    assert [code for _, code, _ in errors(answer)] == ["no_paper", "no_entries"]


async def test_ready_gives_everyone_an_attempt_with_a_layout_of_its_own(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await planned(officer, login, context, candidates=6)
    assert (await officer.post(f"{sitting.path}/ready")).json()["state"] == "ready"
    found = await sql(
        context,
        "SELECT a.entry_id, p.seed, p.layout, p.frozen_hash, paper.content_hash FROM attempt a"
        " JOIN attempt_paper p ON p.attempt_id = a.id JOIN paper ON paper.id = p.paper_id"
        " WHERE a.sitting_id = :id AND a.state = 'registered'",
        id=sitting.id,
    )
    entries = (await officer.get(f"{sitting.path}/entries")).json()["items"]
    assert {str(row.entry_id) for row in found} == {entry["id"] for entry in entries}
    assert len(found) == len({row.seed for row in found}) == len({str(row.layout) for row in found}) == 6
    for row in found:
        assert sorted(position for position, _ in row.layout) == list(range(1, 91))
        assert row.frozen_hash == digest([row.content_hash, row.layout])


async def test_neighbours_have_different_forms(officer: httpx.AsyncClient, login: Login, context: Context) -> None:
    sitting = await planned(officer, login, context, candidates=12, forms=2)
    await officer.post(f"{sitting.path}/ready")
    query = (
        "SELECT e.seat_number, p.paper_id FROM attempt a JOIN attempt_paper p ON p.attempt_id = a.id"
        " JOIN entry e ON e.id = a.entry_id WHERE a.sitting_id = :id"
    )
    forms: dict[int, UUID] = {row.seat_number: row.paper_id for row in await sql(context, query, id=sitting.id)}
    assert len(forms) == 12
    assert len(set(forms.values())) == 2
    in_a_row = [(seat, seat + 1) for seat in range(1, 12) if seat % 6]
    behind = [(seat, seat + 6) for seat in range(1, 7)]
    assert [pair for pair in in_a_row + behind if forms[pair[0]] == forms[pair[1]]] == []


async def test_a_ready_sitting_is_frozen_but_for_its_proctors(
    officer: httpx.AsyncClient, login: Login, context: Context
) -> None:
    sitting = await planned(officer, login, context)
    entry = (await officer.get(f"{sitting.path}/entries")).json()["items"][0]
    await officer.post(f"{sitting.path}/ready")
    before = await rows_of(context)
    changes: list[tuple[str, str, Body | None]] = [
        ("PATCH", "", {"name": "改名"}),
        ("POST", "/rooms", {"name": "第三考场", "seats": 5}),
        ("POST", "/entries", {"entries": [line(50)]}),
        ("PATCH", f"/entries/{entry['id']}", {"name": "改名"}),
        ("DELETE", f"/entries/{entry['id']}", None),
        ("POST", "/seating", {"method": "automatic"}),
    ]
    for method, path, body in changes:
        answer = await officer.request(method, sitting.path + path, json=body)
        assert refused(answer) == (409, "sitting_frozen"), path
    assert await rows_of(context) == before
    await with_proctors(officer, login, sitting, "第一考场", 0)


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
    assert moves[-1]["details"] == {"from": "closed", "to": "published", "results": 1}


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
