"""How many SQL statements the main calls take, as docs/architecture.md tells it."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.context import Context
from tests.halls import Hall, begin, log_in, open_hall
from tests.statements import counted

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
SAVE = {
    "responses": [{"number": 1, "answer": "B", "sequence": 1, "client_time": "2027-03-06T01:00:00Z"}],
}


def documented() -> dict[str, int]:
    """Operation id -> statements, from the table."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\d+) \|", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    return {operation: int(count) for operation, count in rows}


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=5)


async def test_the_statements_of_the_main_calls_are_those_documented(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    """Measured with warm caches: the first candidate has read the paper, the others follow."""
    first, second, third, *_ = hall.seated
    warm = await begin(http, first)
    for path in ("paper", "sealed-paper"):
        await http.get(f"/api/v1/exam/{path}", headers=warm)
    room = f"/api/v1/proctor/rooms/{hall.room_id}"
    measured: dict[str, int] = {}

    async def measure(operation: str, method: str, path: str, **options: Any) -> httpx.Response:
        with counted(context) as statements:
            answer = await http.request(method, path, **options)
        assert answer.is_success, answer.text
        measured[operation] = len(statements)
        return answer

    login = await measure("log_in_candidate", "POST", "/api/v1/exam/login", json=second.login())
    candidate = {"Authorization": f"Bearer {login.json()['access_token']}"}
    await measure("get_exam", "GET", "/api/v1/exam", headers=candidate)
    await measure("get_sealed_paper", "GET", "/api/v1/exam/sealed-paper", headers=candidate)
    await measure("start_exam", "POST", "/api/v1/exam/start", headers=candidate)
    await measure("get_exam_paper", "GET", "/api/v1/exam/paper", headers=candidate)
    await measure("save_responses", "PUT", "/api/v1/exam/responses", headers=candidate, json=SAVE)
    await measure("list_responses", "GET", "/api/v1/exam/responses", headers=candidate)
    await measure("report_events", "POST", "/api/v1/exam/events", headers=candidate, json={"events": []})
    await measure("submit_exam", "POST", "/api/v1/exam/submit", headers=candidate, json={"last_sequence": 1})
    await measure("get_exam_receipt", "GET", "/api/v1/exam/receipt", headers=candidate)
    await measure("get_room_snapshot", "GET", room, headers=hall.proctor)
    await log_in(http, third)
    grant = {"extra_seconds": 300, "reason": "candidate.accommodation"}
    await measure(
        "grant_time", "POST", f"/api/v1/proctor/attempts/{third.attempt_id}/grants", headers=hall.proctor, json=grant
    )
    await measure("list_sittings", "GET", "/api/v1/sittings", headers=hall.headers(hall.officer))
    assert measured == documented()


async def test_a_snapshot_takes_as_many_statements_for_a_large_room(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, candidates=40)
    with counted(context) as statements:
        await http.get(f"/api/v1/proctor/rooms/{hall.room_id}", headers=hall.proctor)
    assert len(statements) == documented()["get_room_snapshot"]
