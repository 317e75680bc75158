"""The pages for people are served with their assets, and nothing from elsewhere may run in them."""

import re

import httpx
import pytest

from app.routers import pages

DOCUMENTS = ("/", "/staff", "/staff/", "/staff/rooms/7")


@pytest.mark.parametrize("address", DOCUMENTS)
async def test_a_document_allows_only_scripts_of_its_own_origin(http: httpx.AsyncClient, address: str) -> None:
    page = await http.get(address)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["font-src"] == "'self'"
    assert "http" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("address", DOCUMENTS)
async def test_a_document_has_no_script_in_itself_and_names_only_assets_that_exist(
    http: httpx.AsyncClient, address: str
) -> None:
    text = (await http.get(address)).text
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == [""]
    named = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert named
    for name in named:
        asset = await http.get(name, headers={"Accept-Encoding": "gzip"})
        assert asset.status_code == 200, name
        assert "max-age=31536000" in asset.headers["cache-control"]
        assert asset.headers.get("content-encoding") == "gzip" or len(asset.content) < 1000


async def test_the_worker_that_keeps_the_candidates_page_may_serve_all_of_the_origin(http: httpx.AsyncClient) -> None:
    worker = await http.get("/sw.js")
    assert worker.status_code == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    assert "worker-src 'self'" in worker.headers["content-security-policy"]
    assert not re.search(r"\b(import|export)\b", worker.text)


async def test_unknown_assets_are_not_found(http: httpx.AsyncClient) -> None:
    assert (await http.get("/assets/none.js")).status_code == 404


async def test_an_installation_without_pages_says_how_to_build_them(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(pages, "PAGES", tmp_path)
    answer = await http.get("/")
    assert answer.status_code == 503
    assert answer.json()["code"] == "pages_missing"
    assert "make pages" in answer.json()["detail"]
