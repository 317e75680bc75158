"""What tests of incidents ask over HTTP."""

from typing import Any

import httpx

from app.core.context import Context
from tests.halls import Hall
from tests.proctors import NOW
from tests.rows import sql

Read = dict[str, Any]


def happened(*kinds: str) -> dict[str, object]:
    """The body of a client's report of these events."""
    return {"events": [{"kind": kind, "client_time": NOW} for kind in kinds]}


async def send(http: httpx.AsyncClient, token: dict[str, str], *kinds: str) -> None:
    answer = await http.post("/api/v1/exam/events", headers=token, json=happened(*kinds))
    assert answer.status_code == 200, answer.text


async def listed(http: httpx.AsyncClient, hall: Hall, **params: str | bool) -> list[Read]:
    """All incidents of the hall's room, in their order."""
    path = f"/api/v1/proctor/rooms/{hall.room_id}/incidents"
    answer = await http.get(path, headers=hall.proctor, params={"limit": 200, **params})
    assert answer.status_code == 200, answer.text
    found: list[Read] = answer.json()["items"]
    return found


async def of_sitting(http: httpx.AsyncClient, hall: Hall, **params: str | bool) -> list[Read]:
    """Those of the sitting as a whole."""
    answer = await http.get(
        f"/api/v1/sittings/{hall.sitting_id}/incidents", headers=hall.chief, params={"limit": 200, **params}
    )
    assert answer.status_code == 200, answer.text
    return [incident for incident in answer.json()["items"] if incident["room_id"] is None]


async def reported(http: httpx.AsyncClient, hall: Hall, kind: str = "other", **body: object) -> Read:
    """An incident of the room, by a proctor."""
    path = f"/api/v1/proctor/rooms/{hall.room_id}/incidents"
    answer = await http.post(path, headers=hall.proctor, json={"kind": kind} | body)
    assert answer.status_code == 201, answer.text
    incident: Read = answer.json()
    return incident


async def on_incident(
    http: httpx.AsyncClient, headers: dict[str, str], incident: Read, command: str, body: Any = None
) -> httpx.Response:
    return await http.post(f"/api/v1/proctor/incidents/{incident['id']}/{command}", headers=headers, json=body)


async def audited(context: Context, action: str) -> int:
    """How many events of this action the audit log has."""
    (row,) = await sql(context, "SELECT count(*) FROM audit_event WHERE action = :action", action=action)
    return int(row[0])
