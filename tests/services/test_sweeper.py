"""The sweeper goes on with the others when one attempt cannot be worked on."""

from datetime import timedelta

import httpx

from app.core.context import Context
from app.services import frozen_papers
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import KEYS, Hall, begin, open_hall
from tests.rows import sql

OTHER_KEYS = dict.fromkeys(KEYS, "A") | {"multiple": "AB", "true_false": "F"}


async def handed_in(http: httpx.AsyncClient, context: Context, **settings: object) -> Hall:
    hall = await open_hall(context, candidates=5, **settings)  # type: ignore[arg-type]
    for who in hall.seated:
        token = await begin(http, who)
        await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    return hall


async def test_a_damaged_paper_keeps_no_other_from_being_graded(http: httpx.AsyncClient, context: Context) -> None:
    damaged = await handed_in(http, context)
    sound = await handed_in(http, context, keys=OTHER_KEYS)
    statement = "UPDATE paper SET content_hash = repeat('0', 64) WHERE content_hash = :hash"
    await sql(context, statement, hash=damaged.paper.content_hash)
    frozen_papers._contents.clear()
    for _ in range(20):
        await sweep(context)
    assert [(await sound.attempt(who)).grading_needed for who in sound.seated] == [False] * 5
    assert [(await damaged.attempt(who)).grading_needed for who in damaged.seated] == [True] * 5


async def test_a_room_that_has_not_started_has_no_absentees(context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context, started=False)
    clock.advance(timedelta(minutes=31))
    await sweep(context)
    assert {(await hall.attempt(who)).state for who in hall.seated} == {"registered"}
