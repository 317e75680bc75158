"""Everything that goes wrong is a problem-details answer in Chinese or English."""

import httpx
import pytest
from fastapi import Request
from starlette.types import Message

from app.core.context import Context
from app.core.database import Database
from app.main import create_app
from tests.conftest import Login


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/api/v1/nothing", 404, "not_found"), ("DELETE", "/api/v1/healthz", 405, "method_not_allowed")],
)
async def test_framework_errors_are_problems(
    http: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("accept_language", "title"),
    [("", "找不到"), ("zh-CN", "找不到"), ("en-GB, zh;q=0.5", "Not found"), ("fr", "找不到")],
)
async def test_language_follows_accept_language(http: httpx.AsyncClient, accept_language: str, title: str) -> None:
    answer = await http.get("/api/v1/nothing", headers={"accept-language": accept_language})
    assert answer.json()["title"] == title


async def test_ready_when_the_database_answers(http: httpx.AsyncClient) -> None:
    """Whether boards are told by notifications or have to look is shown, and makes no difference to readiness."""
    ready = (await http.get("/api/v1/readyz")).json()
    assert ready["status"] == "ok"
    assert ready["announcements"] in ("notified", "polling")


async def test_a_body_of_the_wrong_form_names_the_places(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/exam/login", json={"ticket_number": "1", "extra": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    places = {error["place"] for error in answer.json()["errors"]}
    assert places == {"ticket_number", "id_number", "device_id", "extra"}


async def test_a_bug_is_a_problem_that_tells_nothing_but_its_request(context: Context) -> None:
    app = create_app(context)

    @app.get("/bug")
    async def fail() -> None:
        raise RuntimeError("110101199003078899")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/bug")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.json()["request_id"] in answer.json()["detail"]
    assert "110101199003078899" not in answer.text


async def test_a_database_that_is_away_is_told_with_when_to_try_again(context: Context) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    app = create_app(Context(context.settings, away, context.keyring, context.clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/api/v1/readyz")
    await away.dispose()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_what_is_wrong_with_a_field_is_told_in_the_readers_language(http: httpx.AsyncClient) -> None:
    body = {"ticket_number": "1", "id_number": "1" * 41, "extra": True}

    async def details(language: str) -> dict[str, str]:
        answer = await http.post("/api/v1/exam/login", json=body, headers={"accept-language": language})
        return {error["place"]: error["detail"] for error in answer.json()["errors"]}

    assert await details("zh-CN") == {
        "ticket_number": "长度不得少于 4。",
        "id_number": "长度不得多于 40。",
        "device_id": "缺少此项。",
        "extra": "不认识此项。",
    }
    assert (await details("en"))["device_id"] == "Field required."


async def test_a_problem_type_leads_to_its_meaning(http: httpx.AsyncClient) -> None:
    problem = (await http.get("/api/v1/nothing")).json()
    meaning = (await http.get(problem["type"])).json()
    assert (meaning["type"], meaning["status"], meaning["title"]["zh"]) == ("/problems/not_found", 404, "找不到")


@pytest.mark.parametrize("path", ["/api/v1/standards/%00", "/api/v1/items?q=%00", "/api/v1/papers?standard_code=%00"])
async def test_a_text_that_cannot_be_stored_is_the_callers_mistake(
    http: httpx.AsyncClient, login: Login, path: str
) -> None:
    answer = await http.get(path, headers=await login("officer"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_body_that_breaks_off_is_no_fault_of_the_service(context: Context) -> None:
    app = create_app(context)
    messages: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    answered: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        answered.append(message)

    @app.post("/reader")
    async def read(request: Request) -> None:
        await request.body()

    scope = {"type": "http", "method": "POST", "path": "/reader", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    assert answered[0]["status"] == 400
