"""Failed logins lock out who fails, not whose name it is; and what ends a lockout."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import event
from structlog.contextvars import get_contextvars

from app.core.context import Context
from tests.applications import started
from tests.conftest import PASSWORD, FixedClock, Login
from tests.halls import Hall, Seated, open_hall
from tests.rows import sql

NEW_PASSWORD = "another long one 9c41 考场"
OPEN, WRONG, LOCKED = 200, 401, 429

From = Callable[[str], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def at(context: Context) -> AsyncIterator[From]:
    """`await at(address)`: a client of the application at that network address."""
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(started(context))

        async def client(address: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
            return await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://test"))

        yield client


async def token(http: httpx.AsyncClient, password: str = PASSWORD, username: str = "known") -> int:
    form = {"username": username, "password": password}
    return (await http.post("/api/v1/auth/token", data=form)).status_code


async def enter(http: httpx.AsyncClient, who: Seated, **wrong: str) -> int:
    return (await http.post("/api/v1/exam/login", json=who.login() | wrong)).status_code


async def lock_out(http: httpx.AsyncClient) -> None:
    for _ in range(5):
        await token(http, "wrong")
    assert await token(http) == LOCKED


# Staff


async def test_one_address_does_not_lock_a_name_out_at_another(at: From, login: Login) -> None:
    await login("proctor", "known")
    attacker, owner = await at("10.0.0.66"), await at("10.0.0.1")
    await lock_out(attacker)
    assert await token(owner) == OPEN


async def test_a_success_elsewhere_does_not_let_the_guessing_go_on(at: From, login: Login) -> None:
    await login("proctor", "known")
    attacker, owner = await at("10.0.0.66"), await at("10.0.0.1")
    await lock_out(attacker)
    assert await token(owner) == OPEN
    assert await token(attacker) == LOCKED


@pytest.mark.parametrize("username", ["known", "unknown"])
async def test_a_name_tried_from_everywhere_is_locked_everywhere(
    at: From, login: Login, context: Context, clock: FixedClock, username: str
) -> None:
    """Of a known name and an unknown one alike. Guessing from many addresses is limited together."""
    await login("proctor", "known")
    await sql(
        context,
        "INSERT INTO login_failure (subject, failures, last_at) VALUES (:subject, 99, :now)",
        subject=f"staff:{username}",
        now=clock.host_now(),
    )
    assert await token(await at("10.0.0.2"), "wrong", username) == WRONG
    assert await token(await at("10.0.0.1"), username=username) == LOCKED
    clock.advance(timedelta(minutes=15))
    assert await token(await at("10.0.0.1"), username=username) == (OPEN if username == "known" else WRONG)


async def test_one_address_alone_never_locks_a_name_everywhere(
    at: From, login: Login, clock: FixedClock, context: Context
) -> None:
    await login("proctor", "known")
    attacker = await at("10.0.0.66")
    for _ in range(2):
        await lock_out(attacker)
        clock.advance(timedelta(minutes=15))
    (everywhere,) = await sql(context, "SELECT failures FROM login_failure WHERE subject = 'staff:known'")
    assert everywhere.failures == 5


async def test_an_administrator_unlocks_an_account(at: From, login: Login, context: Context) -> None:
    await login("proctor", "known")
    await login("proctor", "known2")
    http = await at("10.0.0.1")
    await lock_out(http)
    for _ in range(5):
        await token(http, "wrong", "known2")
    (account,) = await sql(context, "SELECT id FROM staff WHERE username = 'known'")
    path = f"/api/v1/staff/{account.id}/unlock"
    assert (await http.post(path, headers=await login("officer"))).status_code == 403
    admin = await login("admin")
    for _ in range(2):
        answer = await http.post(path, headers=admin)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await token(http) == OPEN
    assert await token(http, username="known2") == LOCKED
    events = await sql(context, "SELECT subject_id FROM audit_event WHERE action = 'staff.unlock'")
    assert [row.subject_id for row in events] == [account.id] * 2


async def test_a_new_password_ends_the_lockout_at_every_address(at: From, login: Login, context: Context) -> None:
    await login("proctor", "known")
    first, second = await at("10.0.0.1"), await at("10.0.0.2")
    await lock_out(first)
    await lock_out(second)
    (account,) = await sql(context, "SELECT id FROM staff WHERE username = 'known'")
    await first.patch(f"/api/v1/staff/{account.id}", json={"password": NEW_PASSWORD}, headers=await login("admin"))
    assert [await token(http, NEW_PASSWORD) for http in (first, second)] == [OPEN, OPEN]


# Changing the own password


async def test_changing_the_password_takes_one_connection_at_a_time(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    """While a password is checked none is held. Connections of other tasks do not count."""
    headers = await login("proctor", "known")
    pool: Any = context.database.engine.sync_engine.pool
    held: set[int] = set()
    most = 0

    def check_out(_connection: Any, record: Any, _proxy: Any) -> None:
        nonlocal most
        if "request_id" in get_contextvars():
            held.add(id(record))
            most = max(most, len(held))

    def check_in(_connection: Any, record: Any) -> None:
        held.discard(id(record))

    event.listen(pool, "checkout", check_out)
    event.listen(pool, "checkin", check_in)
    change = {"current": PASSWORD, "new": NEW_PASSWORD}
    answer = await http.post("/api/v1/auth/password", json=change, headers=headers)
    event.remove(pool, "checkout", check_out)
    event.remove(pool, "checkin", check_in)
    assert (answer.status_code, most) == (204, 1)


async def test_of_two_changes_at_once_with_the_same_password_one_is_made(http: httpx.AsyncClient, login: Login) -> None:
    headers = await login("proctor", "known")
    passwords = [NEW_PASSWORD, f"{NEW_PASSWORD} again"]
    changes = [{"current": PASSWORD, "new": new} for new in passwords]
    answers = await asyncio.gather(
        *(http.post("/api/v1/auth/password", json=change, headers=headers) for change in changes)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 422]
    won = [answer.status_code == 204 for answer in answers]
    assert [await token(http, password) == OPEN for password in passwords] == won


async def test_who_is_not_logged_in_cannot_change_a_password(http: httpx.AsyncClient) -> None:
    change = {"current": PASSWORD, "new": NEW_PASSWORD}
    assert (await http.post("/api/v1/auth/password", json=change)).json()["code"] == "not_authenticated"


# Candidates


async def locked_candidate(http: httpx.AsyncClient, hall: Hall) -> Seated:
    who = hall.seated[0]
    for _ in range(5):
        assert await enter(http, who, id_number="11010119900307999X") == WRONG
    assert await enter(http, who) == LOCKED
    return who


async def test_a_proctor_of_the_room_lets_a_candidate_try_again(at: From, context: Context, login: Login) -> None:
    hall = await open_hall(context)
    http = await at("10.0.0.1")
    who = await locked_candidate(http, hall)
    path = f"/api/v1/proctor/attempts/{who.attempt_id}/unlock-login"
    elsewhere = await http.post(path, headers=await login("proctor"))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")
    assert (await http.post(path, headers=hall.headers(hall.officer))).status_code == 403
    assert await enter(http, who) == LOCKED
    for headers in (hall.proctor, hall.chief):
        assert (await http.post(path, headers=headers)).status_code == 204
    assert await enter(http, who) == OPEN
    events = await sql(
        context, "SELECT subject_id, sitting_id, details::text FROM audit_event WHERE action = 'attempt.unlock_login'"
    )
    assert [(row.subject_id, row.sitting_id) for row in events] == [(who.attempt_id, hall.sitting_id)] * 2
    assert all(who.ticket_number not in row.details for row in events)


async def test_an_unknown_attempt_is_not_found(at: From, context: Context) -> None:
    hall = await open_hall(context)
    path = f"/api/v1/proctor/attempts/{hall.sitting_id}/unlock-login"
    answer = await (await at("10.0.0.1")).post(path, headers=hall.proctor)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
