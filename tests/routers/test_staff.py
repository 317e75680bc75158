"""Administrators open, change and close accounts of staff; a change bites at once."""

import asyncio
from typing import Any

import httpx
from sqlmodel import col, select

from app.core.context import Context
from app.core.ids import new_id
from app.models.audit import AuditEvent, IdempotentAnswer
from tests.conftest import PASSWORD, Login

STAFF = "/api/v1/staff"
NEW_PASSWORD = "another long one 9c41 考场"


def account(**changes: Any) -> dict[str, Any]:
    return {"username": "wang.fang", "name": "王芳", "roles": ["proctor"], "password": PASSWORD} | changes


async def created(http: httpx.AsyncClient, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = await http.post(STAFF, json=account(**changes), headers=headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def log_in(http: httpx.AsyncClient, username: str, password: str = PASSWORD) -> httpx.Response:
    return await http.post("/api/v1/auth/token", data={"username": username, "password": password})


async def bearer(http: httpx.AsyncClient, username: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await log_in(http, username)).json()['access_token']}"}


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_new_account_can_log_in_and_is_shown_without_its_password(
    http: httpx.AsyncClient, login: Login
) -> None:
    admin = await login("admin")
    body = await created(http, admin, username=" Wang.Fang ", roles=["proctor", "author", "proctor"])
    assert body == {
        "id": body["id"],
        "username": "wang.fang",
        "name": "王芳",
        "roles": ["author", "proctor"],
        "active": True,
        "created_at": "2027-03-06T01:00:00Z",
    }
    assert (await http.get(f"{STAFF}/{body['id']}", headers=admin)).json() == body
    assert (await log_in(http, "WANG.FANG")).json()["roles"] == ["author", "proctor"]


async def test_what_an_account_may_not_be(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    changes: list[dict[str, Any]] = [
        {"username": "w"},
        {"username": "王芳"},
        {"username": "a b c"},
        {"name": ""},
        {"name": "a\u0000b"},
        {"roles": []},
        {"roles": ["emperor"]},
        {"password": "x" * 201},
        {"active": True},
    ]
    for change in changes:
        refused(await http.post(STAFF, json=account(**change), headers=admin), 422, "invalid_request")
    assert [one["username"] for one in (await http.get(STAFF, headers=admin)).json()["items"]][1:] == []


async def test_a_weak_password_is_refused_with_the_reasons(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    answer = await http.post(STAFF, json=account(password="wang.fang"), headers=admin)
    refused(answer, 422, "password_refused")
    assert [error["code"] for error in answer.json()["errors"]] == ["password_contains_username", "password_too_short"]
    assert "wang.fang" not in answer.text


async def test_a_password_keeps_its_outer_spaces(http: httpx.AsyncClient, login: Login) -> None:
    await created(http, await login("admin"), password=f" {PASSWORD} ")
    assert (await log_in(http, "wang.fang", f" {PASSWORD} ")).status_code == 200
    refused(await log_in(http, "wang.fang"), 401, "wrong_password")


async def test_user_names_are_unique_also_at_once(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    names = ("wang.fang", "Wang.Fang", "WANG.FANG")
    answers = await asyncio.gather(*(http.post(STAFF, json=account(username=name), headers=admin) for name in names))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    refused(await http.post(STAFF, json=account(), headers=admin), 409, "username_taken")


async def test_a_repeated_command_opens_one_account_and_the_password_cannot_be_guessed_from_the_record(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    headers = await login("admin") | {"Idempotency-Key": "open the account"}
    answers = [await http.post(STAFF, json=account(), headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    other = await http.post(STAFF, json=account(name="李娜"), headers=headers)
    refused(other, 422, "idempotency_key_reused")
    async with context.database.transaction() as session:
        kept = (await session.execute(select(IdempotentAnswer))).scalar_one()
    assert PASSWORD not in str(kept.body)


async def test_accounts_are_listed_page_by_page(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin", "first")
    for username in ("second", "third", "fourth", "fifth"):
        await login("proctor", username)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (
            await http.get(STAFF, params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=admin)
        ).json()
        seen += [one["username"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["first", "second", "third", "fourth", "fifth"]
    refused(await http.get(STAFF, params={"cursor": "nonsense"}, headers=admin), 422, "invalid_cursor")


async def test_changed_roles_bite_at_once(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    body = await created(http, admin, roles=["admin"])
    theirs = await bearer(http, "wang.fang")
    assert (await http.get(STAFF, headers=theirs)).status_code == 200
    changed = await http.patch(f"{STAFF}/{body['id']}", json={"roles": ["author"], "name": "王方"}, headers=admin)
    assert (changed.json()["roles"], changed.json()["name"], changed.json()["active"]) == (["author"], "王方", True)
    refused(await http.get(STAFF, headers=theirs), 403, "not_allowed")
    assert (await http.get("/api/v1/auth/me", headers=theirs)).json()["roles"] == ["author"]


async def test_a_deactivated_account_is_out_at_once(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    body = await created(http, admin)
    theirs = (await log_in(http, "wang.fang")).json()
    await http.patch(f"{STAFF}/{body['id']}", json={"active": False}, headers=admin)
    headers = {"Authorization": f"Bearer {theirs['access_token']}"}
    refused(await http.get("/api/v1/auth/me", headers=headers), 401, "invalid_token")
    again = await http.post("/api/v1/auth/refresh", json={"refresh_token": theirs["refresh_token"]})
    refused(again, 401, "invalid_refresh_token")
    refused(await log_in(http, "wang.fang"), 401, "wrong_password")
    await http.patch(f"{STAFF}/{body['id']}", json={"active": True}, headers=admin)
    again = await http.post("/api/v1/auth/refresh", json={"refresh_token": theirs["refresh_token"]})
    refused(again, 401, "invalid_refresh_token")
    assert (await log_in(http, "wang.fang")).status_code == 200


async def test_a_new_password_ends_the_logins_and_the_lockout(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    body = await created(http, admin)
    theirs = (await log_in(http, "wang.fang")).json()
    for _ in range(5):
        await log_in(http, "wang.fang", "wrong")
    refused(await log_in(http, "wang.fang"), 429, "locked_out")
    weak = await http.patch(f"{STAFF}/{body['id']}", json={"password": "password1234"}, headers=admin)
    refused(weak, 422, "password_refused")
    assert (
        await http.patch(f"{STAFF}/{body['id']}", json={"password": NEW_PASSWORD}, headers=admin)
    ).status_code == 200
    again = await http.post("/api/v1/auth/refresh", json={"refresh_token": theirs["refresh_token"]})
    refused(again, 401, "invalid_refresh_token")
    assert (await log_in(http, "wang.fang", NEW_PASSWORD)).status_code == 200


async def test_administrators_cannot_shut_themselves_out(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    own = f"{STAFF}/{(await http.get('/api/v1/auth/me', headers=admin)).json()['id']}"
    for change in ({"active": False}, {"roles": ["officer"]}, {"password": NEW_PASSWORD}):
        refused(await http.patch(own, json=change, headers=admin), 409, "own_account")
    allowed = await http.patch(own, json={"name": "管理员", "roles": ["admin", "officer"]}, headers=admin)
    assert (allowed.json()["name"], allowed.json()["roles"]) == ("管理员", ["admin", "officer"])


async def test_an_update_takes_no_null_and_no_unknown_member(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    body = await created(http, admin)
    for change in ({"name": None}, {"roles": None}, {"active": None}, {"password": None}, {"username": "other"}):
        refused(await http.patch(f"{STAFF}/{body['id']}", json=change, headers=admin), 422, "invalid_request")
    assert (await http.get(f"{STAFF}/{body['id']}", headers=admin)).json() == body


async def test_an_unknown_account_is_not_found(http: httpx.AsyncClient, login: Login) -> None:
    admin = await login("admin")
    refused(await http.get(f"{STAFF}/{new_id()}", headers=admin), 404, "not_found")
    refused(await http.patch(f"{STAFF}/{new_id()}", json={"name": "x"}, headers=admin), 404, "not_found")


async def test_changes_are_recorded_without_personal_data(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    admin = await login("admin")
    own = (await http.get("/api/v1/auth/me", headers=admin)).json()["id"]
    body = await created(http, admin)
    changes = {"name": "李娜", "roles": ["chief"], "password": NEW_PASSWORD}
    await http.patch(f"{STAFF}/{body['id']}", json=changes, headers=admin)
    async with context.database.transaction() as session:
        query = select(AuditEvent).where(col(AuditEvent.subject) == "staff").order_by(col(AuditEvent.id))
        events = list((await session.execute(query)).scalars())
    assert [(event.action, event.details) for event in events] == [
        ("staff.create", {"roles": ["proctor"]}),
        ("staff.update", {"changed": ["name", "password", "roles"], "roles": ["chief"], "active": True}),
    ]
    assert {(str(event.actor_id), str(event.subject_id)) for event in events} == {(own, body["id"])}
