"""Items over HTTP: writing, versions, review, lists."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import httpx

from app.domain.bank_files import parse_bank
from app.domain.items import ItemDocument
from tests.conftest import BANK_FILES, Login

ITEMS = "/api/v1/items"
BANK = [item for path in BANK_FILES for item in parse_bank(path.read_text(encoding="utf-8")).items]
MOVES = {
    ("draft", "review"): "reviewed",
    ("reviewed", "activate"): "active",
    ("draft", "retire"): "retired",
    ("reviewed", "retire"): "retired",
    ("active", "retire"): "retired",
}
PATHS = {"draft": (), "reviewed": ("review",), "active": ("review", "activate"), "retired": ("retire",)}


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "standard_code": "3-01-01-01",
        "code": "NEW-1",
        "type": "single",
        "level": 5,
        "knowledge_points": ["L5/1.1.1"],
        "stem": "群众来到窗口时，首先应当（　　）。",
        "options": ["主动问候", "收取材料", "请其等候", "查验证件"],
        "key": "A",
        "difficulty": 0.8,
        "rationale": "解析",
        "reference": "标准 3.1",
    } | changes


async def create(http: httpx.AsyncClient, author: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = await http.post(ITEMS, json=fields(**changes), headers=author)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def move(http: httpx.AsyncClient, who: dict[str, str], item_id: str, *commands: str, **body: Any) -> Any:
    for command in commands:
        answer = await http.post(f"{ITEMS}/{item_id}/{command}", json=body or None, headers=who)
        assert answer.status_code == 200, answer.text
    return (await http.get(f"{ITEMS}/{item_id}", headers=who)).json()


def states(item: dict[str, Any]) -> dict[int, str]:
    return {version["version"]: version["state"] for version in item["versions"]}


async def listed(http: httpx.AsyncClient, login: Login, **query: Any) -> list[dict[str, Any]]:
    """All pages of the list."""
    headers = await login("reviewer")
    found: list[dict[str, Any]] = []
    query |= {"limit": 200}
    while True:
        answer = await http.get(ITEMS, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return found
        query["cursor"] = answer.json()["next_cursor"]


# Writing


async def test_a_new_item_is_a_draft_of_its_area(http: httpx.AsyncClient, login: Login) -> None:
    item = await create(http, await login("author"))
    assert item | {"state": "draft", "version": 1, "area": "咨询引导", "edition": "2020"} == item
    assert {name: item[name] for name in fields()} == fields()
    assert states(item) == {1: "draft"}
    assert item["created_by"] is not None


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"key": "E"}, "key", "item_key_wrong"),
    ({"options": ["一", "二", "三"]}, "options", "item_option_count"),
    ({"stem": " "}, "stem", "item_field_too_short"),
    ({"knowledge_points": ["L5/9.9.9"]}, "knowledge_points[0]", "bank_unknown_point"),
    ({"level": 4}, "level", "bank_level_mismatch"),
    ({"level": None}, "level", "bank_level_mismatch"),
    ({"knowledge_points": ["L5/1.1.1", "L5/2.1.1"]}, "knowledge_points", "bank_mixed_areas"),
    ({"enemies": ["C9-999"]}, "enemies[0]", "bank_unknown_enemy"),
    ({"enemies": ["NEW-1"]}, "enemies", "item_own_enemy"),
]


async def test_faults_are_named_by_place(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    for changes, place, code in FAULTS:
        answer = await http.post(ITEMS, json=fields(**changes), headers=author)
        assert (answer.status_code, answer.json()["code"]) == (422, "item_invalid"), changes
        assert (place, code) in [(error["place"], error["code"]) for error in answer.json()["errors"]], changes
    assert await listed(http, login, q="NEW-") == []


async def test_a_code_is_given_once_even_to_two_at_once(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    answers = await asyncio.gather(*(http.post(ITEMS, json=fields(), headers=author) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {"NEW-1", "item_code_taken"}


async def test_a_repeated_command_gets_the_first_answer(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author") | {"Idempotency-Key": "key-of-the-test"}
    first, second = [await http.post(ITEMS, json=fields(), headers=author) for _ in range(2)]
    assert first.json() == second.json()


async def test_keys_are_read_by_those_who_work_on_items(http: httpx.AsyncClient, login: Login) -> None:
    (item,) = await listed(http, login, q=BANK[0].code)
    roles = {"author": 200, "reviewer": 200, "officer": 200, "proctor": 403, "chief": 403, "auditor": 403, "admin": 403}
    for role, status in roles.items():
        headers = await login(role)
        answers = [await http.get(url, headers=headers) for url in (ITEMS, f"{ITEMS}/{item['id']}")]
        assert [answer.status_code for answer in answers] == [status, status], role


async def test_a_reviewer_does_not_write_and_an_author_does_not_review(http: httpx.AsyncClient, login: Login) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    item = await create(http, author)
    assert (await http.post(ITEMS, json=fields(code="NEW-2"), headers=reviewer)).status_code == 403
    assert (await http.patch(f"{ITEMS}/{item['id']}", json={"key": "B"}, headers=reviewer)).status_code == 403
    assert (await http.post(f"{ITEMS}/{item['id']}/review", headers=author)).status_code == 403


# Versions


async def test_an_edit_leaves_the_active_version_in_use(http: httpx.AsyncClient, login: Login) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    item = await create(http, author)
    await move(http, reviewer, item["id"], "review", "activate")
    edited = (await http.patch(f"{ITEMS}/{item['id']}", json={"key": "B"}, headers=author)).json()
    assert (edited["version"], edited["state"], edited["key"]) == (2, "draft", "B")
    assert states(edited) == {2: "draft", 1: "active"}
    (in_use,) = await listed(http, login, q="NEW-1", state="active")
    assert (in_use["version"], in_use["key"]) == (1, "A")

    activated = await move(http, reviewer, item["id"], "review", "activate")
    assert states(activated) == {2: "active", 1: "retired"}


async def test_the_same_content_makes_no_version(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    item = await create(http, author)
    answer = await http.patch(f"{ITEMS}/{item['id']}", json={"key": "A", "enemies": []}, headers=author)
    assert answer.status_code == 200
    assert states(answer.json()) == {1: "draft"}


async def test_an_edit_replaces_the_draft_before(http: httpx.AsyncClient, login: Login) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    item = await create(http, author)
    await move(http, reviewer, item["id"], "review")
    edited = (await http.patch(f"{ITEMS}/{item['id']}", json={"key": "C"}, headers=author)).json()
    assert states(edited) == {2: "draft", 1: "retired"}
    assert edited["reviewed_by"] is None


async def test_who_has_not_seen_the_newest_version_is_told(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    item = await create(http, author)
    url = f"{ITEMS}/{item['id']}"
    seen = (await http.get(url, headers=author)).headers["etag"]
    first = await http.patch(url, json={"key": "B"}, headers=author | {"If-Match": seen})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = await http.patch(url, json={"key": "C"}, headers=author | {"If-Match": seen})
    assert (second.status_code, second.json()["code"]) == (412, "item_changed")


async def test_edits_at_once_are_one_after_the_other(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    item = await create(http, author)
    url = f"{ITEMS}/{item['id']}"
    answers = await asyncio.gather(*(http.patch(url, json={"key": key}, headers=author) for key in "BCD"))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    versions = states((await http.get(url, headers=author)).json())
    assert versions == {4: "draft", 3: "retired", 2: "retired", 1: "retired"}


async def test_a_refused_edit_changes_nothing(http: httpx.AsyncClient, login: Login) -> None:
    author = await login("author")
    item = await create(http, author)
    refused = [({"key": "Z"}, "item_invalid"), ({"stem": None}, "invalid_request"), ({"code": "X"}, "invalid_request")]
    for changes, code in refused:
        answer = await http.patch(f"{ITEMS}/{item['id']}", json=changes, headers=author)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await http.get(f"{ITEMS}/{item['id']}", headers=author)).json() == item


# Review


async def test_only_the_moves_of_the_table_are_possible(http: httpx.AsyncClient, login: Login) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    for state, command in itertools.product(PATHS, ("review", "activate", "retire")):
        item = await create(http, author, code=f"NEW-{state}-{command}")
        await move(http, reviewer, item["id"], *PATHS[state])
        answer = await http.post(f"{ITEMS}/{item['id']}/{command}", headers=reviewer)
        after = (await http.get(f"{ITEMS}/{item['id']}", headers=reviewer)).json()["state"]
        if (state, command) in MOVES:
            assert (answer.status_code, after) == (200, MOVES[state, command])
        else:
            assert (answer.status_code, answer.json()["code"], after) == (409, "invalid_transition", state)


async def test_the_author_of_a_version_does_not_review_it(http: httpx.AsyncClient, login: Login) -> None:
    officer, other = await login("officer"), await login("officer")
    item = await create(http, officer)
    answer = await http.post(f"{ITEMS}/{item['id']}/review", headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
    assert (await move(http, other, item["id"], "review"))["state"] == "reviewed"


async def test_a_named_version_is_withdrawn_while_the_draft_stays(http: httpx.AsyncClient, login: Login) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    item = await create(http, author)
    await move(http, reviewer, item["id"], "review", "activate")
    await http.patch(f"{ITEMS}/{item['id']}", json={"key": "B"}, headers=author)
    assert states(await move(http, reviewer, item["id"], "retire", version=1)) == {2: "draft", 1: "retired"}
    missing = await http.post(f"{ITEMS}/{item['id']}/retire", json={"version": 7}, headers=reviewer)
    assert missing.status_code == 404


async def test_two_who_activate_at_once_activate_once(http: httpx.AsyncClient, login: Login) -> None:
    reviewer = await login("reviewer")
    item = await create(http, await login("author"))
    await move(http, reviewer, item["id"], "review")
    calls = (http.post(f"{ITEMS}/{item['id']}/activate", headers=reviewer) for _ in range(2))
    assert sorted(answer.status_code for answer in await asyncio.gather(*calls)) == [200, 409]


# Lists

FILTERS: list[tuple[dict[str, Any], Callable[[ItemDocument], bool]]] = [
    ({}, lambda _: True),
    ({"standard_code": "3-01-01-01", "state": "active"}, lambda _: True),
    ({"standard_code": "9-99-99-99"}, lambda _: False),
    ({"state": "draft"}, lambda _: False),
    ({"type": "multiple", "level": 4}, lambda item: item.type == "multiple" and item.level == 4),
    ({"area": "职业道德"}, lambda item: item.knowledge_points[0].startswith("2.1.")),
    ({"area": "没有"}, lambda _: False),
    ({"knowledge_point": "L5/1.1.1"}, lambda item: "L5/1.1.1" in item.knowledge_points),
    ({"q": "档案"}, lambda item: any("档案" in text for text in (item.stem, *item.options))),
    ({"q": "s3-00"}, lambda item: "s3-00" in item.code.lower()),
    ({"q": "%"}, lambda item: any("%" in text for text in (item.stem, *item.options))),
]


async def test_filters_find_what_the_files_hold(http: httpx.AsyncClient, login: Login) -> None:
    for query, fits in FILTERS:
        found = [item["code"] for item in await listed(http, login, **query)]
        assert len(found) == len(set(found)), query
        assert set(found) == {item.code for item in BANK if fits(item)}, query


async def test_a_draft_stands_for_its_item_in_the_list(http: httpx.AsyncClient, login: Login) -> None:
    (item,) = await listed(http, login, q=BANK[0].code)
    await http.patch(f"{ITEMS}/{item['id']}", json={"difficulty": 0.11}, headers=await login("author"))
    assert [one["version"] for one in await listed(http, login, q=item["code"])] == [2]
    assert [one["version"] for one in await listed(http, login, q=item["code"], state="draft")] == [2]
    assert [one["version"] for one in await listed(http, login, q=item["code"], state="active")] == [1]
    assert await listed(http, login, q=item["code"], state="retired") == []


async def test_a_broken_cursor_is_refused(http: httpx.AsyncClient, login: Login) -> None:
    answer = await http.get(f"{ITEMS}?cursor=abc", headers=await login("reviewer"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
