"""Papers over HTTP, from the shipped bank: exact to the weight table, reproducible, sealed, keys guarded."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from app.core.canonical import digest
from app.core.context import Context
from tests.builders import STANDARD
from tests.conftest import Login

PAPERS = "/api/v1/papers"
ITEMS = "/api/v1/items"

TABLE_4_1 = {
    5: {"职业道德": 5, "基础知识": 25, "咨询引导": 20, "业务办理": 40, "综合出件": 10},
    4: {"职业道德": 5, "基础知识": 15, "咨询引导": 15, "业务办理": 35, "现场管理": 30},
    3: {"职业道德": 5, "基础知识": 10, "业务办理": 20, "现场管理": 30, "培训与管理": 35},
}
LEVEL_BOUND = {"咨询引导", "业务办理", "综合出件", "现场管理", "培训与管理"}
COMPOSED = {"single": (60, 1), "multiple": (10, 2), "true_false": (20, 1)}
SECTIONS = ["single"] * 60 + ["multiple"] * 10 + ["true_false"] * 20

Paper = dict[str, Any]


@pytest_asyncio.fixture
async def officer(login: Login) -> dict[str, str]:
    return await login("officer")


@pytest_asyncio.fixture
async def chief(login: Login) -> dict[str, str]:
    return await login("chief")


async def request(http: httpx.AsyncClient, headers: dict[str, str], **fields: Any) -> httpx.Response:
    return await http.post(f"{PAPERS}/assemble", json={"standard_code": STANDARD, "level": 5} | fields, headers=headers)


async def assemble(http: httpx.AsyncClient, headers: dict[str, str], **fields: Any) -> list[Paper]:
    answer = await request(http, headers, **fields)
    assert answer.status_code == 201, answer.text
    papers: list[Paper] = answer.json()["papers"]
    return papers


async def refusal(http: httpx.AsyncClient, headers: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = await request(http, headers, **fields)
    assert answer.status_code in (409, 422), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def items_of(http: httpx.AsyncClient, headers: dict[str, str], paper: Paper, keys: str = "") -> list[Paper]:
    answer = await http.get(f"{PAPERS}/{paper['id']}{keys}", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[Paper] = answer.json()["items"]
    return items


async def active_items(http: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Paper]:
    """The bank by code."""
    found: dict[str, Paper] = {}
    query: dict[str, Any] = {"standard_code": STANDARD, "state": "active", "limit": 200}
    while query.get("cursor", "first"):
        page = (await http.get(ITEMS, params=query, headers=headers)).json()
        found |= {item["code"]: item for item in page["items"]}
        query["cursor"] = page["next_cursor"]
    return found


def points_by_area(items: list[Paper]) -> dict[str, Decimal]:
    points: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        points[item["area"]] += Decimal(item["points"])
    return points


@pytest.mark.parametrize("level", TABLE_4_1)
async def test_two_forms_meet_the_weight_table_and_every_rule(
    http: httpx.AsyncClient, officer: dict[str, str], level: int
) -> None:
    answer = await http.get(f"/api/v1/standards/{STANDARD}/levels/{level}", headers=officer)
    weights = {row["area"]: Decimal(row["weight"]) for row in answer.json()["theory_weights"]}
    assert weights == TABLE_4_1[level]
    bank = await active_items(http, officer)
    papers = await assemble(http, officer, level=level, forms=2, seed=7)
    assert [paper["form"] for paper in papers] == ["A", "B"]
    forms = [await items_of(http, officer, paper) for paper in papers]
    assert {item["code"] for item in forms[0]}.isdisjoint(item["code"] for item in forms[1])
    for paper, items in zip(papers, forms, strict=True):
        assert points_by_area(items) == weights
        assert Decimal(paper["total_points"]) == 100
        assert [item["number"] for item in items] == list(range(1, 91))
        assert [item["type"] for item in items] == SECTIONS
        assert all(Decimal(item["points"]) == COMPOSED[item["type"]][1] for item in items)
        codes = {item["code"] for item in items}
        assert len(codes) == 90
        assert not any(codes & set(bank[code]["enemies"]) for code in codes)
        assert all(bank[code]["level"] is None or bank[code]["level"] >= level for code in codes)
        for area in weights.keys() & LEVEL_BOUND:
            levels = [bank[item["code"]]["level"] for item in items if item["area"] == area]
            assert levels.count(level) >= 0.7 * len(levels), area


async def test_the_blueprint_tells_points_and_items_of_each_area(
    http: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    (paper,) = await assemble(http, officer, seed=1)
    blueprint = (await http.get(f"{PAPERS}/{paper['id']}/blueprint", headers=officer)).json()
    items = await items_of(http, officer, paper)
    assert blueprint["rows"] == paper["blueprint"]
    for row in blueprint["rows"]:
        counts = Counter(item["type"] for item in items if item["area"] == row["area"])
        assert row["counts"] == {type_: counts[type_] for type_ in COMPOSED}
        assert Decimal(row["points"]) == Decimal(row["weight"]) == TABLE_4_1[5][row["area"]]
    composed = {share["type"]: (share["count"], int(share["points"])) for share in blueprint["composition"]}
    assert composed == COMPOSED


async def test_seeds_give_different_papers_and_a_seed_the_same_again(
    http: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    chosen = []
    for seed in (1, 2, 3):
        (paper,) = await assemble(http, officer, seed=seed)
        chosen.append(frozenset(item["code"] for item in await items_of(http, officer, paper)))
        assert await assemble(http, officer, seed=seed) == [paper], "neither another paper nor another id"
    assert len(set(chosen)) == 3
    assert await assemble(http, officer, seed=1, forms=2) == await assemble(http, officer, seed=1, forms=2)


async def test_without_a_seed_one_is_drawn_and_told(http: httpx.AsyncClient, officer: dict[str, str]) -> None:
    first, second = await assemble(http, officer) + await assemble(http, officer)
    assert first["seed"] != second["seed"]
    assert await assemble(http, officer, seed=first["seed"]) == [first]


async def test_only_active_items_are_drawn(http: httpx.AsyncClient, context: Context, officer: dict[str, str]) -> None:
    """A quarter of a paper is withdrawn or waits for review; the same request then does without it."""
    (first,) = await assemble(http, officer, seed=1)
    async with context.database.transaction() as session:
        await session.execute(
            text(
                "UPDATE item_version SET state = (ARRAY['draft', 'reviewed', 'retired'])[position % 3 + 1]"
                " FROM paper_item_version p WHERE p.item_version_id = id AND p.paper_id = :paper AND position % 4 = 0"
            ),
            {"paper": first["id"]},
        )
    gone = {item["code"] for item in await items_of(http, officer, first) if item["number"] % 4 == 0}
    active = await active_items(http, officer)
    assert gone.isdisjoint(active)
    (second,) = await assemble(http, officer, seed=1)
    assert {item["code"] for item in await items_of(http, officer, second)} <= active.keys()


# Keys and the seal


async def test_keys_are_for_who_may_read_them_and_the_reading_is_recorded(
    http: httpx.AsyncClient, login: Login, officer: dict[str, str], chief: dict[str, str]
) -> None:
    (paper,) = await assemble(http, officer, seed=1)
    assert {item["key"] for item in await items_of(http, chief, paper)} == {None}
    refused = await http.get(f"{PAPERS}/{paper['id']}/keys", headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    bank = await active_items(http, officer)
    keyed = await items_of(http, chief, paper, "/keys")
    assert [item["key"] for item in keyed] == [bank[item["code"]]["key"] for item in keyed]
    query = {"subject_id": paper["id"]}
    events = (await http.get("/api/v1/audit", params=query, headers=await login("auditor"))).json()["items"]
    assert [event["action"] for event in events] == ["paper.seal", "paper.read_keys"]


async def test_the_seal_is_the_hash_of_what_the_paper_holds(
    http: httpx.AsyncClient, officer: dict[str, str], chief: dict[str, str]
) -> None:
    (paper,) = await assemble(http, officer, seed=1)
    content: dict[str, Any] = {
        "standard_code": STANDARD,
        "standard_edition": "2020",
        "level": 5,
        "items": [
            {name: item[name] for name in ("code", "version", "type", "area", "stem", "key")}
            | {"position": item["number"], "options": [option["text"] for option in item["options"]]}
            | {"points": f"{item['points']:g}"}
            for item in await items_of(http, chief, paper, "/keys")
        ],
    }
    assert digest(content) == paper["content_hash"]
    content["items"][89]["key"] += "T"
    assert digest(content) != paper["content_hash"]


async def test_a_paper_keeps_the_versions_it_was_sealed_with(
    http: httpx.AsyncClient, login: Login, officer: dict[str, str], chief: dict[str, str]
) -> None:
    (paper,) = await assemble(http, officer, seed=1)
    sealed = await items_of(http, chief, paper, "/keys")
    item = (await active_items(http, officer))[sealed[0]["code"]]
    path, reviewer = f"{ITEMS}/{item['id']}", await login("reviewer")
    edited = await http.patch(path, json={"stem": "改过的题干（　　）。"}, headers=await login("author"))
    assert edited.status_code == 200, edited.text
    for command in ("review", "activate"):
        assert (await http.post(f"{path}/{command}", headers=reviewer)).status_code == 200
    assert (await active_items(http, officer))[item["code"]]["version"] == item["version"] + 1
    assert await items_of(http, chief, paper, "/keys") == sealed
    (again,) = await assemble(http, officer, seed=1)
    assert (again["bank_version"] == paper["bank_version"], again["id"] == paper["id"]) == (False, False)


# Refusals


async def test_points_that_miss_the_total_are_told(http: httpx.AsyncClient, officer: dict[str, str]) -> None:
    refused = await refusal(http, officer, composition=[{"type": "single", "count": 99, "points": 1}])
    assert (refused["code"], refused["status"]) == ("composition_total", 422)
    assert "99" in refused["detail"]
    assert "100" in refused["detail"]


async def test_a_composition_that_misses_a_weight_names_the_areas_and_compositions_that_work(
    http: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    """Items of two points never make the 5 points of ethics nor the 25 of basic knowledge."""
    shares = [{"type": "single", "count": 40, "points": 2}, {"type": "multiple", "count": 10, "points": 2}]
    refused = await refusal(http, officer, composition=shares)
    assert refused["code"] == "blueprint_infeasible"
    assert {error["place"] for error in refused["errors"]} == {"职业道德", "基础知识"}
    assert 1 <= len(refused["alternatives"]) <= 3
    for alternative in refused["alternatives"]:
        (paper,) = await assemble(http, officer, composition=alternative["shares"])
        assert points_by_area(await items_of(http, officer, paper)) == TABLE_4_1[5]


@pytest.mark.parametrize("forms", [3, 10])
async def test_too_many_forms_are_told_what_lacks_and_how_many_are_possible(
    http: httpx.AsyncClient, officer: dict[str, str], forms: int
) -> None:
    refused = await refusal(http, officer, forms=forms, seed=1)
    assert (refused["status"], refused["code"]) == (409, "forms_unavailable")
    assert refused["possible_forms"] == 2
    assert {error["code"] for error in refused["errors"]} == {"forms_cell_short"}
    assert len(await assemble(http, officer, forms=refused["possible_forms"], seed=1)) == 2


async def test_a_share_of_own_level_items_that_the_bank_lacks_is_refused(
    http: httpx.AsyncClient, context: Context, officer: dict[str, str]
) -> None:
    """Of level 3's own items of one area ten are left; lower levels could fill the rest."""
    own = [
        code
        for code, item in (await active_items(http, officer)).items()
        if (item["level"], item["area"]) == (3, "业务办理")
    ]
    statement = (
        "UPDATE item_version v SET state = 'retired' FROM item i WHERE i.id = v.item_id AND i.code = ANY(:codes)"
    )
    async with context.database.transaction() as session:
        await session.execute(text(statement), {"codes": sorted(own)[10:]})
    refused = await refusal(http, officer, level=3)
    assert refused["code"] == "forms_unavailable"
    assert [(error["place"], error["code"]) for error in refused["errors"]] == [("业务办理", "forms_own_level_short")]
    (paper,) = await assemble(http, officer, level=3, own_level_share=0.3)
    assert points_by_area(await items_of(http, officer, paper)) == TABLE_4_1[3]


