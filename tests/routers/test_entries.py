"""Rosters over HTTP: all or nothing, every fault at once, and no identity number ever leaves."""

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlmodel import select

from app.core.context import Context
from app.domain.states import SittingState
from app.models.audit import AuditEvent
from app.models.entry import Candidate
from app.models.sitting import Sitting
from tests.builders import Draft, identity, plan_sitting
from tests.conftest import Login
from tests.rosters import add, faults, line
from tests.statements import counted

ROOMS = {"第一考场": 6, "第二考场": 12}


@pytest_asyncio.fixture
async def sitting(context: Context) -> Draft:
    return await plan_sitting(context, ROOMS)


@pytest_asyncio.fixture
async def officer(http: httpx.AsyncClient, login: Login) -> httpx.AsyncClient:
    """The client with an officer logged in."""
    http.headers.update(await login("officer"))
    return http


async def freeze(context: Context, sitting: Draft) -> None:
    async with context.database.transaction() as session:
        (await session.get_one(Sitting, sitting.id)).state = SittingState.ready


async def test_entries_get_tickets_and_show_masked_numbers(officer: httpx.AsyncClient, sitting: Draft) -> None:
    first, second = await add(
        officer, sitting, line(1, room="第一考场", seat_number=2), line(2, ticket_number="BJ2027001")
    )
    assert first == {
        "id": first["id"],
        "ticket_number": first["ticket_number"],
        "name": "考生1",
        "id_number": f"{identity(1)[:6]}********{identity(1)[-4:]}",
        "room_id": str(sitting.rooms["第一考场"]),
        "room": "第一考场",
        "seat_number": 2,
    }
    assert (first["ticket_number"][:2], first["ticket_number"][7:11]) == ("27", "0001")
    assert (second["ticket_number"], second["room"], second["seat_number"]) == ("BJ2027001", None, None)
    for entry in (first, second):
        assert (await officer.get(f"{sitting.path}/entries/{entry['id']}")).json() == entry


async def test_every_fault_of_every_row_is_reported_at_once_and_nothing_is_added(
    officer: httpx.AsyncClient, context: Context, sitting: Draft
) -> None:
    elsewhere = await plan_sitting(context)
    await add(officer, elsewhere, line(90))
    await add(officer, sitting, line(91, ticket_number="TAKEN1", room="第一考场", seat_number=1))
    number = identity(3)
    wrong_digit = number[:-1] + ("0" if number[-1] != "0" else "1")
    rows = [
        line(1),
        line(2, name="  "),
        line(3, id_number=wrong_digit),
        line(4, id_number="110101199002300016", name="考\u200b生"),
        line(1, name="又一人"),
        line(91),
        line(90, name="另一姓名"),
        line(5, ticket_number="TAKEN1"),
        line(6, ticket_number="NEW001"),
        line(7, ticket_number="NEW001"),
        line(8, ticket_number="新-1"),
        line(9, room="没有的考场", seat_number=1),
        line(10, seat_number=1),
        line(11, room="第一考场"),
        line(12, room="第一考场", seat_number=7),
        line(13, room="第一考场", seat_number=1),
        line(14, room="第一考场", seat_number=2),
        line(15, room="第一考场", seat_number=2),
    ]
    answer = await officer.post(f"{sitting.path}/entries", json={"entries": rows})
    assert faults(answer) == [
        ("entries[1].name", "value_missing"),
        ("entries[2].id_number", "identity_number_check_digit"),
        ("entries[3].name", "name_control_character"),
        ("entries[3].id_number", "identity_number_date"),
        ("entries[4].name", "identity_name_differs"),
        ("entries[4].id_number", "value_repeated"),
        ("entries[5].id_number", "identity_entered"),
        ("entries[6].name", "identity_name_differs"),
        ("entries[7].ticket_number", "ticket_number_taken"),
        ("entries[9].ticket_number", "value_repeated"),
        ("entries[10].ticket_number", "ticket_number_form"),
        ("entries[11].room", "room_unknown"),
        ("entries[12].room", "seat_without_room"),
        ("entries[13].seat_number", "room_without_seat"),
        ("entries[14].seat_number", "seat_out_of_range"),
        ("entries[15].seat_number", "seat_taken"),
        ("entries[17].seat_number", "value_repeated"),
    ]
    assert len((await officer.get(f"{sitting.path}/entries")).json()["items"]) == 1
    async with context.database.transaction() as session:
        assert len((await session.execute(select(Candidate))).all()) == 2


async def test_a_person_is_one_candidate_in_all_sittings(
    officer: httpx.AsyncClient, context: Context, sitting: Draft
) -> None:
    await add(officer, sitting, line(1))
    await add(officer, await plan_sitting(context), line(1, id_number=f" {identity(1)} "))
    async with context.database.transaction() as session:
        assert len((await session.execute(select(Candidate))).all()) == 1


async def test_adding_takes_as_many_statements_for_many_as_for_few(
    officer: httpx.AsyncClient, context: Context, sitting: Draft
) -> None:
    await add(officer, sitting, line(0))
    counts = []
    for sequences in (range(1, 3), range(100, 400)):
        with counted(context) as statements:
            await add(officer, sitting, *map(line, sequences))
        counts.append(len(statements))
    assert counts[0] == counts[1] > 0


