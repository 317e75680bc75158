"""What proctors and candidates say to each other in a hall, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from tests.halls import Hall, Seated

EVENTS = "/api/v1/exam/events"
CONFIRM = "/api/v1/exam/messages/confirm"
HAND = "/api/v1/exam/hand"
PATIENCE = 10.0
"""Seconds that a test waits for what the background brings."""

T = TypeVar("T")


async def eventually(read: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """The first reading for which it holds; asked for at growing intervals, so that nobody calls too often."""
    pause = 0.02
    async with asyncio.timeout(PATIENCE):
        while True:
            value = await read()
            if holds(value):
                return value
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1.0)


def room_messages(hall: Hall) -> str:
    return f"/api/v1/proctor/rooms/{hall.room_id}/messages"


async def say(http: httpx.AsyncClient, hall: Hall, body: str, to: Seated | None = None) -> list[dict[str, Any]]:
    """The messages sent, to one or to the whole room."""
    path = room_messages(hall) if to is None else f"/api/v1/proctor/attempts/{to.attempt_id}/messages"
    answer = await http.post(path, headers=hall.proctor, json={"body": body})
    assert answer.status_code == 200, answer.text
    sent: list[dict[str, Any]] = answer.json()["messages"]
    return sent


async def heartbeat(http: httpx.AsyncClient, token: dict[str, str]) -> list[dict[str, Any]]:
    """The messages that it carries."""
    answer = await http.post(EVENTS, headers=token, json={})
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


async def received(http: httpx.AsyncClient, token: dict[str, str], count: int = 1) -> list[dict[str, Any]]:
    """The messages of the first heartbeat that carries so many."""
    return await eventually(lambda: heartbeat(http, token), lambda messages: len(messages) == count)


async def confirm(http: httpx.AsyncClient, token: dict[str, str], *ids: str) -> httpx.Response:
    return await http.post(CONFIRM, headers=token, json={"ids": list(ids)})


async def listed(http: httpx.AsyncClient, hall: Hall, **query: str) -> list[dict[str, Any]]:
    answer = await http.get(room_messages(hall), headers=hall.proctor, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def states(http: httpx.AsyncClient, hall: Hall) -> dict[str, str]:
    """Message id -> state, as the room's staff sees it."""
    return {message["id"]: message["state"] for message in await listed(http, hall)}
