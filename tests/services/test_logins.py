"""Logins at once are served together, and each is answered as if it had come alone."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from app.core.context import Context
from tests.halls import Hall, Seated, open_hall
from tests.rows import sql
from tests.services.live.test_boards import statements

CANDIDATES = 20


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=CANDIDATES)


async def enter(http: httpx.AsyncClient, who: Seated, **changed: str) -> httpx.Response:
    return await http.post("/api/v1/exam/login", json=who.login() | changed)


async def test_a_hall_that_logs_in_at_once_costs_few_transactions(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    with statements(context) as run:
        answers = await asyncio.gather(*(enter(http, who) for who in hall.seated))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("INTO login_failure" in statement for statement in run) <= CANDIDATES // 2
    assert [(await hall.attempt(who)).lease_epoch for who in hall.seated] == [1] * CANDIDATES


async def test_among_many_each_is_refused_alone(http: httpx.AsyncClient, hall: Hall) -> None:
    first, second, third, *others = hall.seated
    wrong: dict[str, Any] = {"id_number": others[0].id_number}
    seat: dict[str, Any] = {"room": "another room"}
    answers = await asyncio.gather(
        enter(http, first, **wrong), enter(http, second, **seat), enter(http, third), *(enter(http, o) for o in others)
    )
    assert [answer.json().get("code") for answer in answers] == [
        "login_refused",
        "wrong_seat",
        None,
        *[None] * len(others),
    ]


async def test_of_two_devices_at_once_one_has_the_lease(http: httpx.AsyncClient, hall: Hall) -> None:
    who = hall.seated[0]
    answers = await asyncio.gather(*(enter(http, who, device_id=f"pc-{number}") for number in range(5)))
    assert Counter(answer.json().get("code") for answer in answers) == {None: 1, "lease_held": 4}


async def test_guesses_at_once_cannot_pass_the_limit_together(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    who, other = hall.seated[:2]
    wrong: dict[str, Any] = {"id_number": other.id_number}
    answers = await asyncio.gather(*(enter(http, who, **wrong) for _ in range(12)), enter(http, other))
    assert Counter(answer.json().get("code") for answer in answers) == {"login_refused": 5, "locked_out": 7, None: 1}
    locks = await sql(context, "SELECT request_id FROM audit_event WHERE action = 'auth.lock_out'")
    assert len(locks) == 1


async def test_each_login_is_recorded_with_the_id_of_its_request(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    answers = await asyncio.gather(*(enter(http, who) for who in hall.seated))
    ids = await sql(context, "SELECT request_id FROM audit_event WHERE action = 'attempt.log_in'")
    assert {id_ for (id_,) in ids} == {answer.headers["X-Request-Id"] for answer in answers}