async def test_adding_at_once_never_gives_a_ticket_twice(officer: httpx.AsyncClient, sitting: Draft) -> None:
    added = await asyncio.gather(
        *(add(officer, sitting, *(line(10 * batch + n) for n in range(5))) for batch in range(8))
    )
    tickets = [entry["ticket_number"] for batch in added for entry in batch]
    assert sorted(int(ticket[7:11]) for ticket in tickets) == list(range(1, 41))


async def test_of_one_person_added_twice_at_once_one_is_refused(officer: httpx.AsyncClient, sitting: Draft) -> None:
    answers = await asyncio.gather(
        *(officer.post(f"{sitting.path}/entries", json={"entries": [line(1)]}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_the_same_people_added_to_many_sittings_at_once_are_one_each(
    officer: httpx.AsyncClient, context: Context
) -> None:
    """In opposite orders, which must not lock each other out."""
    sittings = [await plan_sitting(context) for _ in range(4)]
    people = [line(sequence) for sequence in range(50)]
    await asyncio.gather(
        *(add(officer, one, *(people if index % 2 else people[::-1])) for index, one in enumerate(sittings))
    )
    async with context.database.transaction() as session:
        assert len((await session.execute(select(Candidate))).all()) == 50


async def test_a_repeated_command_adds_nobody_twice(officer: httpx.AsyncClient, sitting: Draft) -> None:
    command = {"json": {"entries": [line(1)]}, "headers": {"Idempotency-Key": "roster-0001"}}
    first = await officer.post(f"{sitting.path}/entries", **command)  # type: ignore[arg-type]
    again = await officer.post(f"{sitting.path}/entries", **command)  # type: ignore[arg-type]
    assert (again.status_code, again.json()) == (201, first.json())


async def test_the_list_is_paged_in_the_order_of_adding_and_filtered(
    officer: httpx.AsyncClient, sitting: Draft
) -> None:
    await add(officer, sitting, *(line(n, room="第二考场", seat_number=n) for n in range(1, 6)))
    await add(officer, sitting, line(6, name="王%", ticket_number="BJ01"), line(7, name="王芳", ticket_number="BJ02"))
    names: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await officer.get(f"{sitting.path}/entries", params=query)).json()
        names += [entry["name"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["考生1", "考生2", "考生3", "考生4", "考生5", "王%", "王芳"]

    async def found(**query: str) -> list[str]:
        answer = await officer.get(f"{sitting.path}/entries", params=query)
        return [entry["name"] for entry in answer.json()["items"]]

    assert await found(room_id=str(sitting.rooms["第二考场"])) == names[:5]
    assert await found(name="王") == ["王%", "王芳"]
    assert await found(name="王%") == ["王%"]
    assert await found(ticket_number="BJ02") == ["王芳"]


async def test_an_entry_is_corrected_and_removed(officer: httpx.AsyncClient, sitting: Draft) -> None:
    first, second = await add(officer, sitting, line(1, room="第一考场", seat_number=1), line(2))
    path = f"{sitting.path}/entries/{first['id']}"
    moved = {"room_id": str(sitting.rooms["第二考场"]), "seat_number": 12}
    assert (await officer.patch(path, json=moved)).json() == first | moved | {"room": "第二考场"}
    unseated = first | {"room_id": None, "room": None, "seat_number": None}
    assert (await officer.patch(path, json={"room_id": None, "seat_number": None})).json() == unseated
    assert (await officer.patch(path, json={"name": "更名"})).json() == unseated | {"name": "更名"}
    assert (await officer.delete(path)).status_code == 204
    assert (await officer.get(path)).status_code == 404
    assert (await officer.get(f"{sitting.path}/entries")).json()["items"] == [second]


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"seat_number": 7}, "seat_number", "seat_out_of_range"),
        ({"seat_number": 2}, "seat_number", "seat_taken"),
        ({"seat_number": None}, "seat_number", "room_without_seat"),
        ({"room_id": None}, "room_id", "seat_without_room"),
        ({"room_id": "01960000-0000-7000-8000-000000000000"}, "room_id", "room_unknown"),
        ({"name": "\u200b"}, "name", "name_control_character"),
    ],
)
async def test_a_faulty_correction_changes_nothing(
    officer: httpx.AsyncClient, sitting: Draft, change: dict[str, Any], place: str, code: str
) -> None:
    first, _ = await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in (1, 2)))
    path = f"{sitting.path}/entries/{first['id']}"
    assert faults(await officer.patch(path, json=change)) == [(place, code)]
    assert (await officer.get(path)).json() == first


