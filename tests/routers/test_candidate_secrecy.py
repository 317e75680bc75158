"""Before publication nothing that a candidate can fetch depends on a key, and nothing names a score.

Two halls have papers that differ in nothing but their keys. Every candidate route of the description is called in
every state; what it answers must be the same bytes for both, but for identifiers, digests and times.
"""

import re
from datetime import timedelta

import httpx
from fastapi import FastAPI

from app.core.context import Context
from app.domain.items import ItemType
from app.main import create_app
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, log_in, open_hall
from tests.routers.test_sealed_start import opened

KEYS = (
    {ItemType.single: "A", ItemType.multiple: "AB", ItemType.true_false: "T"},
    {ItemType.single: "D", ItemType.multiple: "CDE", ItemType.true_false: "F"},
)
NOW = "2027-03-06T01:00:00Z"
ANSWERS = {1: "A", 2: "D", 3: "B", 5: "AB", 6: "CDE", 7: "T", 8: "F"}
RESPONSES = [
    {"number": number, "answer": answer, "sequence": number, "client_time": NOW} for number, answer in ANSWERS.items()
]
BODIES: dict[tuple[str, str], object] = {
    ("PUT", "/api/v1/exam/responses"): {"responses": RESPONSES},
    ("POST", "/api/v1/exam/events"): {"events": [{"kind": "focus_lost", "client_time": NOW}]},
    ("POST", "/api/v1/exam/submit"): {"last_sequence": 8},
    ("POST", "/api/v1/exam/hand"): {"reason": "question"},
}
ELSEWHERE = {"/api/v1/exam/login", "/api/v1/exam/stream"}
"""The login gives the token; the stream does not end, and every member of it stands in `test_exam_stream.py`."""

SECRET_NAMES = re.compile(r'"(key|keys|rationale|score|correct|passed|difficulty|position|code":"MU-)[^"]*"\s*:')
OWN = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[A-Z2-7]{8}(?=\")|[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=|[0-9]{6}\*{8}[0-9X]{4}|T\d{9}"
)


def candidate_routes(app: FastAPI) -> set[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return {
        (method.upper(), path)
        for path, operations in paths.items()
        for method in operations
        if path.startswith("/api/v1/exam") and path not in ELSEWHERE
    }


async def everything(
    http: httpx.AsyncClient, context: Context, clock: FixedClock, hall: Hall, routes: list[tuple[str, str]]
) -> list[str]:
    """What every route answers while waiting, writing, handed in, closed but not published."""
    token = await log_in(http, hall.seated[0])
    answers: list[str] = []
    keys: list[str] = []

    async def call(routes: list[tuple[str, str]]) -> None:
        for method, path in routes:
            answer = await http.request(method, path, headers=token, json=BODIES.get((method, path)))
            answers.append(f"{method} {path} {answer.status_code} {_opened(path, answer, keys)}")
            answers.extend(f"{name}: {value}" for name, value in answer.headers.items() if name != "x-request-id")

    start = ("POST", "/api/v1/exam/start")
    await call([route for route in routes if route != start])
    await call([start])
    keys.append((await http.post(start[1], headers=token)).json()["paper_key"])
    await call(routes)
    await call(routes)
    clock.advance(timedelta(minutes=91))
    await sweep(context)
    await http.post(f"/api/v1/proctor/rooms/{hall.room_id}/close", headers=hall.proctor)
    await http.post(f"/api/v1/sittings/{hall.sitting_id}/close", headers=hall.headers(hall.officer))
    await sweep(context)
    await call(routes)
    return answers


def _opened(path: str, answer: httpx.Response, keys: list[str]) -> str:
    """The answer; of a sealed paper what is in it, once the candidate has the key to it."""
    if path != "/api/v1/exam/sealed-paper" or not answer.is_success:
        return answer.text
    return str(opened(answer.json(), keys[0])) if keys else "sealed"


async def test_no_answer_depends_on_a_key(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> None:
    routes = sorted(candidate_routes(create_app(context)), key=lambda route: route[1].endswith("submit"))
    begun_at = clock.fixed
    heard = []
    for keys in KEYS:
        clock.fixed = begun_at
        hall = await open_hall(context, keys=keys, shuffle_items=False, shuffle_options=False)
        heard.append(await everything(http, context, clock, hall, routes))
    for first, second in zip(*heard, strict=True):
        assert OWN.sub("*", first) == OWN.sub("*", second)
    for answer in heard[0]:
        assert not SECRET_NAMES.search(answer), answer
    states = {match for answer in heard[0] for match in re.findall(r'"state":"(\w+)"', answer)}
    assert {"ready", "in_progress", "submitted"} <= states
    assert any("第1题选项0" in answer for answer in heard[0]), "the paper was seen"
    assert not any('"total"' in answer for answer in heard[0])
