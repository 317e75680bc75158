"""Incidents from clients, over HTTP: recorded, merged, and raised by the rules."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from app.core.context import Context
from app.core.database import Database
from app.domain.actors import Actor, ActorKind
from app.domain.incident_kinds import IncidentKind, IncidentSource
from app.domain.incidents import Key, Occurrence, Place
from app.services import incident_log
from tests.builders import STANDARD
from tests.conftest import FixedClock, Login
from tests.halls import Hall, begin, open_hall
from tests.incidents import audited, happened, listed, on_incident, send
from tests.proctors import NOW, code_of
from tests.rows import sql
from tests.statements import counted

EVENTS = "/api/v1/exam/events"


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=3)


# What is recorded


async def test_what_a_client_reports_of_its_candidate_is_an_incident_and_other_events_are_kept(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    who = hall.seated[0]
    await send(http, await begin(http, who), "focus_lost", "paste", "focus_lost", "screen_saver")
    found = await listed(http, hall)
    assert {(one["kind"], one["count"], one["source"], one["attempt_id"]) for one in found} == {
        ("focus_lost", 2, "client", str(who.attempt_id)),
        ("paste", 1, "client", str(who.attempt_id)),
    }
    assert [kind for (kind,) in await sql(context, "SELECT kind FROM client_event")] == ["screen_saver"]
    assert await audited(context, "incident.open") == 2


async def test_what_a_candidate_writes_into_an_event_reaches_no_proctor(http: httpx.AsyncClient, hall: Hall) -> None:
    """A pasted text may be an item's, or an answer."""
    event = {"kind": "paste", "detail": "第1题", "client_time": NOW}
    await http.post(EVENTS, headers=await begin(http, hall.seated[0]), json={"events": [event]})
    answer = await http.get(f"/api/v1/proctor/rooms/{hall.room_id}/incidents", headers=hall.proctor)
    assert answer.json()["items"]
    assert "第1题" not in answer.text


