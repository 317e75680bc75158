"""`kaochang user`: the first accounts, and help when nobody can log in."""

import asyncio
import re

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from tests.conftest import PASSWORD, SECRET, Login

NEW_PASSWORD = "another long one 9c41 考场"


@pytest.fixture(autouse=True)
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", database_url)
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", SECRET)
    monkeypatch.setenv("COLUMNS", "120")


async def user(*arguments: str, answers: str | None = None) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["user", *arguments], answers))


async def log_in(http: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    return await http.post("/api/v1/auth/token", data={"username": username, "password": password})


async def test_add_with_a_password(http: httpx.AsyncClient) -> None:
    result = await user(
        "add", "Wang.Fang", "--name", "王芳", "--role", "officer", "--role", "author", "--password", PASSWORD
    )
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert (await log_in(http, "wang.fang", PASSWORD)).json()["roles"] == ["author", "officer"]


async def test_add_asks_for_the_password_without_showing_it(http: httpx.AsyncClient) -> None:
    result = await user("add", "wang.fang", "--name", "王芳", "--role", "admin", answers=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert (await log_in(http, "wang.fang", PASSWORD)).status_code == 200


async def test_add_makes_a_password_when_none_is_given_and_shows_it_once(http: httpx.AsyncClient) -> None:
    result = await user("add", "wang.fang", "--name", "王芳", "--role", "admin", answers="\n")
    shown = re.findall(r"Password \(shown only this once\): (\S+)", result.output)
    assert len(shown) == 1
    assert result.output.count(shown[0]) == 1
    assert (await log_in(http, "wang.fang", shown[0])).status_code == 200


async def test_refusals_are_told_in_chinese_and_english_and_change_nothing(
    http: httpx.AsyncClient, login: Login
) -> None:
    await login("proctor", "wang.fang")
    add = ("add", "--name", "王芳", "--role", "admin")
    taken = await user(*add, "wang.fang", "--password", PASSWORD)
    assert taken.exit_code == 1
    assert "已存在" in taken.output
    assert "choose another name" in taken.output
    weak = await user(*add, "li.na", "--password", "password1234")
    assert weak.exit_code == 1
    assert "容易猜中" in weak.output
    for arguments, answers in (
        (("王芳", "--password", PASSWORD), None),
        (("li.na", "--role", "emperor", "--password", PASSWORD), None),
        (("li.na",), f"{PASSWORD}\nsomething else\n"),
    ):
        assert (await user(*add, *arguments, answers=answers)).exit_code == 2
    assert "li.na" not in (await user("list")).output


async def test_list_shows_every_account(login: Login) -> None:
    await login("proctor", "wang.fang")
    await login("chief", "li.na")
    await user("deactivate", "li.na")
    lines = (await user("list")).output.splitlines()
    assert any(re.search(r"wang\.fang.*proctor.*active", line) and "inactive" not in line for line in lines)
    assert any(re.search(r"li\.na.*chief.*inactive", line) for line in lines)


async def test_set_password_lets_in_who_was_locked_out(http: httpx.AsyncClient, login: Login) -> None:
    await login("admin", "wang.fang")
    for _ in range(5):
        await log_in(http, "wang.fang", "wrong")
    assert (await log_in(http, "wang.fang", PASSWORD)).status_code == 429
    result = await user("set-password", "wang.fang", "--password", NEW_PASSWORD)
    assert result.exit_code == 0, result.output
    assert (await log_in(http, "wang.fang", NEW_PASSWORD)).status_code == 200


async def test_unlock_lets_in_who_was_locked_out(http: httpx.AsyncClient, login: Login) -> None:
    await login("admin", "wang.fang")
    for _ in range(5):
        await log_in(http, "wang.fang", "wrong")
    assert (await log_in(http, "wang.fang", PASSWORD)).status_code == 429
    result = await user("unlock", "Wang.Fang")
    assert result.exit_code == 0, result.output
    assert (await log_in(http, "wang.fang", PASSWORD)).status_code == 200


async def test_deactivate_shuts_out_at_once(http: httpx.AsyncClient, login: Login) -> None:
    headers = await login("proctor", "wang.fang")
    assert (await user("deactivate", "wang.fang")).exit_code == 0
    assert (await http.get("/api/v1/auth/me", headers=headers)).status_code == 401


async def test_commands_on_an_unknown_account_fail() -> None:
    for arguments in (
        ("deactivate", "nobody"),
        ("unlock", "nobody"),
        ("set-password", "nobody", "--password", PASSWORD),
    ):
        result = await user(*arguments)
        assert result.exit_code == 1
        assert "nobody" in result.output
