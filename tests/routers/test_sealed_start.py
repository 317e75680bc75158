"""The paper fetched sealed while waiting, opened with the key that starting gives."""

import base64
import json
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.context import Context
from tests.halls import Hall, Seated, log_in, open_hall
from tests.proctors import give

PAPER, SEALED, START = "/api/v1/exam/paper", "/api/v1/exam/sealed-paper", "/api/v1/exam/start"


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context)


def opened(sealed: dict[str, Any], key: str) -> dict[str, Any]:
    """What a client makes of the sealed paper: the shape of GET /exam/paper."""
    box = base64.b64decode(sealed["ciphertext"])
    shared = json.loads(AESGCM(base64.b64decode(key)).decrypt(box[:12], box[12:], None))
    seen = []
    for number, place in enumerate(sealed["layout"], start=1):
        item = shared["items"][place["item"]]
        texts = [item["options"][index] for index in place["options"]]
        options = [{"letter": letter, "text": text} for letter, text in zip("ABCDEFGH", texts, strict=False)]
        seen.append({"number": number, "type": item["type"], "stem": item["stem"], "options": options})
        seen[-1]["points"] = item["points"]
    return {"items": seen, "total_points": shared["total_points"]}


async def test_the_key_of_the_start_opens_the_paper_fetched_before(http: httpx.AsyncClient, hall: Hall) -> None:
    who = hall.seated[0]
    token = await log_in(http, who)
    sealed = await http.get(SEALED, headers=token)
    assert (await http.get(PAPER, headers=token)).json()["code"] == "paper_not_open"
    key = (await http.post(START, headers=token)).json()["paper_key"]
    paper = await http.get(PAPER, headers=token)
    assert opened(sealed.json(), key) == paper.json()
    assert sealed.headers["etag"] == paper.headers["etag"]
    assert (await http.post(START, headers=token)).json()["paper_key"] == key


async def test_before_the_start_nothing_of_the_paper_can_be_read(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await log_in(http, hall.seated[0])
    answer = await http.get(SEALED, headers=token)
    assert "题" not in answer.text
    assert "paper_key" not in (await http.get("/api/v1/exam", headers=token)).json()
    for guess in (bytes(32), b"\xff" * 32):
        with pytest.raises(InvalidTag):
            opened(answer.json(), base64.b64encode(guess).decode())


async def test_candidates_of_one_form_share_the_bytes_and_the_key_of_another_sitting_is_another(
    http: httpx.AsyncClient, context: Context, hall: Hall
) -> None:
    async def fetched(who: Seated) -> tuple[str, str]:
        token = await log_in(http, who)
        sealed = (await http.get(SEALED, headers=token)).json()["ciphertext"]
        return sealed, (await http.post(START, headers=token)).json()["paper_key"]

    first, second = [await fetched(who) for who in hall.seated]
    assert first == second
    elsewhere = await fetched((await open_hall(context)).seated[0])
    assert elsewhere[0] != first[0]
    assert elsewhere[1] != first[1]


async def test_who_has_the_paper_is_told_so_and_who_has_handed_in_gets_none(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    who = hall.seated[0]
    token = await log_in(http, who)
    tag = (await http.get(SEALED, headers=token)).headers["etag"]
    again = await http.get(SEALED, headers=token | {"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    await http.post(START, headers=token)
    await give(http, hall.proctor, who, "submit", {"reason": "candidate.illness"})
    assert (await http.get(SEALED, headers=token)).json()["code"] == "paper_not_open"
