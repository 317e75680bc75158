"""Importing banks over HTTP: all rows or none, and what becomes of those that are held already."""

import json
from typing import Any

import httpx

from app.domain.bank_files import parse_bank
from tests.conftest import BANK_FILES, Login

ITEMS = "/api/v1/items"
IMPORT = f"{ITEMS}/import"
HELD = parse_bank(BANK_FILES[0].read_text(encoding="utf-8")).items


def row(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "type": "true_false",
        "level": 5,
        "knowledge_points": ["L5/1.1.1"],
        "stem": f"判断题 {code}",
        "key": "T",
        "difficulty": 0.6,
        "rationale": "解析",
        "reference": "标准 3.1",
    } | changes


def document(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"standard": "3-01-01-01", "edition": "2020", "items": list(rows)}


def held(**changes: Any) -> dict[str, Any]:
    return HELD[0].model_dump(mode="json") | changes


async def in_bank(http: httpx.AsyncClient, login: Login, q: str, **query: Any) -> list[dict[str, Any]]:
    answer = await http.get(ITEMS, params={"q": q, **query}, headers=await login("reviewer"))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_new_changed_and_unchanged_rows_are_counted(http: httpx.AsyncClient, login: Login) -> None:
    other = HELD[1].model_dump(mode="json")
    body = document(row("NEW-1", enemies=["NEW-2", HELD[0].code]), row("NEW-2"), held(difficulty=0.11), other)
    answer = await http.post(IMPORT, json=body, headers=await login("author"))
    assert answer.json() == {"created": 2, "changed": 1, "unchanged": 1}
    assert [(item["version"], item["state"]) for item in await in_bank(http, login, "NEW-")] == [(1, "draft")] * 2
    assert [(item["version"], item["state"]) for item in await in_bank(http, login, HELD[0].code)] == [(2, "draft")]
    assert [item["version"] for item in await in_bank(http, login, HELD[0].code, state="active")] == [1]

    again = await http.post(IMPORT, json=body, headers=await login("author"))
    assert again.json() == {"created": 0, "changed": 0, "unchanged": 4}


async def test_the_shipped_files_are_held_already(http: httpx.AsyncClient, login: Login) -> None:
    headers = await login("author") | {"Content-Type": "application/yaml; charset=utf-8"}
    for path in BANK_FILES:
        content = path.read_text(encoding="utf-8")
        answer = await http.post(IMPORT, content=content.encode(), headers=headers)
        assert answer.json() == {"created": 0, "changed": 0, "unchanged": len(parse_bank(content).items)}, path.name


async def test_of_a_half_bad_import_no_row_is_left(http: httpx.AsyncClient, login: Login) -> None:
    rows = [
        row("NEW-0"),
        held(difficulty=0.11),
        row("NEW-2", knowledge_points=["L5/9.9.9"]),
        row("NEW-3", level=4),
        row("NEW-4", enemies=["NEW-5", "NEW-0"]),
    ]
    answer = await http.post(IMPORT, json=document(*rows), headers=await login("author"))
    assert (answer.status_code, answer.json()["code"]) == (422, "bank_invalid")
    assert {error["place"]: error["code"] for error in answer.json()["errors"]} == {
        "items[2] (NEW-2).knowledge_points[0]": "bank_unknown_point",
        "items[3] (NEW-3).level": "bank_level_mismatch",
        "items[4] (NEW-4).enemies[0]": "bank_unknown_enemy",
    }
    assert await in_bank(http, login, "NEW-") == []
    assert [item["version"] for item in await in_bank(http, login, HELD[0].code)] == [1]


async def test_active_at_once_is_for_reviewers_and_replaces_what_was_active(
    http: httpx.AsyncClient, login: Login
) -> None:
    body = document(row("NEW-1"), held(difficulty=0.11))
    url = f"{IMPORT}?state=active"
    refused = await http.post(url, json=body, headers=await login("author"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    answer = await http.post(url, json=body, headers=await login("officer"))
    assert answer.json() == {"created": 1, "changed": 1, "unchanged": 0}
    (item,) = await in_bank(http, login, HELD[0].code)
    detail = (await http.get(f"{ITEMS}/{item['id']}", headers=await login("reviewer"))).json()
    assert [(one["version"], one["state"]) for one in detail["versions"]] == [(2, "active"), (1, "retired")]


UNREADABLE = [
    (b"{", "application/json", 422, "bank_invalid"),
    (b"\xff\xfe", "application/yaml", 422, "bank_invalid"),
    (b"[1]", "application/json", 422, "bank_invalid"),
    (b"{}", "text/csv", 415, "bank_media_type"),
    (b" " * (5 * 1024 * 1024 + 1), "application/yaml", 413, "bank_too_large"),
    (json.dumps(document(row("A")) | {"edition": "1999"}).encode(), "application/json", 404, "standard_not_loaded"),
]


async def test_what_cannot_be_read_is_refused(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    for content, media_type, status, code in UNREADABLE:
        answer = await http.post(IMPORT, content=content, headers=author | {"Content-Type": media_type})
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_preview_tells_what_becomes_of_each_row_and_changes_nothing(
    http: httpx.AsyncClient, login: Login
) -> None:
    body = document(row("NEW-1"), held(difficulty=0.11), HELD[1].model_dump(mode="json"))
    answer = await http.post(f"{IMPORT}/preview", json=body, headers=await login("author"))
    rows = answer.json()["rows"]
    assert [(one["code"], one["outcome"]) for one in rows] == [
        ("NEW-1", "created"),
        (HELD[0].code, "changed"),
        (HELD[1].code, "unchanged"),
    ]
    assert await in_bank(http, login, "NEW-1") == []
    assert [item["version"] for item in await in_bank(http, login, HELD[0].code)] == [1]


async def test_a_preview_refuses_what_the_import_refuses(http: httpx.AsyncClient, login: Login) -> None:
    body = document(row("NEW-1", knowledge_points=["L5/9.9.9"]))
    refusals = [
        await http.post(path, json=body, headers=await login("author")) for path in (IMPORT, f"{IMPORT}/preview")
    ]
    told = [(one.status_code, one.json()["errors"]) for one in refusals]
    assert told[0] == told[1]
    assert told[0][0] == 422

    as_active = await http.post(
        f"{IMPORT}/preview", params={"state": "active"}, json=document(row("NEW-1")), headers=await login("author")
    )
    assert (as_active.status_code, as_active.json()["code"]) == (403, "not_allowed")
