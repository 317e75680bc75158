"""The sweeper goes on with the others when one attempt cannot be worked on."""

from datetime import timedelta

import httpx

from app.core.context import Context
from app.domain.items import ItemType
from app.services import frozen_papers
from app.services.sweeper import sweep, until_next
from tests.conftest import FixedClock
from tests.halls import KEYS, Hall, begin, open_hall
from tests.rows import sql

OTHER_KEYS = dict.fromkeys(KEYS, "A") | {ItemType.multiple: "AB", ItemType.true_false: "F"}


async def ungraded(hall: Hall) -> list[bool]:
    return [(await hall.attempt(who)).grading_needed for who in hall.seated]


async def rehash(context: Context, old: str, new: str) -> None:
    await sql(context, "UPDATE paper SET content_hash = :new WHERE content_hash = :old", old=old, new=new)
    frozen_papers._contents.clear()


async def test_a_damaged_paper_keeps_nobody_from_handing_in_and_no_other_from_being_graded(
    http: httpx.AsyncClient, context: Context
) -> None:
    damaged = await open_hall(context, candidates=5)
    sound = await open_hall(context, candidates=5, keys=OTHER_KEYS)
    tokens = [await begin(http, who) for who in (*damaged.seated, *sound.seated)]
    sealed, wrong = damaged.paper.content_hash, "0" * 64
    await rehash(context, sealed, wrong)
    for token in tokens:
        handed_in = await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
        assert handed_in.status_code == 200
    assert await ungraded(sound) == [False] * 5
    await sweep(context)
    assert await ungraded(damaged) == [True] * 5
    await rehash(context, wrong, sealed)
    await sweep(context)
    assert await ungraded(damaged) == [False] * 5


async def test_a_room_that_has_not_started_has_no_absentees(context: Context, clock: FixedClock) -> None:
    hall = await open_hall(context, started=False)
    clock.advance(timedelta(minutes=31))
    await sweep(context)
    assert {(await hall.attempt(who)).state for who in hall.seated} == {"registered"}


async def test_the_sweeper_wakes_when_an_attempt_comes_due(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """At the end of its grace; what is overdue already, since another command holds it, does not keep it awake."""
    hall = await open_hall(context)
    await begin(http, hall.seated[0])
    attempt = await hall.attempt(hall.seated[0])
    assert attempt.deadline_at is not None
    interval = context.settings.sweep_interval
    due_at = attempt.deadline_at + attempt.grace
    for before, wait in [
        (timedelta(hours=1), interval),
        (timedelta(seconds=0.25), timedelta(seconds=0.251)),
        (timedelta(seconds=-1), interval),
    ]:
        clock.fixed = due_at - before
        assert await until_next(context) == wait