async def test_what_the_standard_does_not_have_is_refused(http: httpx.AsyncClient, officer: dict[str, str]) -> None:
    assert (await request(http, officer, standard_code="0-00-00-00")).status_code == 404
    assert (await request(http, officer, level=1)).json()["code"] == "unknown_level"
    assert (await request(http, officer, composition=[])).json()["code"] == "invalid_request"


async def test_papers_are_listed_the_newest_first(http: httpx.AsyncClient, officer: dict[str, str]) -> None:
    made = [paper for level in (5, 4) for paper in await assemble(http, officer, level=level, seed=1)]
    first = (await http.get(PAPERS, params={"limit": 1}, headers=officer)).json()
    rest = (await http.get(PAPERS, params={"cursor": first["next_cursor"]}, headers=officer)).json()
    assert first["items"] + rest["items"] == made[::-1]
    assert rest["next_cursor"] is None
    only = (await http.get(PAPERS, params={"standard_code": STANDARD, "level": 4}, headers=officer)).json()
    assert only["items"] == made[1:]
    assert (await http.get(PAPERS, params={"cursor": "?"}, headers=officer)).json()["code"] == "invalid_cursor"


async def test_a_repeated_assembly_with_a_key_gets_the_first_answer(
    http: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    headers = officer | {"Idempotency-Key": "assemble-1"}
    assert await assemble(http, headers) == await assemble(http, headers), "though no seed was given"
    assert (await request(http, headers, level=4)).json()["code"] == "idempotency_key_reused"


# Previewing a blueprint


async def preview(http: httpx.AsyncClient, headers: dict[str, str], **fields: Any) -> httpx.Response:
    body = {"standard_code": STANDARD, "level": 5} | fields
    return await http.post(f"{PAPERS}/blueprint", json=body, headers=headers)


async def test_the_preview_is_the_blueprint_of_the_papers_and_makes_none(
    http: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    rows = (await preview(http, officer)).json()["rows"]
    assert {row["area"]: row["points"] for row in rows} == TABLE_4_1[5]
    assert all(row["available"][kind] >= count for row in rows for kind, count in row["counts"].items())
    assert (await http.get(PAPERS, headers=officer)).json()["items"] == []
    [paper] = await assemble(http, officer)
    assert [row["counts"] for row in paper["blueprint"]] == [row["counts"] for row in rows]


async def test_a_preview_refuses_what_no_blueprint_fits(http: httpx.AsyncClient, officer: dict[str, str]) -> None:
    composition = [{"type": "single", "count": 60, "points": 1}]
    answer = await preview(http, officer, composition=composition)
    assert (answer.status_code, answer.json()["code"]) == (422, "composition_total")