async def test_a_frozen_sitting_is_left_alone(officer: httpx.AsyncClient, context: Context, sitting: Draft) -> None:
    (entry,) = await add(officer, sitting, line(1))
    await freeze(context, sitting)
    path = f"{sitting.path}/entries/{entry['id']}"
    answers = [
        await officer.post(f"{sitting.path}/entries", json={"entries": [line(2)]}),
        await officer.post(f"{sitting.path}/entries/import", files={"file": f"姓名,身份证号\n考生2,{identity(2)}"}),
        await officer.patch(path, json={"name": "更名"}),
        await officer.delete(path),
        await officer.post(f"{sitting.path}/seating", json={"method": "automatic"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "sitting_frozen")] * 5
    assert (await officer.get(f"{sitting.path}/entries")).json()["items"] == [entry]


async def test_an_unknown_sitting_is_not_found(officer: httpx.AsyncClient, context: Context, sitting: Draft) -> None:
    (entry,) = await add(officer, await plan_sitting(context), line(1))
    nowhere = "/api/v1/sittings/01960000-0000-7000-8000-000000000000"
    answers = [
        await officer.post(f"{nowhere}/entries", json={"entries": [line(2)]}),
        await officer.get(f"{nowhere}/entries"),
        await officer.get(f"{nowhere}/entries/template.xlsx"),
        await officer.post(f"{nowhere}/seating", json={"method": "automatic"}),
        await officer.get(f"{nowhere}/rooms/{sitting.rooms['第一考场']}/seats"),
        await officer.get(f"{sitting.path}/rooms/01960000-0000-7000-8000-000000000000/seats"),
        await officer.get(f"{sitting.path}/entries/{entry['id']}"),
        await officer.patch(f"{sitting.path}/entries/{entry['id']}", json={"name": "更名"}),
        await officer.delete(f"{sitting.path}/entries/{entry['id']}"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 9


async def test_who_may_read_may_not_write(http: httpx.AsyncClient, login: Login, sitting: Draft) -> None:
    auditor, proctor = await login("auditor"), await login("proctor")
    path = f"{sitting.path}/entries"
    assert (await http.get(path, headers=auditor)).status_code == 200
    assert (await http.post(path, headers=auditor, json={"entries": [line(1)]})).status_code == 403
    assert (await http.get(path, headers=proctor)).status_code == 403
    assert (await http.get(path)).status_code == 401


async def test_no_full_identity_number_is_stored_logged_or_answered(
    officer: httpx.AsyncClient,
    context: Context,
    sitting: Draft,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    people = [line(n) for n in range(1, 4)]
    bodies = [
        await officer.post(
            f"{sitting.path}/entries", json={"entries": people}, headers={"Idempotency-Key": "roster-0001"}
        ),
        await officer.post(f"{sitting.path}/entries", json={"entries": people}),
        await officer.post(f"{sitting.path}/entries", json={"entries": [{"id_number": identity(4)}]}),
        await officer.post(f"{sitting.path}/entries/import", files={"file": f"{identity(5)}\n{identity(6)}"}),
        await officer.post(f"{sitting.path}/entries/import", files={"file": f"姓名,身份证号\n考生5,{identity(5)}"}),
        await officer.get(f"{sitting.path}/entries"),
        await officer.post(f"{sitting.path}/seating", json={"method": "automatic"}),
        await officer.get(f"{sitting.path}/rooms/{sitting.rooms['第一考场']}/seats"),
    ]
    assert [answer.status_code for answer in bodies] == [201, 422, 422, 422, 201, 200, 200, 200]
    logged = "".join([*capfd.readouterr(), caplog.text])
    assert "roster_refused" in logged
    seen = [logged, *(answer.text for answer in bodies)]
    async with context.database.transaction() as session:
        tables = (await session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).scalars()
        for table in tables.all():
            seen += (await session.execute(text(f'SELECT t::text FROM "{table}" t'))).scalars()  # noqa: S608
    everything = "\n".join(seen)
    assert "考生1" in everything
    for number in map(identity, range(1, 7)):
        assert number not in everything
        assert number.encode().hex() not in everything
        assert number[6:14] not in everything


async def test_events_name_ids_and_counts_but_nobody(
    officer: httpx.AsyncClient, context: Context, sitting: Draft
) -> None:
    (entry,) = await add(officer, sitting, line(1))
    await officer.patch(f"{sitting.path}/entries/{entry['id']}", json={"name": "更名"})
    await officer.post(f"{sitting.path}/seating", json={"method": "automatic", "seed": 7})
    await officer.delete(f"{sitting.path}/entries/{entry['id']}")
    async with context.database.transaction() as session:
        query = select(AuditEvent).where(AuditEvent.sitting_id == sitting.id).order_by(AuditEvent.id)  # type: ignore[arg-type]
        events = (await session.execute(query)).scalars().all()
    told = [(event.action, event.details) for event in events if event.action.startswith(("entry.", "candidate."))]
    assert told == [
        ("entry.create", {"count": 1}),
        ("candidate.rename", {}),
        ("entry.update", {"fields": ["name"]}),
        ("entry.seat", {"method": "automatic", "seed": 7, "seated": 1}),
        ("entry.remove", {}),
    ]
    me = (await officer.get("/api/v1/auth/me")).json()["id"]
    assert {str(event.actor_id) for event in events if event.action.startswith("entry.")} == {me}
