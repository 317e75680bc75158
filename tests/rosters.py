"""Rosters over HTTP: lines, what adding them answers, and what is said of faulty ones."""

from typing import Any

import httpx

from tests.builders import Draft, identity


def line(sequence: int, **fields: Any) -> dict[str, Any]:
    return {"name": f"考生{sequence}", "id_number": identity(sequence)} | fields


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "roster_refused"
    return [(error["place"], error["code"]) for error in answer.json()["errors"]]


async def add(officer: httpx.AsyncClient, sitting: Draft, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await officer.post(f"{sitting.path}/entries", json={"entries": lines})
    assert answer.status_code == 201, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
