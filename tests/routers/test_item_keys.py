"""Keys of items: read by permission, recorded, and locked while a sealed paper that is in use holds them."""

from typing import Any

import httpx
import pytest

from app.commands.openapi import describe
from app.core.context import Context
from tests.conftest import Login
from tests.plans import planned
from tests.routers.test_items import BANK, ITEMS, create, move
from tests.rows import sql

SECRET = ("key", "rationale", "reference", "content_hash")


@pytest.fixture
async def sealed(http: httpx.AsyncClient, login: Login, context: Context) -> str:
    """The id of an item that stands in the paper of an official sitting, which is ready."""
    http.headers.update(await login("officer"))
    sitting = await planned(http, login, context)
    answer = await http.post(f"{sitting.path}/ready")
    assert answer.status_code == 200, answer.text
    del http.headers["Authorization"]
    found = await sql(
        context,
        "SELECT v.item_id FROM item_version v JOIN paper_item_version p ON p.item_version_id = v.id"
        " WHERE v.type = 'single' ORDER BY p.position LIMIT 1",
    )
    return str(found[0].item_id)


async def both_roles(context: Context, login: Login) -> dict[str, str]:
    """An author who may also read the keys of papers."""
    headers = await login("author", "both")
    await sql(context, "UPDATE staff SET roles = '{author,chief}' WHERE username = 'both'")
    return headers


