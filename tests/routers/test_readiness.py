"""`ready` over HTTP: everything that stands against it at once; then the sitting is frozen."""

from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from app.core.canonical import digest
from app.core.context import Context
from tests.builders import plan_sitting
from tests.conftest import Login
from tests.plans import assemble, errors, planned, refused, with_proctors
from tests.rosters import add, line
from tests.rows import rows_of, sql

Body = dict[str, Any]


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


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
    checked = await officer.get(f"{sitting.path}/readiness")
    answer = await officer.post(f"{sitting.path}/ready")
    assert (*refused(answer), answer.json()["clause"]) == (409, "sitting_not_ready", "1.9.3")
    assert errors(answer) == [
        ("paper_ids", "no_paper", None),
        (f"entries[{lost['ticket_number']}]", "entry_without_seat", None),
        ("rooms[第一考场].proctors", "too_few_proctors", "1.9.3"),
    ]
    assert checked.json() == {"errors": answer.json()["errors"]}, "the checklist says the same in advance"
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
