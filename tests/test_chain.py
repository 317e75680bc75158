"""The whole chain over HTTP, for two standards: bank, papers, sitting, exam, results.

What differs between them (areas, weights, marks, minutes, proctors) comes from their data, so one run fits both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.core.context import Context
from app.services.sweeper import sweep
from tests.builders import STANDARD, identity
from tests.conftest import FixedClock, Login
from tests.halls import changes

API = "/api/v1"
MADE_UP = "9-99-99-99"
HALVES = [
    {"type": "single", "count": 30, "points": 1},
    {"type": "multiple", "count": 5, "points": 2},
    {"type": "true_false", "count": 20, "points": "0.5"},
]
WHOLE = [
    {"type": "single", "count": 60, "points": 1},
    {"type": "multiple", "count": 10, "points": 2},
    {"type": "true_false", "count": 20, "points": 1},
]
OF_EACH_TYPE = {"single": 40, "multiple": 10, "true_false": 30}
"""Items of a level in an area, spread over its knowledge points."""
MADE_UP_WEIGHTS = {
    5: {"职业操守": "5", "海事基础": "20", "照管灯具": "25"},
    4: {"职业操守": "5", "海事基础": "20", "照管灯具": "25"},
    3: {"信号联络": "27.5", "职业操守": "5", "海事基础": "17.5"},
    2: {"职业操守": "5", "海事基础": "10", "照管灯具": "35"},
    1: {"职业操守": "5", "照管灯具": "45"},
}


@dataclass(frozen=True)
class Rules:
    """A level as its standard rules it; points and marks as decimals, `proctors` for a room of three candidates."""

    standard: str
    level: int
    composition: list[dict[str, Any]]
    minutes: int
    proctors: int
    total: str
    pass_mark: str
    below: str


RULES = [
    Rules(STANDARD, 5, WHOLE, minutes=60, proctors=2, total="100", pass_mark="60", below="59"),
    Rules(MADE_UP, 3, HALVES, minutes=90, proctors=3, total="50", pass_mark="35", below="34.5"),
    Rules(MADE_UP, 4, HALVES, minutes=45, proctors=3, total="50", pass_mark="35", below="34.5"),
]


@dataclass(frozen=True)
class Office:
    """Calls by one person; `send` answers what was answered, when it was done."""

    http: httpx.AsyncClient
    headers: dict[str, str]

    async def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.http.request(method, API + path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        return await self.send("GET", path)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return await self.send("POST", path, body, status)


async def import_bank(officer: Office) -> None:
    """A bank of the made-up standard, made from its own knowledge points and active at once."""
    points: dict[tuple[str, int | None], list[str]] = {}
    for level in MADE_UP_WEIGHTS:
        for area in (await officer.get(f"/standards/{MADE_UP}/levels/{level}"))["content"]:
            cell = area["area"], level if area["kind"] == "function" else None
            points[cell] = [point["id"] for group in area["groups"] for point in group["knowledge_points"]]
    items = [
        item(f"{number}-{type_}-{index}", type_, level, ids[index % len(ids)], index)
        for number, ((_, level), ids) in enumerate(points.items())
        for type_, count in OF_EACH_TYPE.items()
        for index in range(count)
    ]
    body = {"standard": MADE_UP, "edition": "2026", "items": items}
    loaded = await officer.post("/items/import?state=active", body)
    assert loaded == {"created": len(items), "changed": 0, "unchanged": 0}


def item(code: str, type_: str, level: int | None, point: str, index: int) -> dict[str, Any]:
    keys = {"single": "ABCD"[index % 4], "multiple": ("AB", "ACD", "BD")[index % 3], "true_false": "TF"[index % 2]}
    options = [] if type_ == "true_false" else [f"{code} 选项{number}" for number in range(4)]
    return {
        "code": code,
        "type": type_,
        "level": level,
        "knowledge_points": [point],
        "stem": f"题干 {code}",
        "options": options,
        "key": keys[type_],
        "difficulty": 0.5 + index % 5 / 10,
        "rationale": "解析",
        "reference": "标准",
    }


async def assemble(officer: Office, rules: Rules) -> dict[str, Any]:
    body = {"standard_code": rules.standard, "level": rules.level, "composition": rules.composition, "seed": 1}
    (paper,) = (await officer.post("/papers/assemble", body, 201))["papers"]
    return dict(paper)


async def answers_worth(
    points: Decimal, candidate: Office, keyed: Mapping[tuple[str, frozenset[str]], tuple[str, frozenset[str]]]
) -> dict[int, str]:
    """Right answers, in the letters that this candidate sees, worth exactly so many points."""
    answers, gained = {}, Decimal(0)
    for seen in (await candidate.get("/exam/paper"))["items"]:
        worth = Decimal(seen["points"])
        if gained + worth > points:
            continue
        key, right = keyed[seen["stem"], frozenset(option["text"] for option in seen["options"])]
        letters = "".join(option["letter"] for option in seen["options"] if option["text"] in right)
        answers[seen["number"]] = letters or key
        gained += worth
    assert gained == points
    return answers


async def keys_of(chief: Office, paper_id: str) -> dict[tuple[str, frozenset[str]], tuple[str, frozenset[str]]]:
    """Stem and texts of the options -> key and texts of the right options."""
    keyed = {}
    for one in (await chief.get(f"/papers/{paper_id}/keys"))["items"]:
        texts = {option["letter"]: option["text"] for option in one["options"]}
        right = frozenset(text for letter, text in texts.items() if letter in one["key"])
        keyed[one["stem"], frozenset(texts.values())] = (one["key"], right)
    return keyed


async def test_papers_of_every_level_of_any_standard_meet_its_weights(http: httpx.AsyncClient, login: Login) -> None:
    officer = Office(http, await login("officer"))
    await import_bank(officer)
    for level, weights in MADE_UP_WEIGHTS.items():
        paper = await assemble(officer, Rules(MADE_UP, level, HALVES, 0, 0, "50", "35", ""))
        assert {row["area"]: Decimal(row["points"]) for row in paper["blueprint"]} == {
            area: Decimal(weight) for area, weight in weights.items()
        }
        items = (await officer.get(f"/papers/{paper['id']}"))["items"]
        assert sum(Decimal(one["points"]) for one in items) == 50
        assert len(items) == 55
    refused = await officer.post(
        "/papers/assemble", {"standard_code": MADE_UP, "level": 5, "composition": WHOLE}, status=422
    )
    assert refused["code"] == "composition_total", "a hundred points are the other standard's"


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: f"{rules.standard}-{rules.level}")
async def test_an_exam_is_sat_by_the_rules_of_its_standard(
    http: httpx.AsyncClient, context: Context, login: Login, clock: FixedClock, rules: Rules
) -> None:
    """Three candidates: one reaches the pass mark exactly, one stays just below it, one never comes."""
    officer, chief = Office(http, await login("officer")), Office(http, await login("chief"))
    usernames = [f"jk{number}" for number in range(rules.proctors)]
    proctors = [Office(http, await login("proctor", name)) for name in usernames]
    if rules.standard == MADE_UP:
        await import_bank(officer)
    paper = await assemble(officer, rules)
    keyed = await keys_of(chief, paper["id"])

    plan = {
        "standard_code": rules.standard,
        "level": rules.level,
        "name": "理论考试",
        "starts_at": (clock.host_now() + timedelta(hours=1)).isoformat(),
        "duration_minutes": rules.minutes - 1,
        "paper_ids": [paper["id"]],
    }
    refused = await officer.post("/sittings", plan, status=422)
    assert (refused["code"], refused["clause"]) == ("sitting_refused", "1.9.4")
    sitting = await officer.post("/sittings", plan | {"duration_minutes": rules.minutes}, status=201)
    path = f"/sittings/{sitting['id']}"
    room = {"name": "第一考场", "seats": 6, "proctors": usernames[:-1]}
    room_id = (await officer.post(f"{path}/rooms", room, status=201))["id"]
    roster = [{"name": f"考生{n}", "id_number": identity(n)} for n in range(3)]
    entries = (await officer.post(f"{path}/entries", {"entries": roster}, status=201))["items"]
    await officer.post(f"{path}/seating", {"method": "automatic"})
    refused = await officer.post(f"{path}/ready", status=409)
    assert (refused["code"], refused["clause"]) == ("sitting_not_ready", "1.9.3")
    staffed = await officer.send("PUT", f"{path}/rooms/{room_id}/proctors", {"proctors": usernames})
    assert staffed["proctors_needed"] == rules.proctors
    for command in ("ready", "go-live"):
        await officer.post(f"{path}/{command}")

    for command in ("check-in", "start"):
        await proctors[0].post(f"/proctor/rooms/{room_id}/{command}")
    snapshot = await proctors[0].get(f"/proctor/rooms/{room_id}")
    attempts = {row["ticket_number"]: row["id"] for row in snapshot["attempts"]}
    clock.advance(timedelta(hours=1))
    candidates = []
    for number, points in enumerate((rules.pass_mark, rules.below)):
        ticket = entries[number]["ticket_number"]
        await proctors[0].post(f"/proctor/attempts/{attempts[ticket]}/check-in")
        identified = {"ticket_number": ticket, "id_number": identity(number), "device_id": f"pc-{number}"}
        token = (await Office(http, {}).post("/exam/login", identified))["access_token"]
        candidate = Office(http, {"Authorization": f"Bearer {token}"})
        exam = await candidate.post("/exam/start")
        assert exam["seconds_left"] == rules.minutes * 60
        answers = await answers_worth(Decimal(points), candidate, keyed)
        saved = await candidate.send("PUT", "/exam/responses", changes(answers))
        assert {one["outcome"] for one in saved["responses"]} == {"saved"}
        candidates.append(candidate)
    clock.advance(timedelta(minutes=30))
    for candidate in candidates:
        assert (await candidate.post("/exam/submit", {"last_sequence": 1}))["payload"]["submitted_by"] == "candidate"
    await sweep(context)

    await proctors[0].post(f"/proctor/rooms/{room_id}/close")
    for proctor in proctors[:2]:
        await proctor.post(f"/proctor/rooms/{room_id}/seal")
    for command in ("close", "publish"):
        await officer.post(f"{path}/{command}")
    results = (await officer.get(f"{path}/results"))["items"]
    assert [(row["attempt_state"], row["state"], row["passed"]) for row in results] == [
        ("submitted", "published", True),
        ("submitted", "published", False),
        ("absent", "pending", None),
    ]
    for row, candidate, points in zip(results, candidates, (rules.pass_mark, rules.below), strict=False):
        marks = {name: Decimal(row[name]) for name in ("total", "maximum", "pass_mark")}
        assert marks == {
            "total": Decimal(points),
            "maximum": Decimal(rules.total),
            "pass_mark": Decimal(rules.pass_mark),
        }
        seen = await candidate.get("/exam/result")
        assert (Decimal(seen["total"]), seen["passed"]) == (Decimal(points), row["passed"])
        areas = {area["area"]: Decimal(area["weight"]) for area in seen["areas"]}
        assert areas == {area["area"]: Decimal(area["weight"]) for area in paper["blueprint"]}
