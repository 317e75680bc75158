"""The record of a room over HTTP: what it tells, its digest, and who may read it."""

import json
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from app.core.canonical import digest
from app.core.context import Context
from app.core.permissions import Role
from tests.conftest import FixedClock
from tests.halls import Hall, add_staff, begin, open_hall
from tests.proctors import GRANT, REASON, STOPS, give, save
from tests.room_days import INCIDENT, post, read_record, room_path, whole_day
from tests.rows import sql
from tests.statements import counted


def at(minutes: int) -> str:
    """So many minutes after the sitting's start."""
    return f"2027-03-06T{1 + minutes // 60:02d}:{minutes % 60:02d}:00Z"


async def test_the_record_tells_the_whole_day(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    hall = await whole_day(http, context, clock)
    read = await read_record(http, hall)
    record = read["record"]
    assert read["state"] == "closed"
    assert read["record_digest"] == digest(record), "SHA-256 over the canonical JSON of what is answered"
    assert (read["seals"], read["seals_needed"]) == ([], 2)
    assert read["audit_head"]["sequence"] > 0
    assert len(read["audit_head"]["hash"]) == 64

    sitting = record["sitting"]
    assert (sitting["standard_code"], sitting["standard_edition"], sitting["level_name"]) == (
        "9-99-99-99",
        "2026",
        "五级/初级工",
    )
    assert (sitting["starts_at"], sitting["ends_at"], sitting["duration_minutes"]) == (at(0), at(90), 90)
    assert (record["room"]["name"], record["room"]["proctors_needed"]) == ("第一考场", 3)

    staff = Counter((one["assigned"], one["acted"]) for one in record["staff"])
    assert staff == {(True, True): 1, (True, False): 2, (False, True): 1}, "three proctors, one of whom acted; a chief"

    attendance = record["attendance"]
    assert [one["seat_number"] for one in attendance] == [1, 2, 3, 4, 5]
    assert [one["ticket_number"] for one in attendance] == [who.ticket_number for who in hall.seated]
    assert [one["state"] for one in attendance] == ["submitted", "terminated", "submitted", "submitted", "absent"]
    assert [one["submitted_by"] for one in attendance] == ["deadline", None, "candidate", "proctor", None]
    assert {one["checked_in_at"] for one in attendance} == {at(0)}
    assert {one["identity_check"] for one in attendance} == {"identity_card"}
    assert [one["submitted_at"] for one in attendance] == [at(105), at(10), at(10), at(10), None]
    assert (attendance[0]["granted_seconds"], attendance[0]["stopped_seconds"]) == (600, 300)
    assert attendance[0]["id_number"] == f"{hall.seated[0].id_number[:6]}********{hall.seated[0].id_number[-4:]}"
    assert record["absent"] == [hall.seated[4].ticket_number]

    own, *with_room = record["interruptions"]
    assert (own["seat_number"], own["started_at"], own["ended_at"], own["reason"], own["note"], own["stops_clock"]) == (
        1,
        at(5),
        at(7),
        "technical.device",
        "键盘失灵",
        True,
    )
    assert {one["seat_number"] for one in with_room} == {1, 2, 3, 4}
    assert {(one["with_room"], one["started_at"], one["ended_at"]) for one in with_room} == {(True, at(7), at(10))}

    (grant,) = record["grants"]
    assert (grant["seat_number"], grant["seconds"], grant["reason"]) == (1, 600, "technical.device")
    (hand,) = record["hands"]
    assert (hand["seat_number"], hand["raised_at"], hand["reason"]) == (3, at(5), "restroom")
    (incident,) = record["incidents"]
    assert (incident["kind"], incident["source"], incident["ticket_number"]) == ("disturbance", "proctor", None)
    assert [note["text"] for note in incident["notes"]] == [INCIDENT["note"]]

    chief = next(one["username"] for one in record["staff"] if not one["assigned"])
    rulings = [(one["seat_number"], one["command"], one["by"]["username"] == chief) for one in record["rulings"]]
    assert rulings == [(2, "propose_termination", False), (2, "terminate", True), (4, "collect", False)]
    assert record["rulings"][0]["note"] == "夹带"
    assert [(one["command"], one["at"]) for one in record["commands"]] == [
        ("check_in", at(0)),
        ("start", at(0)),
        ("suspend", at(7)),
        ("resume", at(10)),
        ("close", at(130)),
    ]
    totals = record["totals"]
    assert (totals["candidates"], totals["present"], totals["absent"]) == (5, 4, 1)
    assert totals["submitted_by"] == {"deadline": 1, "candidate": 1, "proctor": 1}
    assert (totals["grants"], totals["granted_seconds"], totals["interruptions"]) == (1, 600, 5)
    assert (totals["notices"], totals["hands"], totals["incidents"]) == (1, 1, {incident["severity"]: 1})


async def test_the_record_has_no_item_answer_or_key(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    await save(http, await begin(http, hall.seated[0]), 1, "B", 1)
    text = json.dumps(await read_record(http, hall), ensure_ascii=False)
    assert [item.stem for item in hall.paper.items if item.stem in text] == []
    assert [word for word in ("answer", "key", "score", 'total"', hall.seated[0].id_number) if word in text] == []


async def test_the_digest_is_the_same_wherever_the_database_keeps_the_rows(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """A suspension interrupts everybody at one instant, and later updates move rows to other places."""
    hall = await whole_day(http, context, clock)
    await sql(context, "ANALYZE attempt, interruption")
    before = (await read_record(http, hall))["record_digest"]
    for who in hall.seated:
        await sql(context, "UPDATE attempt SET state = state WHERE id = :id", id=who.attempt_id)
        await sql(context, "UPDATE interruption SET note = note WHERE attempt_id = :id", id=who.attempt_id)
        assert (await read_record(http, hall))["record_digest"] == before


async def test_the_digest_changes_when_something_happens_and_only_then(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context)
    who, room = hall.seated[0], room_path(hall)
    token = await begin(http, who)
    seen = {(await read_record(http, hall))["record_digest"]}

    async def has_changed() -> bool:
        present = (await read_record(http, hall))["record_digest"]
        changed = present not in seen
        seen.add(present)
        return changed

    clock.advance(timedelta(minutes=1))
    await save(http, token, 1, "B", 1)
    await http.post("/api/v1/exam/events", headers=token, json={})
    await http.get(f"{room}/record.pdf", headers=hall.proctor)
    assert not await has_changed(), "time, saving, a heartbeat and reading are no part of it"

    await give(http, hall.proctor, who, "grants", GRANT)
    assert await has_changed()
    await give(http, hall.proctor, who, "interrupt", STOPS)
    assert await has_changed()
    await give(http, hall.proctor, who, "resume")
    assert await has_changed()
    incident = await post(http, f"{room}/incidents", hall.proctor, INCIDENT)
    assert await has_changed()
    await post(http, f"/api/v1/proctor/incidents/{incident['id']}/acknowledge", hall.proctor)
    assert await has_changed()
    await post(http, f"/api/v1/proctor/incidents/{incident['id']}/notes", hall.proctor, {"text": "已停工"})
    assert await has_changed()
    await post(http, f"{room}/messages", hall.proctor, {"body": "请安静"})
    assert await has_changed()
    await give(http, hall.proctor, who, "submit", REASON)
    assert await has_changed()
    assert not await has_changed()


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


def papers_of(hall: Hall) -> list[str]:
    rooms = [room_path(hall), f"/api/v1/sittings/{hall.sitting_id}/rooms/{hall.room_id}"]
    papers = ("record", "record.pdf", "sign-in-sheet.pdf", "seat-map.pdf")
    return [f"{room}/{paper}" for room in rooms for paper in papers] + [
        f"/api/v1/sittings/{hall.sitting_id}/tickets.pdf"
    ]


async def statuses(http: httpx.AsyncClient, paths: list[str], headers: dict[str, str]) -> list[int]:
    return [(await http.get(path, headers=headers)).status_code for path in paths]


async def test_each_sees_the_rooms_that_are_theirs(http: httpx.AsyncClient, context: Context, hall: Hall) -> None:
    """Four paths of the proctor's room, then four of the sitting's, then its tickets."""
    other = hall.headers(await add_staff(context, Role.proctor))
    officer, auditor = hall.headers(hall.officer), hall.headers(await add_staff(context, Role.auditor))
    paths = papers_of(hall)
    assert await statuses(http, paths, hall.proctor) == [200] * 4 + [403] * 5
    assert await statuses(http, paths, other) == [404] * 4 + [403] * 5
    assert await statuses(http, paths, hall.chief) == [200] * 9
    assert await statuses(http, paths, officer) == [403] * 4 + [200] * 5
    assert await statuses(http, paths, auditor) == [403] * 4 + [200] * 5
    assert await statuses(http, paths, await begin(http, hall.seated[0])) == [403] * 9


async def test_a_room_is_read_under_its_own_sitting_only(
    http: httpx.AsyncClient, context: Context, hall: Hall, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=1))
    another = await open_hall(context)
    officer = hall.headers(hall.officer)
    wrong = f"/api/v1/sittings/{another.sitting_id}/rooms/{hall.room_id}"
    paths = [f"{wrong}/{paper}" for paper in ("record", "record.pdf", "sign-in-sheet.pdf", "seat-map.pdf")]
    paths.append(f"/api/v1/sittings/{another.sitting_id}/tickets.pdf?room_id={hall.room_id}")
    assert await statuses(http, paths, officer) == [404] * 5


async def test_a_record_takes_as_many_statements_for_a_large_room(http: httpx.AsyncClient, context: Context) -> None:
    async def statements(candidates: int) -> int:
        hall = await open_hall(context, candidates=candidates)
        for who in hall.seated[:candidates]:
            await give(http, hall.proctor, who, "grants", GRANT)
        await read_record(http, hall)
        with counted(context) as taken:
            await read_record(http, hall)
        return len(taken)

    assert await statements(2) == await statements(30) <= 20
