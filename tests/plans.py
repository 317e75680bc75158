"""Sittings planned over HTTP by an officer, and what is said when they are refused."""

from typing import Any

import httpx

from app.core.context import Context
from tests.builders import STANDARD, Draft, plan_sitting
from tests.conftest import Login
from tests.rosters import add, line


async def assemble(officer: httpx.AsyncClient, **changes: Any) -> list[str]:
    request = {"standard_code": STANDARD, "level": 5, "seed": 1} | changes
    return [paper["id"] for paper in (await officer.post("/api/v1/papers/assemble", json=request)).json()["papers"]]


async def with_proctors(officer: httpx.AsyncClient, login: Login, sitting: Draft, room: str, count: int) -> None:
    names = [f"{room[:2].encode().hex()}-{number}" for number in range(count)]
    for name in names:
        await login("proctor", name)
    answer = await officer.put(f"{sitting.path}/rooms/{sitting.rooms[room]}/proctors", json={"proctors": names})
    assert answer.status_code == 200, answer.text


async def planned(
    officer: httpx.AsyncClient, login: Login, context: Context, *, candidates: int = 2, forms: int = 1
) -> Draft:
    """A sitting that may become ready: one room, everybody seated from seat 1 on."""
    sitting = await plan_sitting(context, {"第一考场": 12})
    await with_proctors(officer, login, sitting, "第一考场", 2)
    await add(officer, sitting, *(line(n, room="第一考场", seat_number=n) for n in range(1, candidates + 1)))
    answer = await officer.patch(sitting.path, json={"paper_ids": await assemble(officer, forms=forms)})
    assert answer.status_code == 200, answer.text
    return sitting


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def errors(answer: httpx.Response) -> list[tuple[str, str, str | None]]:
    return [(error["place"], error["code"], error.get("clause")) for error in answer.json()["errors"]]
