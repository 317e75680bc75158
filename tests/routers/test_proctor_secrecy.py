"""A proctor never sees an item, what was answered or a key: by the shapes of all routes, and in what they send."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.context import Context
from tests.halls import begin, open_hall
from tests.proctors import save
from tests.routers.test_streams import room_stream, until
from tests.serving import serving
from tests.test_openapi import OPERATIONS, SCHEMAS

PROCTORS = {name: operation for name, operation in OPERATIONS.items() if "/proctor/" in name}
SECRET = {"answer", "stem", "options", "letter", "key", "rationale", "score", "points", "paper", "paper_id", "layout"}


def names_in(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every name of a member that an answer of this schema may have."""
    if isinstance(schema, list):
        for part in schema:
            yield from names_in(part, seen)
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from names_in(SCHEMAS[name], seen | {name})
    yield from schema.get("properties", {})
    for name, part in schema.items():
        if name != "example" and name != "examples":
            yield from names_in(part, seen)


@pytest.mark.parametrize("name", PROCTORS)
def test_no_shape_for_proctors_has_a_member_for_a_secret(name: str) -> None:
    answers = [answer for status, answer in PROCTORS[name]["responses"].items() if status.startswith("2")]
    assert answers
    assert set(names_in(answers)) & SECRET == set()


def test_names_are_found_within_rows() -> None:
    found = set(names_in(PROCTORS["GET /api/v1/proctor/rooms/{room_id}/stream"]["responses"]["200"]))
    assert {"attempts", "allowed_actions", "refused"} <= found


async def test_neither_boards_nor_streams_hold_a_word_of_the_paper(context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    sent = []
    async with serving(context) as server:
        token = await begin(server.http, who)
        async with server.stream(room_stream(hall), hall.proctor) as reader:
            sent.append((await reader.next()).data)
            await save(server.http, token, 1, "B", 1)
            sent.append((await until(reader, who, answered=1)).data)
        for name in PROCTORS:
            if name.startswith("GET ") and not name.endswith(("/stream", ".pdf", "/{digest}")):
                path = name.removeprefix("GET ").format(room_id=hall.room_id, sitting_id=hall.sitting_id)
                answer = await server.http.get(path, headers=hall.chief)
                assert answer.status_code == 200, path
                sent.append(answer.json())
    text = json.dumps(sent, ensure_ascii=False)
    words = {word for item in hall.paper.items for word in (item.stem, *item.options)}
    assert len(words) > 1
    assert [word for word in words if word in text] == []
