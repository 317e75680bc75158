"""Standards over HTTP: the shipped one and a made-up one with other rules."""

from typing import Any

import httpx
import pytest

from tests.conftest import Login

REAL = "/api/v1/standards/3-01-01-01"
MADE_UP = "/api/v1/standards/9-99-99-99"


async def get(http: httpx.AsyncClient, login: Login, url: str, status: int = 200) -> Any:
    answer = await http.get(url, headers=await login("proctor"))
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_any_staff_lists_what_is_loaded(http: httpx.AsyncClient, login: Login) -> None:
    first = await get(http, login, "/api/v1/standards?limit=1")
    second = await get(http, login, f"/api/v1/standards?limit=1&cursor={first['next_cursor']}")
    assert [first["items"][0]["code"], second["items"][0]["code"]] == ["3-01-01-01", "9-99-99-99"]
    assert second["next_cursor"] is None
    assert [level["level"] for level in first["items"][0]["levels"]] == [5, 4, 3]
    assert (await http.get("/api/v1/standards")).status_code == 401


async def test_a_standard_tells_its_areas_and_the_slips_of_its_source(http: httpx.AsyncClient, login: Login) -> None:
    standard = await get(http, login, f"{REAL}?edition=2020")
    assert standard["areas"][:3] == [
        {"name": "职业道德", "kind": "ethics"},
        {"name": "基础知识", "kind": "basic"},
        {"name": "咨询引导", "kind": "function"},
    ]
    assert standard["source_notes"]


@pytest.mark.parametrize(
    ("url", "weights"),
    [
        (f"{REAL}/levels/5", {"职业道德": 5, "基础知识": 25, "咨询引导": 20, "业务办理": 40, "综合出件": 10}),
        (f"{REAL}/levels/4", {"职业道德": 5, "基础知识": 15, "咨询引导": 15, "业务办理": 35, "现场管理": 30}),
        (f"{REAL}/levels/3", {"职业道德": 5, "基础知识": 10, "业务办理": 20, "现场管理": 30, "培训与管理": 35}),
        (f"{MADE_UP}/levels/3", {"信号联络": 27.5, "职业操守": 5, "海事基础": 17.5}),
    ],
)
async def test_weights_are_numbers_in_the_order_of_the_table(
    http: httpx.AsyncClient, login: Login, url: str, weights: dict[str, float]
) -> None:
    level = await get(http, login, url)
    assert level["theory_weights"] == [{"area": area, "weight": weight} for area, weight in weights.items()]
    assert sum(row["weight"] for row in level["theory_weights"]) == level["theory"]["total_points"]["value"]
    assert sum(row["weight"] for row in level["skill_weights"]) == level["skills"]["total_points"]["value"]


async def test_rules_name_their_clauses(http: httpx.AsyncClient, login: Login) -> None:
    level = await get(http, login, f"{REAL}/levels/5")
    assert level["training_hours"] == 160
    assert level["theory"] == {
        "total_points": {"value": 100, "clause": "1.9.2"},
        "pass_mark": {"value": 60, "clause": "1.9.2"},
        "minimum_minutes": {"value": 60, "clause": "1.9.4"},
        "candidates_per_proctor": {"value": 15, "clause": "1.9.3"},
        "minimum_proctors_per_room": {"value": 2, "clause": "1.9.3"},
        "delivery_modes": {"value": ["paper", "computer", "mobile_app"], "clause": "1.9.2"},
    }
    assert (await get(http, login, f"{MADE_UP}/levels/2"))["theory"]["minimum_minutes"]["value"] == 90


async def test_content_has_section_2_and_the_work_contents_of_the_level(http: httpx.AsyncClient, login: Login) -> None:
    level = await get(http, login, f"{MADE_UP}/levels/3")
    assert level["content"] == [
        {
            "area": "职业操守",
            "kind": "ethics",
            "groups": [{"title": "2.1.1 守护精神", "knowledge_points": [{"id": "2.1.1", "text": "守护精神"}]}],
        },
        {
            "area": "海事基础",
            "kind": "basic",
            "groups": [
                {
                    "title": "2.2.1 气象",
                    "knowledge_points": [
                        {"id": "2.2.1(1)", "text": "风级。"},
                        {"id": "2.2.1(2)", "text": "能见度。"},
                    ],
                },
                {"title": "2.2.2 潮汐", "knowledge_points": [{"id": "2.2.2", "text": "潮汐"}]},
            ],
        },
        {
            "area": "信号联络",
            "kind": "function",
            "groups": [
                {
                    "title": "L3/1.1 旗语",
                    "knowledge_points": [
                        {"id": "L3/1.1.1", "text": "旗语规则"},
                        {"id": "L3/1.1.2", "text": "无线电规则"},
                    ],
                }
            ],
        },
    ]
    assert [clause["number"] for clause in level["eligibility"]] == ["(1)"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("/api/v1/standards/0-00", "standard_not_loaded"),
        (f"{REAL}?edition=2019", "standard_not_loaded"),
        (f"{REAL}/levels/2", "unknown_level"),
    ],
)
async def test_what_is_not_there_is_404(http: httpx.AsyncClient, login: Login, url: str, code: str) -> None:
    problem = await get(http, login, url, 404)
    assert problem["code"] == code
    assert problem.get("clause") == ("1.4" if code == "unknown_level" else None)


async def test_eligibility_names_the_clause_that_admits(http: httpx.AsyncClient, login: Login) -> None:
    facts = {"as_of": "2027-03-01", "trainings": [{"level": 5, "hours": 160, "passed": True}]}
    answer = await http.post(f"{REAL}/levels/5/eligibility", json=facts, headers=await login("officer"))
    found = answer.json()
    assert answer.status_code == 200
    assert found["admitted_by"] is not None
    assert {clause["number"]: clause["lacks"] for clause in found["clauses"]}[found["admitted_by"]] == []


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "须"), ("en", "is needed")])
async def test_eligibility_tells_what_every_clause_lacks(
    http: httpx.AsyncClient, login: Login, language: str, word: str
) -> None:
    headers = await login("officer") | {"Accept-Language": language}
    answer = await http.post(f"{REAL}/levels/3/eligibility", json={"as_of": "2027-03-01"}, headers=headers)
    found = answer.json()
    level = await get(http, login, f"{REAL}/levels/3")
    assert found["admitted_by"] is None
    assert [clause["number"] for clause in found["clauses"]] == [clause["number"] for clause in level["eligibility"]]
    assert all(word in " ".join(clause["lacks"]) for clause in found["clauses"])
    assert level["name"] in found["explanation"]


async def test_facts_that_are_not_known_are_refused(http: httpx.AsyncClient, login: Login) -> None:
    facts = {"as_of": "2027-03-01", "height": 180}
    answer = await http.post(f"{REAL}/levels/5/eligibility", json=facts, headers=await login("officer"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == "height"
