"""Publishing: what nobody has reviewed is confirmed with it, knowingly, or keeps it from being published."""

from typing import Any

import httpx

from app.core.context import Context
from app.services.sweeper import sweep
from tests.halls import Hall, begin, open_hall
from tests.rows import rows_of, sql


async def closed(http: httpx.AsyncClient, context: Context, reviewed: int) -> Hall:
    """A closed sitting of three, all graded, of which so many results are reviewed."""
    hall = await open_hall(context, candidates=3)
    for who in hall.seated:
        token = await begin(http, who)
        await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    await sweep(context)
    officer = hall.headers(hall.officer)
    for who in hall.seated[:reviewed]:
        await http.post(f"/api/v1/results/{who.attempt_id}/review", headers=officer, json={"decision": "confirm"})
    await http.post(f"/api/v1/proctor/rooms/{hall.room_id}/close", headers=hall.proctor)
    answer = await http.post(f"/api/v1/sittings/{hall.sitting_id}/close", headers=officer)
    assert answer.status_code == 200, answer.text
    return hall


async def publish(http: httpx.AsyncClient, hall: Hall, body: Any = None, **headers: str) -> httpx.Response:
    path = f"/api/v1/sittings/{hall.sitting_id}/publish"
    return await http.post(path, headers=hall.headers(hall.officer) | headers, json=body)


async def test_a_plain_call_confirms_what_nobody_reviewed_and_says_how_many(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await closed(http, context, reviewed=1)
    first, again = [await publish(http, hall, **{"Idempotency-Key": "publish-1"}) for _ in range(2)]
    body = first.json()
    assert (body["state"], body["results"], body["confirmed_unreviewed"]) == ("published", 3, 2)
    assert again.json() == body
    results = await sql(context, "SELECT state, confirmed_by FROM result")
    assert {tuple(row) for row in results} == {("published", hall.officer.id)}
    (event,) = await sql(context, "SELECT details FROM audit_event WHERE action = 'sitting.publish'")
    assert event.details == {"from": "closed", "to": "published", "results": 3, "confirmed_unreviewed": 2}


async def test_without_leave_to_confirm_unreviewed_results_keep_it_from_being_published(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await closed(http, context, reviewed=1)
    before = await rows_of(context)
    answer = await publish(http, hall, {"confirm_unreviewed": False})
    assert (answer.status_code, answer.json()["code"], answer.json()["unreviewed"]) == (409, "results_unreviewed", 2)
    assert await rows_of(context) == before


async def test_when_all_are_reviewed_nothing_needs_to_be_said(http: httpx.AsyncClient, context: Context) -> None:
    hall = await closed(http, context, reviewed=3)
    body = (await publish(http, hall, {"confirm_unreviewed": False})).json()
    assert (body["state"], body["results"], body["confirmed_unreviewed"]) == ("published", 3, 0)
