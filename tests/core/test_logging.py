"""One JSON object a line, each request once, and nothing in it that says who sat the exam or how to be them."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import httpx
import pytest
import structlog

from app.core.logging import WRITES_ADDRESSES, configure_logging
from app.core.settings import Settings
from tests.conftest import Login

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What was logged as JSON so far, parsed line by line."""
    standard_error = StringIO()
    monkeypatch.setattr(sys, "stderr", standard_error)
    configure_logging(Settings(log_format="json", log_level="info"))
    yield lambda: [json.loads(line) for line in standard_error.getvalue().splitlines()]
    monkeypatch.undo()
    configure_logging(Settings(log_format="console", log_level="warning"))


def of_requests(logged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in logged if line["event"] == "request"]


async def test_a_request_is_one_line(http: httpx.AsyncClient, lines: Lines) -> None:
    answer = await http.get("/api/v1/healthz")
    (line,) = of_requests(lines())
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/healthz", 200)
    assert line["level"] == "info"
    assert line["milliseconds"] >= 0
    assert line["timestamp"].endswith("Z")


async def test_a_refusal_is_logged_by_its_code_with_the_same_request_id(http: httpx.AsyncClient, lines: Lines) -> None:
    answer = await http.get("/api/v1/items")
    logged = lines()
    (problem,) = [line for line in logged if line["event"] == "problem"]
    (request,) = of_requests(logged)
    assert (problem["code"], problem["status"], request["status"]) == ("not_authenticated", 401, 401)
    assert problem["request_id"] == request["request_id"] == answer.headers["x-request-id"]


async def test_neither_query_nor_address_of_an_object_is_logged(
    http: httpx.AsyncClient, lines: Lines, login: Login
) -> None:
    headers = await login("author")
    await http.get("/api/v1/items", params={"search": "谁的身份证"}, headers=headers)
    await http.get("/api/v1/standards/110101199003070000", headers=headers)
    logged = lines()
    assert [line["route"] for line in of_requests(logged)] == ["/items", "/standards/{code}"]
    assert "谁的身份证" not in str(logged)
    assert "110101199003070000" not in str(logged)


async def test_neither_body_nor_token_is_logged(http: httpx.AsyncClient, lines: Lines, login: Login) -> None:
    headers = await login("officer")
    body = {"ticket_number": "270300010001", "id_number": "110101199003070000", "device_id": "座位机-17号"}
    await http.post("/api/v1/exam/login", json=body)
    await http.post("/api/v1/exam/login", json=body | {"unknown": "奇怪的内容"})
    await http.post("/api/v1/auth/token", data={"username": "nobody", "password": "猜来的密码 9f"})
    await http.get("/api/v1/items", headers=headers)
    logged = str(lines())
    assert logged.count("'request'") == 4
    token = headers["Authorization"].removeprefix("Bearer ")
    for secret in (*body.values(), "奇怪的内容", "猜来的密码", "nobody", token, token.rpartition(".")[2]):
        assert secret not in logged


def test_a_traceback_shows_no_values(lines: Lines) -> None:
    def fail(id_number: str) -> None:
        raise RuntimeError("结构坏了")

    try:
        fail("110101199003070000")
    except RuntimeError as error:
        structlog.get_logger().error("unexpected_error", exc_info=error)
    (line,) = lines()
    assert line["exception"][0]["exc_value"] == "结构坏了"
    assert [frame["name"] for frame in line["exception"][0]["frames"]][-1] == "fail"
    assert "110101199003070000" not in str(line)


def test_other_libraries_log_in_the_same_form(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("first line\nsecond %s", "line")
    (line,) = lines()
    assert (line["event"], line["level"]) == ("first line\nsecond line", "warning")


@pytest.mark.parametrize("name", WRITES_ADDRESSES)
def test_logs_of_addresses_with_their_queries_are_off(lines: Lines, name: str) -> None:
    logging.getLogger(name).info("GET /api/v1/items?search=somebody")
    assert lines() == []
