"""What proctors and candidates call in a hall, over HTTP."""

from typing import Any

import httpx

from tests.halls import Hall, Seated

ATTEMPTS = "/api/v1/proctor/attempts"
REASON = {"reason": "technical.device"}
GRANT = {"extra_seconds": 600, "reason": "technical.device"}
STOPS, RUNS_ON = {"reason": "technical.device"}, {"reason": "candidate.illness"}
MISCONDUCT = {"reason": "candidate.misconduct"}
CONFIRMED: dict[str, object] = {**MISCONDUCT, "confirms": 1}
NOW = "2027-03-06T01:00:00Z"


async def give(
    http: httpx.AsyncClient, headers: dict[str, str], who: Seated, command: str, body: Any = None
) -> dict[str, Any]:
    answer = await http.post(f"{ATTEMPTS}/{who.attempt_id}/{command}", headers=headers, json=body)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def lead(http: httpx.AsyncClient, hall: Hall, command: str, body: Any = None) -> str:
    """The room's state after a command."""
    answer = await http.post(f"/api/v1/proctor/rooms/{hall.room_id}/{command}", headers=hall.proctor, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


async def code_of(http: httpx.AsyncClient, headers: dict[str, str], path: str, body: Any = None) -> str:
    """The code of the refusal, "" when it was done."""
    return str((await http.post(path, headers=headers, json=body)).json().get("code", ""))


async def save(http: httpx.AsyncClient, token: dict[str, str], number: int, answer: str, sequence: int) -> str:
    body = {"responses": [{"number": number, "answer": answer, "sequence": sequence, "client_time": NOW}]}
    return str((await http.put("/api/v1/exam/responses", headers=token, json=body)).json()["responses"][0]["outcome"])


async def left(http: httpx.AsyncClient, token: dict[str, str]) -> int | None:
    """The seconds left as the candidate sees them."""
    seconds: int | None = (await http.get("/api/v1/exam", headers=token)).json()["seconds_left"]
    return seconds
