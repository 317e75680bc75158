"""Raised hands over HTTP: one at a time, up until a proctor confirms or the candidate takes it down."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from app.core.context import Context
from app.domain.messages import HANDS
from app.domain.states import RoomState
from app.models.audit import AuditEvent
from app.models.sitting import Room
from tests.conftest import FixedClock
from tests.halls import Hall, begin, log_in, open_hall
from tests.mail import HAND, eventually, listed, received, states
from tests.proctors import NOW, STOPS, give, lead

QUESTION = {"reason": "question", "note": "第 3 题图片看不清"}


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=2)


async def raise_hand(http: httpx.AsyncClient, token: dict[str, str], body: Any = QUESTION) -> dict[str, Any]:
    answer = await http.post(HAND, headers=token, json=body)
    assert answer.status_code == 200, answer.text
    hand: dict[str, Any] = answer.json()
    return hand


async def come(http: httpx.AsyncClient, headers: dict[str, str], hand: str) -> httpx.Response:
    return await http.post(f"/api/v1/proctor/hands/{hand}/confirm", headers=headers)


async def test_a_hand_is_up_until_a_proctor_confirms_and_the_candidate_is_told(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    token = await begin(http, hall.seated[0])
    hand = await raise_hand(http, token)
    assert hand == {"id": hand["id"], "state": "pending", "raised_at": NOW, **QUESTION}
    [shown] = await listed(http, hall, open="true")
    assert (shown["kind"], shown["code"], shown["body"]) == ("hand", QUESTION["reason"], QUESTION["note"])
    await eventually(lambda: states(http, hall), lambda known: known == {hand["id"]: "delivered"})
    answer = await come(http, hall.proctor, hand["id"])
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    [message] = await received(http, token)
    assert (message["kind"], message["code"], message["details"]) == (
        "command",
        "hand_confirmed",
        {"hand_id": hand["id"]},
    )


async def test_a_hand_is_delivered_when_a_board_of_the_room_has_shown_it(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await log_in(http, hall.seated[0])
    await raise_hand(http, token)

    async def on_the_board() -> dict[str, Any]:
        board = await http.get(f"/api/v1/proctor/rooms/{hall.room_id}", headers=hall.proctor)
        hand: dict[str, Any] = board.json()["attempts"][0]["hand"]
        return hand

    assert (await on_the_board())["state"] == "pending"
    shown = await eventually(on_the_board, lambda hand: bool(hand["state"] == "delivered"))
    assert (shown["reason"], shown["note"]) == (QUESTION["reason"], QUESTION["note"])
    assert (await raise_hand(http, token))["state"] == "delivered"


async def test_a_second_hand_is_the_one_that_is_up(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await log_in(http, hall.seated[0])
    hand = await raise_hand(http, token)
    bodies = [{"reason": "unwell"}, QUESTION]
    again = await asyncio.gather(*(raise_hand(http, token, body) for body in bodies))
    assert {one["id"] for one in again} == {hand["id"]}
    assert {one["reason"] for one in again} == {"question"}


async def test_hands_raised_at_once_are_one(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await log_in(http, hall.seated[0])
    raised = await asyncio.gather(*(raise_hand(http, token) for _ in range(8)))
    assert len({hand["id"] for hand in raised}) == 1
    assert len(await listed(http, hall)) == 1


async def test_a_hand_taken_down_cannot_be_confirmed_and_a_new_one_may_be_raised(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    token = await log_in(http, hall.seated[0])
    hand = await raise_hand(http, token)
    for _ in range(2):
        assert (await http.delete(HAND, headers=token)).status_code == 204
    answer = await come(http, hall.proctor, hand["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert (await raise_hand(http, token))["id"] != hand["id"]


async def test_confirming_again_also_by_another_proctor_changes_nothing(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    token = await log_in(http, hall.seated[0])
    hand = await raise_hand(http, token)
    answers = await asyncio.gather(*(come(http, hall.headers(actor), hand["id"]) for actor in hall.proctors))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(await _audited(context, hall)) == ["hand.confirm", "hand.raise"]
    assert len([one for one in await listed(http, hall) if one["code"] == "hand_confirmed"]) == 1


async def test_a_hand_may_be_raised_while_waiting_interrupted_or_handed_in(http: httpx.AsyncClient, hall: Hall) -> None:
    waiting, writing = hall.seated
    await raise_hand(http, await log_in(http, waiting))
    token = await begin(http, writing)
    await give(http, hall.proctor, writing, "interrupt", STOPS)
    await raise_hand(http, token)
    await give(http, hall.proctor, writing, "resume")
    await http.delete(HAND, headers=token)
    await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    await raise_hand(http, token)


async def test_a_hand_stays_up_while_the_candidate_changes_the_device(http: httpx.AsyncClient, hall: Hall) -> None:
    first, _ = hall.seated
    old = await begin(http, first)
    hand = await raise_hand(http, old)
    await give(http, hall.proctor, first, "release", STOPS)
    refused = [await http.post(HAND, headers=old, json=QUESTION), await http.delete(HAND, headers=old)]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "lease_moved")] * 2
    assert (await raise_hand(http, await log_in(http, first, "pc-2")))["id"] == hand["id"]


async def test_a_candidate_cannot_flood_the_proctors_with_hands(
    http: httpx.AsyncClient, hall: Hall, clock: FixedClock
) -> None:
    token = await log_in(http, hall.seated[0])
    for _ in range(HANDS):
        await raise_hand(http, token)
        await http.delete(HAND, headers=token)
    refused = await http.post(HAND, headers=token, json=QUESTION)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_hands")
    clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    await raise_hand(http, token)


async def test_no_hand_is_raised_where_no_proctor_is(http: httpx.AsyncClient, hall: Hall) -> None:
    tokens = [await begin(http, one) for one in hall.seated]
    for token in tokens:
        await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    assert await lead(http, hall, "close") == "closed"
    answer = await http.post(HAND, headers=tokens[0], json=QUESTION)
    assert (answer.status_code, answer.json()["code"]) == (409, "room_not_open")


async def test_a_hand_left_up_in_a_sealed_room_stays_as_it_was_recorded(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    token = await log_in(http, hall.seated[0])
    hand = await raise_hand(http, token)
    async with context.database.transaction() as session:
        (await session.get_one(Room, (hall.sitting_id, hall.room_id))).state = RoomState.sealed
    for answer in (await come(http, hall.proctor, hand["id"]), await http.delete(HAND, headers=token)):
        assert (answer.status_code, answer.json()["code"]) == (409, "room_not_open")


async def test_staff_of_another_room_do_not_confirm_it(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    stranger = (await open_hall(context)).proctor
    hand = await raise_hand(http, await log_in(http, hall.seated[0]))
    answer = await come(http, stranger, hand["id"])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_hand_has_a_reason_and_a_short_note(http: httpx.AsyncClient, hall: Hall) -> None:
    token = await log_in(http, hall.seated[0])
    wrong: list[dict[str, str]] = [
        {},
        {"reason": "bored"},
        {"reason": "other", "note": "字" * 201},
        {"reason": "other", "note": "两\n行"},
    ]
    for body in wrong:
        answer = await http.post(HAND, headers=token, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body


async def test_the_audit_log_has_no_words_of_the_candidate(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    await raise_hand(http, await log_in(http, hall.seated[0]))
    async with context.database.transaction() as session:
        [event] = (await session.execute(select(AuditEvent).where(AuditEvent.action == "hand.raise"))).scalars()
    assert event.details.keys() == {"reason", "digest"}
    assert (event.actor_kind, event.actor_id) == ("candidate", hall.seated[0].attempt_id)


async def _audited(context: Context, hall: Hall) -> list[str]:
    async with context.database.transaction() as session:
        query = select(AuditEvent.action).where(
            AuditEvent.sitting_id == hall.sitting_id, col(AuditEvent.action).startswith("hand.")
        )
        return list((await session.execute(query)).scalars())