async def test_a_heartbeat_writes_nothing(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    token = await begin(http, hall.seated[0])
    with counted(context) as statements:
        await http.post(EVENTS, headers=token, json={"events": []})
    assert [statement for statement in statements if not statement.startswith("SELECT")] == []


async def test_a_flood_is_one_incident_in_as_many_statements_as_one_event(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    token = await begin(http, hall.seated[0])
    await send(http, token, "focus_lost")
    with counted(context) as for_one:
        await send(http, token, "focus_lost")
    with counted(context) as for_many:
        await send(http, token, *["focus_lost"] * 100)
    assert len(for_many) <= len(for_one) + 2, "one more when it becomes an alarm"
    assert (await http.post(EVENTS, headers=token, json=happened(*["focus_lost"] * 10_000))).status_code == 422
    for _ in range(100):
        await send(http, token, *["focus_lost"] * 100)
    (only,) = await listed(http, hall)
    assert (only["count"], only["severity"]) == (10_102, "alarm")
    assert await audited(context, "incident.open") + await audited(context, "incident.escalate") == 2
    assert await sql(context, "SELECT 1 FROM client_event") == []
    (row,) = await sql(context, "SELECT length(details::text) FROM incident")
    assert row[0] < 1000


async def test_after_the_end_nothing_more_is_an_incident(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await begin(http, hall.seated[0])
    await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    await send(http, token, "focus_lost")
    assert await listed(http, hall) == []


async def test_a_second_login_is_recorded_although_it_is_refused(http: httpx.AsyncClient, hall: Hall) -> None:
    who = hall.seated[0]
    await begin(http, who)
    for _ in range(2):
        assert await code_of(http, {}, "/api/v1/exam/login", who.login("pc-9")) == "lease_held"
    (only,) = await listed(http, hall)
    assert (only["kind"], only["count"], only["attempt_id"]) == ("second_login", 2, str(who.attempt_id))
    assert only["details"]["device"] == "pc-9"
    assert (await hall.attempt(who)).lease_device == "pc-1"


@pytest.mark.parametrize(
    ("room", "seat", "kind"), [("第二考场", 1, "wrong_room"), ("第一考场", 2, "wrong_seat")], ids=["room", "seat"]
)
async def test_a_login_elsewhere_is_recorded_although_it_is_refused(
    http: httpx.AsyncClient, hall: Hall, room: str, seat: int, kind: str
) -> None:
    body = hall.seated[0].login() | {"room": room, "seat_number": seat}
    assert await code_of(http, {}, "/api/v1/exam/login", body) == "wrong_seat"
    (only,) = await listed(http, hall)
    assert (only["kind"], only["details"]["room"], only["details"]["seat_number"]) == (kind, room, seat)


async def test_a_wrong_guess_of_the_identity_number_is_no_incident(http: httpx.AsyncClient, hall: Hall) -> None:
    body = hall.seated[0].login() | {"id_number": hall.seated[1].id_number}
    assert await code_of(http, {}, "/api/v1/exam/login", body) == "login_refused"
    assert await listed(http, hall) == []


# Merging


async def test_repeats_merge_until_the_window_ends_or_somebody_acknowledges(
    http: httpx.AsyncClient, hall: Hall, clock: FixedClock
) -> None:
    token = await begin(http, hall.seated[0])
    await send(http, token, "copy")
    clock.advance(timedelta(minutes=5))
    await send(http, token, "copy")
    (both,) = await listed(http, hall)
    assert both["count"] == 2
    await on_incident(http, hall.proctor, both, "acknowledge")
    await send(http, token, "copy")
    clock.advance(timedelta(minutes=6))
    await send(http, token, "copy")
    assert [(one["count"], one["acknowledged_at"] is None) for one in await listed(http, hall)] == [
        (1, True),
        (1, True),
        (2, False),
    ]


async def test_repeats_of_many_processes_at_once_are_one_incident(
    http: httpx.AsyncClient, hall: Hall, context: Context, database_url: str
) -> None:
    """Each on a connection of its own, over two pools."""
    await begin(http, hall.seated[0])
    place = Place(hall.sitting_id, hall.room_id, hall.seated[0].attempt_id)
    actor = Actor(ActorKind.candidate, hall.seated[0].attempt_id)
    now = context.clock.host_now()
    other = Database(database_url)

    async def once(database: Database, kinds: list[IncidentKind]) -> None:
        occurrences = [Occurrence(Key(place, kind, IncidentSource.client)) for kind in kinds]
        async with database.transaction() as session:
            await incident_log.record(session, occurrences, actor, now)

    pair = [IncidentKind.copy, IncidentKind.paste]
    await asyncio.gather(*(once((context.database, other)[turn % 2], pair[:: (-1) ** turn]) for turn in range(40)))
    await other.dispose()
    assert Counter({one["kind"]: one["count"] for one in await listed(http, hall)}) == {"copy": 40, "paste": 40}
    assert await audited(context, "incident.open") == 2


async def test_an_acknowledgement_at_the_same_time_loses_no_repeat(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    token = await begin(http, hall.seated[0])
    await send(http, token, "copy")
    (first,) = await listed(http, hall)
    await asyncio.gather(
        *(send(http, token, "copy") for _ in range(5)),
        on_incident(http, hall.proctor, first, "acknowledge"),
        *(send(http, token, "copy") for _ in range(5)),
    )
    assert sum(one["count"] for one in await listed(http, hall)) == 11


# Rules of the sitting


async def test_a_sittings_own_rule_decides(http: httpx.AsyncClient, context: Context) -> None:
    rule = {"kind": "copy", "severity": "info", "merge_seconds": 60, "alarm_after": {"count": 2, "within_seconds": 60}}
    hall = await open_hall(context, alarm_rules=[rule])
    token = await begin(http, hall.seated[0])
    for expected in ("info", "alarm"):
        await send(http, token, "copy", "focus_lost")
        (copied,) = await listed(http, hall, kind="copy")
        assert copied["severity"] == expected
    assert [one["severity"] for one in await listed(http, hall, kind="focus_lost")] == ["warning"], "by default"
    assert await audited(context, "incident.escalate") == 1


async def test_the_rules_are_part_of_a_draft_and_checked(
    http: httpx.AsyncClient, login: Login, clock: FixedClock
) -> None:
    headers = await login("officer")
    rule = {"kind": "clock_skew", "severity": "warning", "threshold_seconds": 5}
    starts_at = (clock.host_now() + timedelta(days=1)).isoformat()
    plan = {"standard_code": STANDARD, "level": 5, "name": "三月场", "starts_at": starts_at, "alarm_rules": [rule]}
    made = (await http.post("/api/v1/sittings", headers=headers, json=plan)).json()
    path = f"/api/v1/sittings/{made['id']}"
    assert (await http.get(path, headers=headers)).json() == made
    assert made["alarm_rules"] == [rule | {"merge_seconds": 0, "alarm_after": None}]
    wrong = {"alarm_rules": [rule, {"kind": "clock_skew", "severity": "info"}]}
    answer = await http.patch(path, headers=headers, json=wrong)
    assert [(error["place"], error["code"]) for error in answer.json()["errors"]] == [
        ("alarm_rules[1].kind", "alarm_rule_repeated"),
        ("alarm_rules[1].threshold_seconds", "alarm_rule_threshold"),
    ]
    assert (await http.patch(path, headers=headers, json={"name": "四月场"})).json()["alarm_rules"] == made[
        "alarm_rules"
    ]
    assert (await http.patch(path, headers=headers, json={"alarm_rules": []})).json()["alarm_rules"] == []


async def test_a_chief_adjusts_the_rules_while_the_sitting_is_live(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    path = f"/api/v1/sittings/{hall.sitting_id}/alarm-rules"
    body = {"alarm_rules": [{"kind": "copy", "severity": "alarm"}]}
    answer = await http.put(path, headers=hall.chief, json=body)
    assert answer.status_code == 200, answer.text
    assert [(rule["kind"], rule["severity"]) for rule in answer.json()["alarm_rules"]] == [("copy", "alarm")]
    await send(http, await begin(http, hall.seated[0]), "copy")
    assert [one["severity"] for one in await listed(http, hall)] == ["alarm"]
    assert (await http.put(path, headers=hall.proctor, json=body)).status_code == 403
    wrong = {"alarm_rules": [{"kind": "sweeper_late", "severity": "alarm"}]}
    assert (await http.put(path, headers=hall.chief, json=wrong)).json()["code"] == "sitting_refused"
    assert await audited(context, "sitting.set_alarm_rules") == 1
