"""Incidents as staff report, list and handle them, over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio
from structlog.contextvars import bound_contextvars

from app.core.context import Context
from app.core.ids import new_id
from app.domain.actors import Actor, ActorKind
from app.domain.incident_kinds import IncidentKind, IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.services import incident_log, incidents
from tests.conftest import FixedClock
from tests.halls import Hall, begin, log_in, open_hall
from tests.incidents import audited, listed, on_incident, reported, send
from tests.proctors import REASON, code_of, give, lead
from tests.rows import sql
from tests.statements import counted


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=3)


async def test_every_kind_is_told_with_its_names_and_default_rule(http: httpx.AsyncClient, hall: Hall) -> None:
    for headers in (hall.proctor, hall.headers(hall.officer)):
        answer = await http.get("/api/v1/proctor/incident-kinds", headers=headers)
        kinds = {one["kind"]: one for one in answer.json()["items"]}
        assert set(kinds) == {kind.value for kind in IncidentKind}
        assert (kinds["network_lost"]["zh"], kinds["network_lost"]["rule"]["threshold_seconds"]) == ("考生端失联", 30)


# From proctors


async def test_a_proctor_reports_of_a_candidate_and_of_the_room(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    who = hall.seated[1]
    body = {"kind": "misconduct", "note": "使用手机"}
    headers = hall.proctor | {"Idempotency-Key": "report-0001"}
    path = f"/api/v1/proctor/attempts/{who.attempt_id}/incidents"
    first, again = [await http.post(path, headers=headers, json=body) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    made = first.json()
    assert (made["kind"], made["severity"], made["source"]) == ("misconduct", "alarm", "proctor")
    assert (made["attempt_id"], made["notes"][0]["text"]) == (str(who.attempt_id), "使用手机")
    assert made["reported_by"] == made["notes"][0]["written_by"]
    noise = await reported(http, hall, "disturbance", severity="info")
    other = await reported(http, hall, "disturbance")
    assert (noise["attempt_id"], noise["severity"], other["severity"]) == (None, "info", "warning")
    assert noise["id"] != other["id"], "what staff report is not taken for a repeat"
    assert await audited(context, "incident.report") == 3


async def test_open_ones_come_first_then_the_gravest_then_the_newest(
    http: httpx.AsyncClient, hall: Hall, clock: FixedClock
) -> None:
    made = {}
    for name, severity in (("a", "info"), ("b", "alarm"), ("c", "warning"), ("d", "alarm"), ("e", "info")):
        made[name] = (await reported(http, hall, severity=severity))["id"]
        clock.advance(timedelta(seconds=1))
    await on_incident(http, hall.proctor, {"id": made["d"]}, "acknowledge")
    names = {id_: name for name, id_ in made.items()}
    whole = await listed(http, hall)
    assert [names[one["id"]] for one in whole] == ["b", "c", "e", "a", "d"]
    path, paged, cursor = f"/api/v1/proctor/rooms/{hall.room_id}/incidents", [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await http.get(path, headers=hall.proctor, params=params)).json()
        paged += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert paged == whole
    assert [names[one["id"]] for one in await listed(http, hall, open=False)] == ["d"]
    assert [names[one["id"]] for one in await listed(http, hall, severity="alarm")] == ["b", "d"]
    assert (await http.get(path, headers=hall.proctor, params={"cursor": "x"})).json()["code"] == "invalid_cursor"


async def test_who_acknowledges_first_stands_and_repeats_change_nothing(
    http: httpx.AsyncClient, hall: Hall, context: Context, clock: FixedClock
) -> None:
    incident = await reported(http, hall)
    first = await on_incident(http, hall.proctor, incident, "acknowledge")
    clock.advance(timedelta(seconds=9))
    for headers in (hall.proctor, hall.headers(hall.proctors[1])):
        again = await on_incident(http, headers, incident, "acknowledge")
        assert (again.status_code, again.json()) == (200, first.json())
    assert first.json()["acknowledged_by"] == incident["reported_by"]
    assert await audited(context, "incident.acknowledge") == 1


async def test_notes_are_added_in_order_with_who_wrote_them(http: httpx.AsyncClient, hall: Hall) -> None:
    incident = await reported(http, hall, note="一")
    await on_incident(http, hall.proctor, incident, "notes", {"text": "二"})
    answer = await on_incident(http, hall.chief, incident, "notes", {"text": "三"})
    assert [note["text"] for note in answer.json()["notes"]] == ["一", "二", "三"]
    assert len({note["written_by"] for note in answer.json()["notes"]}) == 2
    assert (await on_incident(http, hall.proctor, incident, "notes", {"text": " "})).status_code == 422


async def test_to_the_proctor_of_another_room_nothing_of_it_exists(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    other = (await open_hall(context)).proctor
    incident = await reported(http, hall)
    attempt, room = hall.seated[0].attempt_id, hall.room_id
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"rooms/{room}/incidents", None),
        ("POST", f"rooms/{room}/incidents", {"kind": "other"}),
        ("POST", f"attempts/{attempt}/incidents", {"kind": "other"}),
        ("POST", f"attempts/{new_id()}/incidents", {"kind": "other"}),
        ("POST", f"incidents/{incident['id']}/acknowledge", None),
        ("POST", f"incidents/{incident['id']}/notes", {"text": "x"}),
        ("POST", f"incidents/{incident['id']}/evidence", None),
        ("GET", f"incidents/{incident['id']}/evidence/{'0' * 64}", None),
    ]
    for method, path, body in calls:
        answer = await http.request(method, f"/api/v1/proctor/{path}", headers=other, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert await listed(http, hall) == [incident]


async def test_a_sealed_rooms_incidents_are_read_and_no_longer_changed(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    incident = await reported(http, hall)
    await sql(context, "UPDATE room SET state = 'sealed'")
    base = "/api/v1/proctor"
    for path, body in (
        (f"rooms/{hall.room_id}/incidents", {"kind": "other"}),
        (f"attempts/{hall.seated[0].attempt_id}/incidents", {"kind": "other"}),
        (f"incidents/{incident['id']}/acknowledge", None),
        (f"incidents/{incident['id']}/notes", {"text": "x"}),
    ):
        assert await code_of(http, hall.chief, f"{base}/{path}", body) == "room_sealed", path
    assert await listed(http, hall) == [incident]


async def test_the_whole_sittings_are_seen_by_the_sittings_readers_and_handled_by_chiefs(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    key = Key(Place(hall.sitting_id), IncidentKind.save_errors, IncidentSource.server)
    async with context.database.transaction() as session:
        system = Actor(ActorKind.system)
        (made,) = await incident_log.record(session, [Occurrence(key, 7)], system, context.clock.host_now())
    own = await reported(http, hall)
    path = f"/api/v1/sittings/{hall.sitting_id}/incidents"
    for reader in (hall.chief, hall.headers(hall.officer)):
        found = (await http.get(path, headers=reader)).json()["items"]
        assert [(one["kind"], one["count"]) for one in found] == [("save_errors", 7), ("other", 1)]
    assert (await http.get(path, headers=hall.proctor)).status_code == 403
    assert await listed(http, hall) == [own]
    for headers, status in ((hall.proctor, 404), (hall.chief, 200)):
        answer = await on_incident(http, headers, {"id": made.id}, "acknowledge")
        assert answer.status_code == status


# For the boards


async def test_the_summary_of_rooms_is_one_statement(
    http: httpx.AsyncClient, hall: Hall, context: Context, clock: FixedClock
) -> None:
    other = await open_hall(context)
    first, second, _ = hall.seated
    await send(http, await log_in(http, first), "focus_lost", "copy")
    clock.advance(timedelta(seconds=1))
    path = f"/api/v1/proctor/attempts/{second.attempt_id}/incidents"
    await http.post(path, headers=hall.proctor, json={"kind": "misconduct"})
    acknowledged = await reported(http, hall)
    await on_incident(http, hall.proctor, acknowledged, "acknowledge")
    clock.advance(timedelta(seconds=1))
    await reported(http, hall, "illness")
    async with context.database.transaction() as session:
        with bound_contextvars(request_id="summary"), counted(context) as statements:
            found = await incidents.summary(session, [hall.room_id, other.room_id])
    assert len(statements) == 1
    assert set(found) == {hall.room_id}
    by_attempt, room = found[hall.room_id].by_attempt, found[hall.room_id].room
    assert {who: (one.open, one.severity) for who, one in by_attempt.items()} == {
        first.attempt_id: (2, "warning"),
        second.attempt_id: (1, "alarm"),
    }
    assert (room.open, room.severity, room.newest, room.last_at) == (4, "alarm", "illness", clock.fixed)


async def test_a_list_takes_as_many_statements_for_many_as_for_one(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    await reported(http, hall, note="一")
    with counted(context) as for_one:
        await listed(http, hall)
    for _ in range(10):
        await reported(http, hall, note="二")
    with counted(context) as for_many:
        await listed(http, hall)
    assert len(for_many) == len(for_one)


async def test_the_room_closes_and_is_read_with_its_incidents(http: httpx.AsyncClient, hall: Hall) -> None:
    for who in hall.seated:
        await begin(http, who)
        await give(http, hall.proctor, who, "submit", REASON)
    await reported(http, hall)
    assert await lead(http, hall, "close") == "closed"
    assert (await reported(http, hall))["count"] == 1, "until it is sealed"
