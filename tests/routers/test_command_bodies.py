"""What the body of a proctor's command may hold."""

from typing import Any

import httpx
import pytest

from app.core.context import Context
from tests.halls import begin, open_hall
from tests.proctors import ATTEMPTS, GRANT, REASON


@pytest.mark.parametrize("seconds", [True, "300", 1.5, 0, 4 * 3600 + 1, None])
async def test_time_is_granted_in_whole_seconds(http: httpx.AsyncClient, context: Context, seconds: Any) -> None:
    hall = await open_hall(context)
    await begin(http, hall.seated[0])
    path = f"{ATTEMPTS}/{hall.seated[0].attempt_id}/grants"
    refused = await http.post(path, headers=hall.proctor, json=GRANT | {"extra_seconds": seconds})
    assert (refused.status_code, refused.json()["errors"][0]["place"]) == (422, "extra_seconds")


@pytest.mark.parametrize("note", ["响\x07铃", "\x00", "\u202e反写", "\u2066隔离", "分\u2029段", "回\r车"])
@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("attempts/{attempt}/grants", GRANT, "note"),
        ("rooms/{room}/suspend", REASON, "note"),
        ("rooms/{room}/incidents", {"kind": "disturbance"}, "note"),
    ],
)
async def test_a_note_holds_no_control_characters_and_none_that_turn_the_writing(
    http: httpx.AsyncClient, context: Context, path: str, body: dict[str, Any], place: str, note: str
) -> None:
    hall = await open_hall(context)
    address = f"/api/v1/proctor/{path}".format(attempt=hall.seated[0].attempt_id, room=hall.room_id)
    refused = await http.post(address, headers=hall.proctor, json=body | {place: note})
    assert (refused.status_code, refused.json()["errors"][0]["place"]) == (422, place)


async def test_a_note_may_have_lines(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    await begin(http, hall.seated[0])
    path = f"{ATTEMPTS}/{hall.seated[0].attempt_id}/grants"
    given = await http.post(path, headers=hall.proctor, json=GRANT | {"note": "鼠标失灵，\n已更换。"})
    assert given.status_code == 200, given.text
