"""A whole exam over HTTP: log in, start, answer, hand in, be graded, see the result."""

from datetime import timedelta

import httpx

from app.core.context import Context
from app.domain.answers import responses_digest
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import begin, changes, log_in, open_hall, right_answers

NOW = "2027-03-06T01:00:00Z"


async def test_a_whole_exam(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    token = await begin(http, who)

    seen = (await http.get("/api/v1/exam", headers=token)).json()
    assert seen["state"] == "in_progress"
    assert seen["seconds_left"] == 90 * 60
    assert seen["id_number"].endswith(who.id_number[-4:])
    assert who.id_number not in str(seen)

    paper = (await http.get("/api/v1/exam/paper", headers=token)).json()
    assert [item["number"] for item in paper["items"]] == list(range(1, 9))
    assert {item["type"]: len(item["options"]) for item in paper["items"]} == {
        "single": 4,
        "multiple": 5,
        "true_false": 0,
    }

    answers = await right_answers(hall, who)
    wrong = answers | {1: "A" if answers[1] != "A" else "B"}
    saved = await http.put("/api/v1/exam/responses", headers=token, json=changes(wrong))
    assert {outcome["outcome"] for outcome in saved.json()["responses"]} == {"saved"}

    clock.advance(timedelta(minutes=20))
    digest = responses_digest(wrong)
    receipt = await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 8, "digest": digest})
    assert receipt.status_code == 200, receipt.text
    assert receipt.json()["payload"]["responses_digest"] == digest
    again = await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 8})
    assert again.json() == receipt.json()

    await sweep(context)
    assert (await http.get("/api/v1/exam/result", headers=token)).json()["code"] == "result_not_published"

    clock.advance(timedelta(minutes=71))
    await sweep(context)
    for command in ("close", "seal"):
        assert (
            await http.post(f"/api/v1/proctor/rooms/{hall.room_id}/{command}", headers=hall.proctor)
        ).status_code == 200
    officer = hall.headers(hall.officer)
    for command in ("close", "publish"):
        answer = await http.post(f"/api/v1/sittings/{hall.sitting_id}/{command}", headers=officer)
        assert answer.status_code == 200, answer.text

    result = (await http.get("/api/v1/exam/result", headers=token)).json()
    assert (float(result["total"]), float(result["maximum"])) == (9, 10)
    assert result["passed"] is False  # the made-up standard's pass mark is in points of a hundred
    assert sum(float(area["points"]) for area in result["areas"]) == 9

    listed = (await http.get(f"/api/v1/sittings/{hall.sitting_id}/results", headers=officer)).json()["items"]
    assert [(row["attempt_state"], row["state"]) for row in listed] == [
        ("submitted", "published"),
        ("absent", "pending"),
    ]
    check = await http.post("/api/v1/receipts/check", headers=officer, json=receipt.json())
    assert check.json() == {"ok": True, "signed": True, "code": True, "stored": True, "graded": True}


async def test_saving_names_what_became_of_each_answer(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])

    async def save(number: int, answer: str, sequence: int) -> tuple[str, str | None]:
        body = {"responses": [{"number": number, "answer": answer, "sequence": sequence, "client_time": NOW}]}
        reply = (await http.put("/api/v1/exam/responses", headers=token, json=body)).json()["responses"][0]
        return reply["outcome"], reply["reason"]

    assert await save(1, "A", 5) == ("saved", None)
    assert await save(1, "A", 5) == ("saved", None), "a replay"
    assert await save(1, "B", 4) == ("stale", None), "older"
    assert await save(1, "B", 5) == ("stale", None), "another answer with a used sequence"
    assert await save(1, "", 6) == ("saved", None), "taken back"
    assert await save(9, "A", 7) == ("rejected", "unknown_item")
    assert await save(1, "AB", 8) == ("rejected", "invalid_answer")
    assert await save(5, "ACE", 9) == ("saved", None)
    assert await save(5, "ACF", 10) == ("rejected", "invalid_answer")
    assert await save(7, "T", 11) == ("saved", None)
    assert await save(7, "A", 12) == ("rejected", "invalid_answer")
    assert await save(2, "z?", 13) == ("rejected", "invalid_answer"), "of no item's form; others of a batch are saved"
    assert await save(-1, "A", 14) == ("rejected", "unknown_item")
    stored = (await http.get("/api/v1/exam/responses", headers=token)).json()
    assert [(row["number"], row["answer"], row["sequence"]) for row in stored["responses"]] == [
        (1, "", 6),
        (5, "ACE", 9),
        (7, "T", 11),
    ]


