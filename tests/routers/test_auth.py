"""Staff log in, stay logged in, and out."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from app.core.context import Context
from app.core.ids import new_id
from app.core.tokens import StaffClaims, issue_staff_token
from app.models.audit import AuditEvent
from app.models.staff import RefreshToken, Staff
from tests.conftest import PASSWORD, FixedClock, Login

NEW_PASSWORD = "another long one 9c41 考场"


async def token(http: httpx.AsyncClient, username: str, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await http.post("/api/v1/auth/token", data={"username": username, "password": password, **form})


async def logged_in(http: httpx.AsyncClient, username: str, **form: str) -> dict[str, Any]:
    answer = await token(http, username, **form)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refresh(http: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    return await http.post("/api/v1/auth/refresh", json={"refresh_token": refresh_token})


def bearer(body: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {body['access_token']}"}


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


async def events(context: Context) -> list[AuditEvent]:
    async with context.database.transaction() as session:
        query = select(AuditEvent).where(col(AuditEvent.action).like("auth.%")).order_by(col(AuditEvent.id))
        return list((await session.execute(query)).scalars())


async def actions(context: Context) -> list[str]:
    return [event.action for event in await events(context)]


async def test_a_login_gives_tokens_roles_and_scopes(http: httpx.AsyncClient, login: Login, context: Context) -> None:
    await login("proctor", "wang.fang")
    body = await logged_in(http, "Wang.Fang")
    assert body["token_type"] == "bearer"
    assert (body["expires_in"], body["refresh_expires_in"]) == (15 * 60, 12 * 3600)
    assert body["roles"] == ["proctor"]
    assert body["scopes"] == ["rooms:proctor", "standards:read"]
    me = (await http.get("/api/v1/auth/me", headers=bearer(body))).json()
    assert (me["username"], me["name"], me["roles"], me["scopes"]) == (
        "wang.fang",
        "proctor 测试",
        body["roles"],
        body["scopes"],
    )
    assert await actions(context) == ["auth.log_in"]


async def test_neither_passwords_nor_refresh_tokens_are_stored(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    await login("proctor", "wang.fang")
    body = await logged_in(http, "wang.fang")
    async with context.database.transaction() as session:
        account = (await session.execute(select(Staff))).scalar_one()
        link = (await session.execute(select(RefreshToken))).scalar_one()
    assert account.password_hash.startswith("$argon2id$")
    assert body["refresh_token"].encode() not in link.token_hash


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("items:read standards:read", ["items:read", "standards:read"]),
        ("items:read staff:manage", ["items:read"]),
        ("nothing \x00", []),
    ],
)
async def test_a_login_can_be_limited_to_some_scopes(
    http: httpx.AsyncClient, login: Login, scope: str, scopes: list[str]
) -> None:
    """RFC 6749, 3.3. What the roles do not hold is never given; the limit survives a refresh."""
    await login("author", "author")
    first = await logged_in(http, "author", scope=scope)
    second = (await refresh(http, first["refresh_token"])).json()
    for body in (first, second):
        assert body["scopes"] == scopes
        assert (await http.get("/api/v1/auth/me", headers=bearer(body))).json()["scopes"] == scopes
        allowed = 200 if "standards:read" in scopes else 403
        assert (await http.get("/api/v1/standards", headers=bearer(body))).status_code == allowed


async def test_a_form_that_cannot_be_a_login_is_refused(http: httpx.AsyncClient) -> None:
    for form in ({"grant_type": "client_credentials"}, {"username": "王芳"}, {"username": "a\x00b"}):
        answer = await http.post("/api/v1/auth/token", data={"username": "somebody", "password": "x", **form})
        refused(answer, 422, "invalid_request")


async def test_wrong_password_unknown_and_inactive_accounts_look_alike(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    await login("proctor", "known")
    await login("proctor", "gone")
    async with context.database.transaction() as session:
        (await session.execute(select(Staff).where(Staff.username == "gone"))).scalar_one().active = False
    answers = [await token(http, "known", "wrong"), await token(http, "unknown"), await token(http, "gone")]
    for answer in answers:
        refused(answer, 401, "wrong_password")
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_failures_are_recorded_without_the_user_name(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    await login("proctor", "known")
    await token(http, "known", "wrong")
    await token(http, "my-password-typed-here")
    known, unknown = await events(context)
    assert known.action == unknown.action == "auth.log_in_failed"
    assert known.subject_id is not None
    assert unknown.subject_id is None
    assert "typed" not in str(unknown.model_dump())


@pytest.mark.parametrize("username", ["known", "unknown"])
async def test_five_failures_in_a_row_lock_out_for_a_quarter_of_an_hour(
    http: httpx.AsyncClient, login: Login, context: Context, clock: FixedClock, username: str
) -> None:
    await login("proctor", "known")
    for _ in range(5):
        refused(await token(http, username, "wrong"), 401, "wrong_password")
    locked = await token(http, username)
    refused(locked, 429, "locked_out")
    assert locked.headers["retry-after"] == "900"
    clock.advance(timedelta(seconds=899))
    assert (await token(http, username)).headers["retry-after"] == "1"
    clock.advance(timedelta(seconds=1))
    assert (await token(http, username)).status_code == (200 if username == "known" else 401)
    assert (await actions(context)).count("auth.lock_out") == 1


async def test_a_success_forgets_the_failures(http: httpx.AsyncClient, login: Login) -> None:
    await login("proctor", "known")
    for _ in range(2):
        for _ in range(4):
            refused(await token(http, "known", "wrong"), 401, "wrong_password")
        await logged_in(http, "known")


async def test_failures_of_one_do_not_lock_another(http: httpx.AsyncClient, login: Login) -> None:
    await login("proctor", "known")
    for _ in range(6):
        await token(http, "other", "wrong")
    await logged_in(http, "known")


async def test_tries_at_once_cannot_pass_the_limit_together(http: httpx.AsyncClient, login: Login) -> None:
    await login("proctor", "known")
    answers = await asyncio.gather(*(token(http, "known", f"guess {number}") for number in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_an_access_token_expires_by_the_service_clock(
    http: httpx.AsyncClient, login: Login, clock: FixedClock
) -> None:
    await login("proctor", "known")
    body = await logged_in(http, "known")
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    assert (await http.get("/api/v1/auth/me", headers=bearer(body))).status_code == 200
    clock.advance(timedelta(seconds=1))
    refused(await http.get("/api/v1/auth/me", headers=bearer(body)), 401, "invalid_token")


async def test_a_refresh_gives_a_new_pair_that_works(http: httpx.AsyncClient, login: Login, clock: FixedClock) -> None:
    await login("proctor", "known")
    first = await logged_in(http, "known")
    clock.advance(timedelta(hours=11))
    second = (await refresh(http, first["refresh_token"])).json()
    clock.advance(timedelta(minutes=14))
    assert (await http.get("/api/v1/auth/me", headers=bearer(second))).status_code == 200
    assert (await refresh(http, second["refresh_token"])).status_code == 200


async def test_a_refresh_token_expires(http: httpx.AsyncClient, login: Login, clock: FixedClock) -> None:
    await login("proctor", "known")
    body = await logged_in(http, "known")
    clock.advance(timedelta(hours=12))
    refused(await refresh(http, body["refresh_token"]), 401, "invalid_refresh_token")


async def test_an_unknown_refresh_token_is_refused(http: httpx.AsyncClient) -> None:
    for unknown in ("garbage", "试卷", "\x00"):
        refused(await refresh(http, unknown), 401, "invalid_refresh_token")


async def test_reuse_of_a_refresh_token_ends_that_login_and_no_other(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    await login("proctor", "known")
    other = await logged_in(http, "known")
    stolen = await logged_in(http, "known")
    newest = (await refresh(http, stolen["refresh_token"])).json()
    refused(await refresh(http, stolen["refresh_token"]), 401, "refresh_token_reused")
    refused(await refresh(http, newest["refresh_token"]), 401, "invalid_refresh_token")
    assert (await refresh(http, other["refresh_token"])).status_code == 200
    refused(await refresh(http, stolen["refresh_token"]), 401, "refresh_token_reused")
    assert (await actions(context)).count("auth.refresh_token_reused") == 1


@pytest.mark.parametrize("at_once", [2, 8])
async def test_of_refreshes_at_once_exactly_one_wins_and_the_login_ends(
    http: httpx.AsyncClient, login: Login, at_once: int
) -> None:
    await login("proctor", "known")
    body = await logged_in(http, "known")
    answers = await asyncio.gather(*(refresh(http, body["refresh_token"]) for _ in range(at_once)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    for answer in answers:
        if answer is not won[0]:
            refused(answer, 401, "refresh_token_reused")
    refused(await refresh(http, won[0].json()["refresh_token"]), 401, "invalid_refresh_token")


async def test_logging_out_ends_the_login_and_is_idempotent(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    await login("proctor", "known")
    first = await logged_in(http, "known")
    second = (await refresh(http, first["refresh_token"])).json()
    for refresh_token in (second["refresh_token"], second["refresh_token"], first["refresh_token"], "unknown"):
        answer = await http.post("/api/v1/auth/logout", json={"refresh_token": refresh_token})
        assert (answer.status_code, answer.content) == (204, b"")
    refused(await refresh(http, second["refresh_token"]), 401, "invalid_refresh_token")
    assert await actions(context) == ["auth.log_in", "auth.log_out"]


async def test_one_changes_the_own_password(http: httpx.AsyncClient, login: Login) -> None:
    await login("proctor", "known")
    body = await logged_in(http, "known")
    answer = await http.post(
        "/api/v1/auth/password", json={"current": PASSWORD, "new": NEW_PASSWORD}, headers=bearer(body)
    )
    assert answer.status_code == 204
    refused(await refresh(http, body["refresh_token"]), 401, "invalid_refresh_token")
    refused(await token(http, "known"), 401, "wrong_password")
    assert (await token(http, "known", NEW_PASSWORD)).status_code == 200


async def test_a_change_needs_the_current_password_and_guessing_locks_out(
    http: httpx.AsyncClient, login: Login
) -> None:
    headers = await login("proctor", "known")
    change = {"current": "guessed", "new": NEW_PASSWORD}
    for _ in range(5):
        refused(await http.post("/api/v1/auth/password", json=change, headers=headers), 422, "current_password_wrong")
    refused(await http.post("/api/v1/auth/password", json=change, headers=headers), 429, "locked_out")
    refused(await token(http, "known"), 429, "locked_out")


async def test_a_weak_new_password_is_refused_and_changes_nothing(http: httpx.AsyncClient, login: Login) -> None:
    headers = await login("proctor", "known")
    body = await logged_in(http, "known")
    answer = await http.post(
        "/api/v1/auth/password", json={"current": PASSWORD, "new": "password1234"}, headers=headers
    )
    refused(answer, 422, "password_refused")
    assert (await refresh(http, body["refresh_token"])).status_code == 200
    await logged_in(http, "known")


async def test_a_token_of_an_account_that_is_gone_is_refused(http: httpx.AsyncClient, context: Context) -> None:
    unknown = StaffClaims(new_id(), ("admin",))
    access = issue_staff_token(context.keyring.token_key, unknown, context.clock.host_now() + timedelta(minutes=5))
    answer = await http.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {access}"})
    refused(answer, 401, "invalid_token")
