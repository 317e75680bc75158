"""The report on a bank over HTTP."""

import httpx

from app.domain.bank_files import parse_bank
from tests.conftest import BANK_FILES, Login

REPORT = "/api/v1/banks/3-01-01-01/report"
ACTIVE = [item for path in BANK_FILES for item in parse_bank(path.read_text(encoding="utf-8")).items]


async def test_every_knowledge_point_is_counted(http: httpx.AsyncClient, login: Login) -> None:
    report = (await http.get(REPORT, headers=await login("author"))).json()
    assert sum(report["items_per_point"].values()) == sum(len(item.knowledge_points) for item in ACTIVE)
    assert report["findings"] == []


async def test_what_a_paper_of_each_level_needs_stands_beside_what_it_may_draw(
    http: httpx.AsyncClient, login: Login
) -> None:
    cells = (await http.get(REPORT, headers=await login("reviewer"))).json()["cells"]
    assert {level: sum(cell["needed"] for cell in cells if cell["level"] == level) for level in (5, 4, 3)} == {
        5: 90,
        4: 90,
        3: 90,
    }
    assert all(cell["available"] >= cell["needed_with_spare"] and cell["short"] == 0 for cell in cells)


async def test_near_duplicates_are_found_and_told_in_the_readers_language(
    http: httpx.AsyncClient, login: Login
) -> None:
    twin = ACTIVE[0].model_dump(mode="json") | {"code": "TWIN-1"}
    body = {"standard": "3-01-01-01", "edition": "2020", "items": [twin]}
    await http.post("/api/v1/items/import", params={"state": "active"}, json=body, headers=await login("officer"))
    for language, word in (("zh-CN", "相似"), ("en", "like item")):
        headers = await login("officer") | {"Accept-Language": language}
        [finding] = (await http.get(REPORT, headers=headers)).json()["findings"]
        assert finding["code"] == "bank_near_duplicate"
        assert {finding["place"], "TWIN-1"} == {ACTIVE[0].code, "TWIN-1"}
        assert word in finding["detail"]
        assert "TWIN-1" in finding["detail"]


async def test_an_unknown_standard_has_no_report(http: httpx.AsyncClient, login: Login) -> None:
    answer = await http.get("/api/v1/banks/0-00/report", headers=await login("author"))
    assert (answer.status_code, answer.json()["code"]) == (404, "standard_not_loaded")
