"""Pictures kept with incidents, over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest_asyncio

from app.core.context import Context
from app.domain.pictures import MOST_BYTES
from app.services.evidence import MOST_PICTURES
from tests.conftest import Login
from tests.domain.test_pictures import claiming, picture
from tests.halls import Hall, open_hall
from tests.incidents import Read, listed, reported
from tests.rows import sql
from tests.serving import eventually


@pytest_asyncio.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


def path_of(incident: Read) -> str:
    return f"/api/v1/proctor/incidents/{incident['id']}/evidence"


async def add(
    http: httpx.AsyncClient, headers: dict[str, str], incident: Read, content: bytes, media_type: str = "image/png"
) -> httpx.Response:
    return await http.post(path_of(incident), headers=headers | {"Content-Type": media_type}, content=content)


async def test_a_picture_is_kept_as_it_is_and_given_back_for_saving_only(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    incident = await reported(http, hall)
    content = picture("JPEG")
    answer = await add(http, hall.proctor, incident, content, media_type="application/octet-stream")
    assert answer.status_code == 201, answer.text
    (kept,) = answer.json()["evidence"]
    assert (kept["digest"], kept["media_type"]) == (hashlib.sha256(content).hexdigest(), "image/jpeg")
    assert (kept["size"], kept["added_by"]) == (len(content), incident["reported_by"])
    assert (await listed(http, hall))[0]["evidence"] == [kept]
    got = await http.get(f"{path_of(incident)}/{kept['digest']}", headers=hall.proctor)
    assert (got.content, got.headers["content-type"]) == (content, "image/jpeg")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"] == f'attachment; filename="{kept["digest"][:16]}.jpeg"'
    (row,) = await sql(context, "SELECT count(*) FROM audit_event WHERE action = 'incident.add_evidence'")
    assert row[0] == 1


async def test_who_reads_the_sitting_may_fetch_a_picture_which_is_recorded(
    http: httpx.AsyncClient, hall: Hall, context: Context, login: Login
) -> None:
    incident = await reported(http, hall)
    digest = (await add(http, hall.proctor, incident, picture("PNG"))).json()["evidence"][0]["digest"]
    path = f"incidents/{incident['id']}/evidence/{digest}"
    for role, status in (("officer", 200), ("auditor", 200), ("chief", 200), ("proctor", 403), ("author", 403)):
        answer = await http.get(f"/api/v1/sittings/{hall.sitting_id}/{path}", headers=await login(role))
        assert answer.status_code == status, role
        assert (answer.content == picture("PNG")) is (status == 200)
    other = await http.get(f"/api/v1/sittings/{incident['id']}/{path}", headers=await login("auditor"))
    assert (other.status_code, other.json()["code"]) == (404, "not_found")
    events = await sql(
        context,
        "SELECT sitting_id, subject_id, details FROM audit_event WHERE action = 'incident.export_evidence'",
    )
    assert [tuple(event) for event in events] == [(hall.sitting_id, UUID(incident["id"]), {"digest": digest})] * 3


async def test_the_same_picture_is_stored_once(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    first, second = await reported(http, hall), await reported(http, hall)
    for incident in (first, first, second):
        answer = await add(http, hall.proctor, incident, picture("PNG"))
        assert (answer.status_code, len(answer.json()["evidence"])) == (201, 1)
    assert len(await sql(context, "SELECT 1 FROM evidence")) == 1
    assert len(await sql(context, "SELECT 1 FROM incident_evidence")) == 2


async def test_what_is_no_small_picture_is_refused(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    incident = await reported(http, hall)
    refused = {
        b"MZ\x90\x00 program": (415, "evidence_not_picture"),
        b"": (415, "evidence_not_picture"),
        claiming(60_000, 60_000): (413, "evidence_too_large"),
        picture("PNG") + bytes(MOST_BYTES): (413, "evidence_too_large"),
    }
    for content, expected in refused.items():
        answer = await add(http, hall.proctor, incident, content)
        assert (answer.status_code, answer.json()["code"]) == expected
    assert await sql(context, "SELECT 1 FROM evidence") == []


async def test_no_more_of_a_body_is_read_than_shows_that_it_is_too_large(http: httpx.AsyncClient, hall: Hall) -> None:
    incident = await reported(http, hall)
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65536
            yield bytes(65536)

    answer = await http.post(path_of(incident), headers=hall.proctor, content=endless())
    assert answer.status_code == 413
    assert taken <= MOST_BYTES + 2 * 65536


async def test_who_sends_slowly_keeps_no_connection_waiting(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    incident = await reported(http, hall)
    content = picture("PNG")
    sending, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield content[:10]
        sending.set()
        await go_on.wait()
        yield content[10:]

    upload = asyncio.create_task(http.post(path_of(incident), headers=hall.proctor, content=slowly()))
    await sending.wait()

    async def nobody_waits() -> bool:
        return await sql(context, "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'") == []

    await eventually(nobody_waits)
    go_on.set()
    assert (await upload).status_code == 201


async def test_an_incident_takes_a_limited_number_of_pictures(http: httpx.AsyncClient, hall: Hall) -> None:
    incident = await reported(http, hall)
    for width in range(1, MOST_PICTURES + 1):
        assert (await add(http, hall.proctor, incident, picture("PNG", (width, 1)))).status_code == 201
    full = await add(http, hall.proctor, incident, picture("PNG", (1, 2)))
    assert (full.status_code, full.json()["code"]) == (409, "evidence_full")
    assert (await add(http, hall.proctor, incident, picture("PNG", (1, 1)))).status_code == 201, "one it has"


async def test_a_picture_is_found_only_with_its_incident_and_by_who_may_see_that(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    """Also when the same content is kept with an incident of one's own room."""
    other = await open_hall(context)
    theirs, own = await reported(http, hall), await reported(http, other)
    digest = (await add(http, hall.proctor, theirs, picture("PNG"))).json()["evidence"][0]["digest"]
    for headers, incident, status in (
        (other.proctor, theirs, 404),
        (other.proctor, own, 404),
        (hall.proctor, theirs, 200),
        (hall.chief, theirs, 200),
    ):
        answer = await http.get(f"{path_of(incident)}/{digest}", headers=headers)
        assert answer.status_code == status
    assert (await http.get(f"{path_of(theirs)}/..%2f{digest}", headers=hall.proctor)).status_code == 404
    assert (await http.get(f"{path_of(theirs)}/{digest[:-1]}X", headers=hall.proctor)).status_code == 422
