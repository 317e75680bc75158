"""Everything that goes wrong is a problem-details answer in Chinese or English."""

import httpx
import pytest


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
    assert (await http.get("/api/v1/readyz")).json() == {"status": "ok"}