async def item(http: httpx.AsyncClient, headers: dict[str, str], item_id: str) -> dict[str, Any]:
    answer = await http.get(f"{ITEMS}/{item_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def shows(body: dict[str, Any]) -> bool:
    """Whether the item and all its versions show all secrets; that only some of them do is a fault."""
    shown = {one[name] is not None for one in (body, *body.get("versions", [])) for name in SECRET}
    assert len(shown) == 1
    return shown.pop()


async def readings(context: Context) -> list[Any]:
    return await sql(
        context, "SELECT subject_id, details->'codes' AS codes FROM audit_event WHERE action = 'item.read_keys'"
    )


async def test_every_reading_of_keys_is_one_event(http: httpx.AsyncClient, login: Login, context: Context) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    one = await create(http, author)
    assert await readings(context) == []
    page = (await http.get(ITEMS, params={"limit": 3}, headers=reviewer)).json()["items"]
    assert [(row.subject_id, row.codes) for row in await readings(context)] == [(None, [row["code"] for row in page])]
    await item(http, author, one["id"])
    await http.patch(f"{ITEMS}/{one['id']}", json={"key": "B"}, headers=author)
    await http.post(f"{ITEMS}/{one['id']}/review", headers=reviewer)
    events = await readings(context)
    assert [(str(row.subject_id), row.codes) for row in events[1:]] == [(one["id"], [one["code"]])] * 3


async def test_without_the_scope_items_have_no_keys_and_nothing_is_recorded(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    one = await create(http, await login("author", "narrow"))
    form = {"username": "narrow", "password": "试卷 nobody-guesses 7f3e", "scope": "items:read items:write"}
    token = (await http.post("/api/v1/auth/token", data=form)).json()["access_token"]
    narrow = {"Authorization": f"Bearer {token}"}
    assert not shows(await item(http, narrow, one["id"]))
    assert not any(shows(row) for row in (await http.get(ITEMS, headers=narrow)).json()["items"])
    assert not shows((await http.patch(f"{ITEMS}/{one['id']}", json={"difficulty": 0.5}, headers=narrow)).json())
    assert await readings(context) == []


LOCKS = [
    ("draft", False, False),
    ("ready", False, True),
    ("live", False, True),
    ("closed", False, True),
    ("published", False, False),
    ("cancelled", False, False),
    ("live", True, False),
]


async def test_a_sealed_paper_locks_its_items_until_the_publication(
    http: httpx.AsyncClient, login: Login, context: Context, sealed: str
) -> None:
    """Of rehearsals the keys are no secret."""
    people = [await login(role) for role in ("author", "reviewer", "officer")]
    query = {"limit": 200, "q": (await item(http, people[0], sealed))["code"]}
    for state, rehearsal, locks in LOCKS:
        await sql(context, "UPDATE sitting SET state = :state, rehearsal = :on", state=state, on=rehearsal)
        for headers in people:
            body = await item(http, headers, sealed)
            (listed,) = (await http.get(ITEMS, params=query, headers=headers)).json()["items"]
            for one in (body, listed):
                assert (one["locked"], shows(one)) == (locks, not locks), (state, rehearsal)


async def test_who_may_read_the_keys_of_papers_reads_those_of_locked_items(
    http: httpx.AsyncClient, login: Login, context: Context, sealed: str
) -> None:
    body = await item(http, await both_roles(context, login), sealed)
    assert (body["locked"], shows(body)) == (True, True)
    assert [str(row.subject_id) for row in await readings(context)] == [sealed]


async def test_what_was_hidden_is_not_recorded_as_read(
    http: httpx.AsyncClient, login: Login, context: Context, sealed: str
) -> None:
    author = await login("author")
    rows = (await http.get(ITEMS, params={"limit": 200}, headers=author)).json()["items"]
    (event,) = await readings(context)
    assert event.codes == [row["code"] for row in rows if not row["locked"]]
    assert any(row["locked"] for row in rows)
    await item(http, author, sealed)
    assert len(await readings(context)) == 1


async def test_a_new_version_of_a_locked_item_opens_nothing(http: httpx.AsyncClient, login: Login, sealed: str) -> None:
    """Neither what the change answers nor what is read later; the same content is a version like any other."""
    author = await login("author")
    before = len((await item(http, author, sealed))["versions"])
    guesses = [{"key": key} for key in "ABCD"]
    changes = [{"stem": "另一个题干（　　）。"}, {"rationale": "x"}, *guesses]
    for number, change in enumerate(changes, start=before + 1):
        answer = await http.patch(f"{ITEMS}/{sealed}", json=change, headers=author)
        assert (answer.status_code, answer.json()["version"], shows(answer.json())) == (200, number, False), change
    again = await http.patch(f"{ITEMS}/{sealed}", json=changes[-1], headers=author)
    assert again.json()["version"] == before + len(changes) + 1
    body = await item(http, author, sealed)
    assert not shows(body)


async def test_no_refusal_of_a_change_depends_on_a_locked_key(
    http: httpx.AsyncClient, login: Login, sealed: str
) -> None:
    author = await login("author")
    for change in ({"type": "multiple"}, {"options": ["甲", "乙", "丙", "丁"]}, {"type": "true_false", "options": []}):
        answer = await http.patch(f"{ITEMS}/{sealed}", json=change, headers=author)
        assert (answer.status_code, answer.json()["code"]) == (422, "item_key_needed"), change
    own = {"options": ["甲", "乙", "丙", "丁"], "key": "B"}
    assert (await http.patch(f"{ITEMS}/{sealed}", json=own, headers=author)).status_code == 200


async def test_loading_a_bank_does_not_tell_whether_a_guess_was_right(
    http: httpx.AsyncClient, login: Login, context: Context, sealed: str
) -> None:
    code = (await item(http, await login("author"), sealed))["code"]
    genuine = next(one for one in BANK if one.code == code)
    body = {"standard": "3-01-01-01", "edition": "2020", "items": [genuine.model_dump(mode="json")]}
    for role in ("author", "officer"):
        answer = (await http.post(f"{ITEMS}/import", json=body, headers=await login(role))).json()
        assert answer == {"created": 0, "changed": 1, "unchanged": 0}, role
    both = await both_roles(context, login)
    loaded = (await http.post(f"{ITEMS}/import", json=body, headers=both)).json()
    assert loaded == {"created": 0, "changed": 0, "unchanged": 1}


async def test_a_version_whose_key_cannot_be_seen_is_not_reviewed_but_may_be_withdrawn(
    http: httpx.AsyncClient, login: Login, context: Context, sealed: str
) -> None:
    author, reviewer = await login("author"), await login("reviewer")
    await http.patch(f"{ITEMS}/{sealed}", json={"stem": "另一个题干（　　）。"}, headers=author)
    answer = await http.post(f"{ITEMS}/{sealed}/review", headers=reviewer)
    assert (answer.status_code, answer.json()["code"]) == (409, "item_locked")
    retired = await http.post(f"{ITEMS}/{sealed}/retire", headers=reviewer)
    assert (retired.json()["state"], shows(retired.json())) == ("retired", False)
    await http.patch(f"{ITEMS}/{sealed}", json={"stem": "再一个题干（　　）。"}, headers=author)
    await sql(context, "UPDATE sitting SET state = 'published'")
    assert (await move(http, reviewer, sealed, "review"))["state"] == "reviewed"


def test_the_description_says_that_keys_may_be_hidden() -> None:
    properties = describe()["components"]["schemas"]["ItemRead"]["properties"]
    for name in SECRET:
        assert {"type": "null"} in properties[name]["anyOf"]