async def test_handing_in_waits_for_what_the_server_lacks(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    await http.put("/api/v1/exam/responses", headers=token, json=changes({1: "A"}))
    claim = {"last_sequence": 2, "sequences": {"1": 1, "3": 2}}
    refused = await http.post("/api/v1/exam/submit", headers=token, json=claim)
    assert refused.status_code == 409
    assert refused.json()["code"] == "responses_missing"
    assert refused.json()["missing"] == [3]
    assert (await http.get("/api/v1/exam", headers=token)).json()["state"] == "in_progress"


async def test_the_clock_hands_in_at_the_deadline(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    token = await begin(http, who)
    await http.put("/api/v1/exam/responses", headers=token, json=changes({1: "A"}))
    deadline = clock.advance(timedelta(minutes=90))
    clock.advance(timedelta(seconds=10))
    in_grace = await http.put("/api/v1/exam/responses", headers=token, json=changes({2: "A"}, first=2))
    assert in_grace.json()["responses"][0]["outcome"] == "saved"
    clock.advance(timedelta(seconds=1))
    late = await http.put("/api/v1/exam/responses", headers=token, json=changes({3: "A"}, first=3))
    assert late.json()["responses"][0]["reason"] == "deadline_passed"
    await sweep(context)
    attempt = await hall.attempt(who)
    assert (attempt.state, attempt.submitted_by, attempt.submitted_at) == ("submitted", "deadline", deadline)
    receipt = (await http.get("/api/v1/exam/receipt", headers=token)).json()
    assert receipt["payload"]["answered"] == 2
    assert (await hall.attempt(hall.seated[1])).state == "absent"


async def test_a_second_device_waits_for_release(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    first = await begin(http, who)
    await http.put("/api/v1/exam/responses", headers=first, json=changes({1: "C"}))
    held = await http.post("/api/v1/exam/login", json=who.login("pc-2"))
    assert held.json()["code"] == "lease_held"
    released = await http.post(
        f"/api/v1/proctor/attempts/{who.attempt_id}/release",
        headers=hall.proctor,
        json={"reason": "technical.device"},
    )
    assert released.status_code == 200
    second = await log_in(http, who, "pc-2")
    for call in (
        http.put("/api/v1/exam/responses", headers=first, json=changes({1: "D"}, first=2)),
        http.get("/api/v1/exam", headers=first),
        http.get("/api/v1/exam/paper", headers=first),
        http.post("/api/v1/exam/submit", headers=first, json={"last_sequence": 1}),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_moved")
    stored = (await http.get("/api/v1/exam/responses", headers=second)).json()["responses"]
    assert [row["answer"] for row in stored] == ["C"]


async def test_a_suspended_room_stops_every_clock(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context)
    writing, waiting = hall.seated
    token = await begin(http, writing)
    clock.advance(timedelta(minutes=10))
    room = f"/api/v1/proctor/rooms/{hall.room_id}"
    await http.post(f"{room}/suspend", headers=hall.proctor, json={"reason": "environment.power"})
    rejected = await http.put("/api/v1/exam/responses", headers=token, json=changes({1: "A"}))
    assert rejected.json()["responses"][0]["reason"] == "not_in_progress"
    clock.advance(timedelta(hours=3))
    await sweep(context)
    assert (await hall.attempt(waiting)).state == "checked_in", "late entry is open as long as the room was suspended"
    await http.post(f"{room}/resume", headers=hall.proctor)
    assert (await http.get("/api/v1/exam", headers=token)).json()["seconds_left"] == 80 * 60
    late = await begin(http, waiting)
    assert (await http.get("/api/v1/exam", headers=late)).json()["seconds_left"] == 80 * 60


async def test_time_granted_is_effective_at_once(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    clock.advance(timedelta(minutes=85))
    granted = await http.post(
        f"/api/v1/proctor/rooms/{hall.room_id}/grants",
        headers=hall.proctor,
        json={"extra_seconds": 600, "reason": "environment.noise"},
    )
    assert [outcome["refused"] for outcome in granted.json()["outcomes"]] == [None, None]
    assert (await http.get("/api/v1/exam", headers=token)).json()["seconds_left"] == 15 * 60


async def test_a_repeated_command_gets_the_first_answer(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    await begin(http, who)
    headers = hall.proctor | {"Idempotency-Key": "grant-0001"}
    path = f"/api/v1/proctor/attempts/{who.attempt_id}/grants"
    body = {"extra_seconds": 60, "reason": "technical.device"}
    first = await http.post(path, headers=headers, json=body)
    second = await http.post(path, headers=headers, json=body)
    assert first.json() == second.json()
    assert (await hall.attempt(who)).granted == timedelta(seconds=60)
    other = await http.post(path, headers=headers, json=body | {"extra_seconds": 61})
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_wrong_identity_number_is_refused_and_then_locked_out(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    guess = who.login() | {"id_number": hall.seated[1].id_number}
    for _ in range(5):
        assert (await http.post("/api/v1/exam/login", json=guess)).json()["code"] == "login_refused"
    locked = await http.post("/api/v1/exam/login", json=who.login())
    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out")
    assert int(locked.headers["retry-after"]) == 60
    clock.advance(timedelta(seconds=60))
    assert (await http.post("/api/v1/exam/login", json=who.login())).status_code == 200


async def test_login_waits_for_the_identity_check(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, started=False)
    login = hall.seated[0].login()
    assert (await http.post("/api/v1/exam/login", json=login)).json()["code"] == "room_not_open"
    await http.post(f"/api/v1/proctor/rooms/{hall.room_id}/check-in", headers=hall.proctor)
    assert (await http.post("/api/v1/exam/login", json=login)).json()["code"] == "not_checked_in"


async def test_an_enforced_seat_is_told(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, enforce_seat=True)
    who = hall.seated[0]
    wrong = await http.post("/api/v1/exam/login", json=who.login() | {"room": "第一考场", "seat_number": 2})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_seat")
    right = await http.post("/api/v1/exam/login", json=who.login() | {"room": "第一考场", "seat_number": 1})
    assert right.status_code == 200


async def test_a_proctor_sees_only_the_own_rooms(http: httpx.AsyncClient, context: Context) -> None:
    hall, other = await open_hall(context), await open_hall(context, candidates=3)
    stranger = other.proctor
    assert (await http.get(f"/api/v1/proctor/rooms/{hall.room_id}", headers=stranger)).status_code == 404
    command = await http.post(f"/api/v1/proctor/attempts/{hall.seated[0].attempt_id}/check-in", headers=stranger)
    assert command.status_code == 404
    mine = (await http.get("/api/v1/proctor/rooms", headers=stranger)).json()["items"]
    assert [room["id"] for room in mine] == [str(other.room_id)]


async def test_the_snapshot_tells_which_actions_are_refused_and_why(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    await http.put("/api/v1/exam/responses", headers=token, json=changes({1: "A", 2: ""}))
    snapshot = (await http.get(f"/api/v1/proctor/rooms/{hall.room_id}", headers=hall.proctor)).json()
    assert snapshot["totals"] == {"in_progress": 1, "checked_in": 1}
    row = snapshot["attempts"][0]
    assert (row["state"], row["answered"], row["total"]) == ("in_progress", 1, 8)
    refused = {action["action"]: action["refused"] for action in row["allowed_actions"]}
    assert refused["interrupt"] is None
    assert refused["check_in"] == "invalid_transition"
    assert refused["reopen"] == "not_allowed"
