"""Bodies that are too large, clients that call too often, and events without end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.core.context import Context
from app.domain.client_events import LIMIT
from tests.applications import started
from tests.conftest import FixedClock, Login
from tests.halls import Hall, begin, changes, log_in, open_hall
from tests.proctors import REASON, give
from tests.rows import sql
from tests.serving import PATIENCE, eventually

MEGABYTE = 1024 * 1024
RESPONSES, EVENTS, SUBMIT = (f"/api/v1/exam/{name}" for name in ("responses", "events", "submit"))
NOW = "2027-03-06T01:00:00Z"

# Bodies


async def streamed(size: int) -> AsyncIterator[bytes]:
    """In pieces, so that no length is declared."""
    for _ in range(size // 65536):
        yield b" " * 65536


async def test_a_body_that_is_too_large_is_refused_before_anything_else(http: httpx.AsyncClient) -> None:
    """Declared or streamed; to who is not logged in as well."""
    json = {"Content-Type": "application/json"}
    for path in ("/api/v1/exam/login", "/api/v1/auth/refresh", "/api/v1/sittings"):
        for content in (b" " * (MEGABYTE + 1), streamed(2 * MEGABYTE)):
            answer = await http.post(path, content=content, headers=json)
            body = answer.json()
            assert (answer.status_code, body["code"]) == (413, "body_too_large"), path
            assert "1 MB" in body["detail"]
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-request-id"] == body["request_id"]


async def test_what_fits_is_read(http: httpx.AsyncClient) -> None:
    for content in (b" " * MEGABYTE, streamed(MEGABYTE)):
        answer = await http.post("/api/v1/auth/refresh", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_forms_and_files_are_limited_too(http: httpx.AsyncClient, login: Login) -> None:
    form = await http.post("/api/v1/auth/token", data={"username": "known", "password": "x" * 2 * MEGABYTE})
    assert (form.status_code, form.json()["code"]) == (413, "body_too_large")
    officer = await login("officer")
    path = "/api/v1/sittings/0190b6f0-0000-7000-8000-000000000000/entries/import"
    for size, code in ((20 * MEGABYTE, "roster_file_too_large"), (26 * MEGABYTE, "body_too_large")):
        answer = await http.post(path, files={"file": ("名单.xlsx", b"PK\x03\x04" + b" " * size)}, headers=officer)
        assert (answer.status_code, answer.json()["code"]) == (413, code)


async def test_a_length_that_is_no_number_does_not_pass_the_limit(http: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "x"}
    answer = await http.post("/api/v1/auth/refresh", content=b" " * (MEGABYTE + 1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


ID = "0190b6f0-0000-7000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=-"}


@pytest.mark.parametrize(
    ("role", "path", "headers", "content"),
    [
        ("proctor", f"proctor/attempts/{ID}/resume", JSON, b'{"release_device": false}'),
        ("proctor", f"proctor/attempts/{ID}/withdraw-termination", JSON, b"{}"),
        ("proctor", f"proctor/rooms/{ID}/close", JSON, b"{}"),
        ("officer", f"sittings/{ID}/close", JSON, b"{}"),
        ("officer", "items/import", JSON, b'{"items": []}'),
        ("officer", f"sittings/{ID}/entries/import", FORM, b'---\r\nContent-Disposition: form-data; name="file"'),
        ("proctor", f"proctor/incidents/{ID}/evidence", {"Content-Type": "image/png"}, b"no picture"),
    ],
)
async def test_who_sends_half_a_body_keeps_no_connection_waiting(
    http: httpx.AsyncClient,
    context: Context,
    login: Login,
    role: str,
    path: str,
    headers: dict[str, str],
    content: bytes,
) -> None:
    waiting, rest = asyncio.Event(), asyncio.Event()

    async def halves() -> AsyncIterator[bytes]:
        yield content[:5]
        waiting.set()
        await rest.wait()
        yield content[5:]

    headers = headers | await login(role) | {"Idempotency-Key": "a slow client"}
    command = asyncio.create_task(http.post(f"/api/v1/{path}", content=halves(), headers=headers))
    async with asyncio.timeout(PATIENCE):
        await waiting.wait()
    await eventually(lambda: _nothing_is_held(context))
    rest.set()
    assert (await command).status_code in (404, 415, 422)


# Requests


@pytest_asyncio.fixture
async def paced(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    """The application with the limits it has unless set otherwise."""
    usual = context.settings.model_copy(update={"candidate_request_burst": 20})
    async with started(replace(context, settings=usual)) as app:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield http


async def test_after_a_burst_a_client_is_told_to_wait_and_no_accepted_answer_is_lost(
    paced: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await open_hall(context)
    token = await begin(paced, hall.seated[0])
    accepted = 0
    for sequence in range(1, 31):
        body = changes({1: "ABCD"[sequence % 4]}, first=sequence)
        answer = await paced.put(RESPONSES, headers=token, json=body)
        if answer.status_code == 200:
            accepted = sequence
            continue
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert answer.headers["retry-after"] == "1"
    assert accepted == 20
    stored = (await paced.get(RESPONSES, headers=token)).json()
    assert (stored["last_sequence"], stored["responses"][0]["answer"]) == (20, "ABCD"[20 % 4])
    clock.advance(timedelta(seconds=1))
    later = [
        (await paced.put(RESPONSES, headers=token, json=changes({1: "A"}, first=31))).status_code for _ in range(6)
    ]
    assert later == [200] * 5 + [429]


async def test_saves_and_reports_count_together_and_handing_in_is_never_refused(
    paced: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context)
    token = await begin(paced, hall.seated[0])
    await paced.put(RESPONSES, headers=token, json=changes({1: "A"}))
    codes = [(await paced.post(EVENTS, headers=token, json={})).status_code for _ in range(20)]
    assert codes == [200] * 19 + [429]
    assert (await paced.put(RESPONSES, headers=token, json=changes({1: "B"}, first=2))).status_code == 429
    assert (await paced.post(SUBMIT, headers=token, json={"last_sequence": 1})).status_code == 200


async def test_one_client_does_not_slow_down_another_nor_a_released_device_its_successor(
    paced: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context)
    first, second = hall.seated
    old = await begin(paced, first)
    await give(paced, hall.proctor, first, "release", REASON)
    codes = {(await paced.put(RESPONSES, headers=old, json=changes({1: "A"}))).json()["code"] for _ in range(30)}
    assert codes == {"lease_moved", "too_many_requests"}
    new = await log_in(paced, first, "pc-2")
    assert (await paced.put(RESPONSES, headers=new, json=changes({1: "A"}))).status_code == 200
    other = await begin(paced, second)
    assert (await paced.put(RESPONSES, headers=other, json=changes({1: "A"}))).status_code == 200


# Events


async def events_of(context: Context, hall: Hall) -> list[Any]:
    return await sql(
        context, "SELECT kind FROM client_event WHERE attempt_id = :of ORDER BY id", of=hall.seated[0].attempt_id
    )


async def test_of_endless_events_a_limited_number_is_kept_and_the_last_says_so(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    await sql(
        context,
        "INSERT INTO client_event (sitting_id, id, attempt_id, kind, detail, client_time, received_at)"
        " SELECT :sitting, gen_random_uuid(), :attempt, 'note', '', :now, :now FROM generate_series(1, :count)",
        sitting=hall.sitting_id,
        attempt=hall.seated[0].attempt_id,
        now=context.clock.host_now(),
        count=LIMIT - 10,
    )
    report = {"events": [{"kind": "note", "client_time": NOW}] * 6}
    for _ in range(3):
        assert (await http.post(EVENTS, headers=token, json=report)).status_code == 200
    kept = [row.kind for row in await events_of(context, hall)]
    assert (len(kept), kept.count("limit_reached")) == (LIMIT, 1)


async def test_events_below_the_limit_are_kept_as_they_come(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    token = await begin(http, hall.seated[0])
    for kind in ("zoomed", "resized"):
        await http.post(EVENTS, headers=token, json={"events": [{"kind": kind, "client_time": NOW}] * 2})
    assert [row.kind for row in await events_of(context, hall)] == ["zoomed", "zoomed", "resized", "resized"]


async def _nothing_is_held(context: Context) -> bool:
    """What runs beside the requests is between two statements of a transaction only for moments."""
    idle = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    return await sql(context, idle) == []
