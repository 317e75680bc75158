"""A message's life over HTTP: sent, delivered, confirmed or withdrawn, and by whom."""

from hashlib import sha256
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import col, select

from app.core.context import Context
from app.core.ids import new_id
from app.domain.states import RoomState
from app.models.audit import AuditEvent
from app.models.message import Message
from app.models.sitting import Room
from tests.halls import Hall, begin, log_in, open_hall
from tests.mail import confirm, eventually, heartbeat, listed, received, room_messages, say, states
from tests.proctors import CONFIRMED, MISCONDUCT, NOW, STOPS, give

WORDS = "距考试结束还有 15 分钟。"


@pytest.fixture
async def hall(context: Context) -> Hall:
    return await open_hall(context, candidates=3)


async def test_a_message_is_pending_until_an_answer_has_carried_it_and_open_until_it_is_confirmed(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    first, *_ = hall.seated
    [sent] = await say(http, hall, WORDS, first)
    assert await states(http, hall) == {sent["id"]: "pending"}
    token = await log_in(http, first)
    [message] = await received(http, token)
    assert message == {
        "id": sent["id"],
        "kind": "notice",
        "code": None,
        "body": WORDS,
        "details": {},
        "sent_at": NOW,
    }
    await eventually(lambda: states(http, hall), lambda known: known == {sent["id"]: "delivered"})
    assert (await heartbeat(http, token))[0]["id"] == sent["id"]
    answer = await confirm(http, token, sent["id"])
    assert answer.json() == {
        "messages": [{"id": sent["id"], "attempt_id": str(first.attempt_id), "state": "confirmed"}]
    }
    [shown] = await listed(http, hall)
    assert (shown["state"], shown["body"], shown["delivered_at"], shown["confirmed_at"]) == (
        "confirmed",
        WORDS,
        NOW,
        NOW,
    )
    assert (shown["sent_by"], shown["confirmed_by"]) == (str(hall.proctors[0].id), None)
    await received(http, token, count=0)


async def test_a_save_carries_the_messages_without_a_statement_of_its_own(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    first, *_ = hall.seated
    token = await begin(http, first)
    [sent] = await say(http, hall, WORDS, first)
    change = {"number": 1, "answer": "B", "client_time": NOW}

    async def save(sequence: int) -> list[dict[str, Any]]:
        body = {"responses": [change | {"sequence": sequence}]}
        answer = await http.put("/api/v1/exam/responses", headers=token, json=body)
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    sequences = iter(range(1, 1000))
    messages = await eventually(lambda: save(next(sequences)), bool)
    assert [message["id"] for message in messages] == [sent["id"]]


async def test_a_message_to_the_room_reaches_everybody_who_is_there(http: httpx.AsyncClient, hall: Hall) -> None:
    sent = await say(http, hall, WORDS)
    assert [one["attempt_id"] for one in sent] == sorted(str(one.attempt_id) for one in hall.seated)
    for one in hall.seated:
        [message] = await received(http, await log_in(http, one))
        assert message["id"] == next(to["id"] for to in sent if to["attempt_id"] == str(one.attempt_id))
    assert len({message["batch_id"] for message in await listed(http, hall)}) == 1


async def test_some_of_a_room_may_be_chosen_and_nobody_else_is_told(http: httpx.AsyncClient, hall: Hall) -> None:
    first, second, third = hall.seated
    chosen = [str(first.attempt_id), str(third.attempt_id)]
    body = {"body": WORDS, "attempts": chosen}
    answer = await http.post(room_messages(hall), headers=hall.proctor, json=body)
    assert {one["attempt_id"] for one in answer.json()["messages"]} == set(chosen)
    await received(http, await log_in(http, first))
    assert await heartbeat(http, await log_in(http, second)) == []


async def test_one_who_is_not_of_the_room_refuses_the_whole_message(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    other = await open_hall(context)
    body = {"body": WORDS, "attempts": [str(hall.seated[0].attempt_id), str(other.seated[0].attempt_id)]}
    answer = await http.post(room_messages(hall), headers=hall.proctor, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await listed(http, hall) == []


async def test_the_absent_and_the_terminated_are_not_meant_by_a_message_to_the_room(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    first, *others = hall.seated
    await begin(http, first)
    await give(http, hall.proctor, first, "terminate", MISCONDUCT)
    await give(http, hall.chief, first, "terminate", CONFIRMED)
    sent = await say(http, hall, WORDS)
    assert {one["attempt_id"] for one in sent} == {str(one.attempt_id) for one in others}


async def test_a_command_that_touches_a_candidate_is_told_until_it_is_confirmed(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    first, *_ = hall.seated
    token = await begin(http, first)
    await give(http, hall.proctor, first, "interrupt", STOPS)
    await give(http, hall.proctor, first, "grants", {"extra_seconds": 300, "reason": "technical.device"})
    interrupt, grant = await received(http, token, count=2)
    assert (interrupt["kind"], interrupt["code"], interrupt["body"]) == ("command", "interrupt", "")
    assert (grant["code"], grant["details"]["seconds"]) == ("grant", 300)
    answer = await confirm(http, token, interrupt["id"], grant["id"])
    assert [one["state"] for one in answer.json()["messages"]] == ["confirmed", "confirmed"]


async def test_messages_are_read_and_confirmed_after_the_paper_is_handed_in(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    first, *_ = hall.seated
    token = await begin(http, first)
    await http.post("/api/v1/exam/submit", headers=token, json={"last_sequence": 0})
    [sent] = await say(http, hall, "请安静离场。", first)
    await received(http, token)
    assert (await confirm(http, token, sent["id"])).status_code == 200


async def test_confirming_again_changes_nothing(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    first, *_ = hall.seated
    token = await log_in(http, first)
    [sent] = await say(http, hall, WORDS, first)
    once, again = await confirm(http, token, sent["id"]), await confirm(http, token, sent["id"])
    assert once.json() == again.json()
    assert [one.action for one in await _audited(context, hall)].count("message.confirm") == 1


async def test_nobody_confirms_the_message_of_another_nor_one_that_does_not_exist(
    http: httpx.AsyncClient, hall: Hall
) -> None:
    first, second, _ = hall.seated
    [[own], [foreign]] = [await say(http, hall, WORDS, one) for one in (first, second)]
    own_id, foreign_id = own["id"], foreign["id"]
    token = await log_in(http, first)
    for ids in ([foreign_id], [own_id, foreign_id], [own_id, str(new_id())]):
        answer = await confirm(http, token, *ids)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert set((await states(http, hall)).values()) <= {"pending", "delivered"}


async def test_an_old_lease_confirms_nothing(http: httpx.AsyncClient, hall: Hall) -> None:
    first, *_ = hall.seated
    token = await log_in(http, first)
    [sent] = await say(http, hall, WORDS, first)
    await give(http, hall.proctor, first, "release", STOPS)
    answer = await confirm(http, token, sent["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "lease_moved")


async def test_a_message_is_withdrawn_until_it_is_confirmed(http: httpx.AsyncClient, hall: Hall) -> None:
    first, second, _ = hall.seated
    tokens = [await log_in(http, one) for one in (first, second)]
    [taken], [kept] = await say(http, hall, "写错了", first), await say(http, hall, WORDS, second)
    await received(http, tokens[0])
    withdrawn = await _withdraw(http, hall, taken["id"])
    assert withdrawn.json()["messages"][0]["state"] == "withdrawn"
    await received(http, tokens[0], count=0)
    assert (await confirm(http, tokens[0], taken["id"])).json()["messages"][0]["state"] == "withdrawn"
    await confirm(http, tokens[1], kept["id"])
    refused = await _withdraw(http, hall, kept["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")


async def test_a_batch_is_withdrawn_from_all_who_have_not_confirmed(http: httpx.AsyncClient, hall: Hall) -> None:
    first, *_ = hall.seated
    sent = await say(http, hall, WORDS)
    read = next(one["id"] for one in sent if one["attempt_id"] == str(first.attempt_id))
    await confirm(http, await log_in(http, first), read)
    answer = await _withdraw(http, hall, sent[-1]["id"], whole_batch=True)
    assert {one["id"]: one["state"] for one in answer.json()["messages"]} == {
        one["id"]: "confirmed" if one["id"] == read else "withdrawn" for one in sent
    }
    assert await listed(http, hall, open="true") == []


async def test_what_was_done_to_a_candidate_cannot_be_untold(http: httpx.AsyncClient, hall: Hall) -> None:
    first, *_ = hall.seated
    await begin(http, first)
    await give(http, hall.proctor, first, "interrupt", STOPS)
    [command] = await listed(http, hall)
    answer = await _withdraw(http, hall, command["id"])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_only_staff_of_the_room_writes_reads_and_withdraws(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    stranger = (await open_hall(context)).proctor
    [sent] = await say(http, hall, WORDS, hall.seated[0])
    attempts = f"/api/v1/proctor/attempts/{hall.seated[0].attempt_id}/messages"
    refusals = [
        await http.post(room_messages(hall), headers=stranger, json={"body": WORDS}),
        await http.post(attempts, headers=stranger, json={"body": WORDS}),
        await http.get(room_messages(hall), headers=stranger),
        await http.post(f"/api/v1/proctor/messages/{sent['id']}/withdraw", headers=stranger),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refusals] == [(404, "not_found")] * 4
    assert list((await states(http, hall)).values()) == ["pending"]
    assert len((await http.get(room_messages(hall), headers=hall.chief)).json()["items"]) == 1


async def test_a_message_is_one_line_of_at_most_500_characters(http: httpx.AsyncClient, hall: Hall) -> None:
    wrong = ["", "   ", "字" * 501, "两\n行", "响\x07铃", "\x00", "\u202e反写", "\u2066隔离", "分\u2029段"]
    for body in wrong:
        answer = await http.post(room_messages(hall), headers=hall.proctor, json={"body": body})
        assert (answer.status_code, answer.json().get("code")) == (422, "invalid_request"), repr(body)
    assert await listed(http, hall) == []
    await say(http, hall, "字" * 500)


async def test_a_repeat_with_the_same_key_sends_nothing_more(http: httpx.AsyncClient, hall: Hall) -> None:
    headers = hall.proctor | {"Idempotency-Key": "say-it-once-1"}
    once, again = [await http.post(room_messages(hall), headers=headers, json={"body": WORDS}) for _ in range(2)]
    assert once.json() == again.json()
    assert len(await listed(http, hall)) == len(hall.seated)


async def test_the_list_is_paged_newest_first(http: httpx.AsyncClient, hall: Hall) -> None:
    for word in ("一", "二", "三"):
        await say(http, hall, word, hall.seated[0])
    answer = await http.get(room_messages(hall), headers=hall.proctor, params={"limit": 2})
    assert [one["body"] for one in answer.json()["items"]] == ["三", "二"]
    rest = await http.get(room_messages(hall), headers=hall.proctor, params={"cursor": answer.json()["next_cursor"]})
    assert [one["body"] for one in rest.json()["items"]] == ["一"]


async def test_an_answer_carries_the_oldest_20_and_the_next_ones_follow(http: httpx.AsyncClient, hall: Hall) -> None:
    first, *_ = hall.seated
    token = await log_in(http, first)
    for number in range(22):
        await say(http, hall, f"第 {number} 条", first)
    messages = await received(http, token, count=20)
    assert [one["body"] for one in messages] == [f"第 {number} 条" for number in range(20)]
    await confirm(http, token, *(one["id"] for one in messages))
    assert [one["body"] for one in await received(http, token, count=2)] == ["第 20 条", "第 21 条"]


async def test_nothing_is_written_into_a_sealed_room(http: httpx.AsyncClient, hall: Hall, context: Context) -> None:
    async with context.database.transaction() as session:
        room = await session.get_one(Room, (hall.sitting_id, hall.room_id))
        room.state = RoomState.sealed
    answer = await http.post(room_messages(hall), headers=hall.proctor, json={"body": WORDS})
    assert (answer.status_code, answer.json()["code"]) == (409, "room_not_open")


async def test_the_words_are_kept_with_the_message_and_the_audit_log_has_their_digest(
    http: httpx.AsyncClient, hall: Hall, context: Context
) -> None:
    sent = await say(http, hall, WORDS)
    await _withdraw(http, hall, sent[0]["id"])
    events = {one.action: one for one in await _audited(context, hall) if one.action.startswith("message.")}
    async with context.database.transaction() as session:
        kept = (
            (await session.execute(select(Message).where(col(Message.sitting_id) == hall.sitting_id))).scalars().all()
        )
    assert {message.body for message in kept} == {WORDS}
    assert events["message.send"].subject_id == kept[0].batch_id
    digest = sha256(WORDS.encode()).hexdigest()
    assert events["message.send"].details == {"room_id": str(hall.room_id), "recipients": 3, "digest": digest}
    assert events["message.withdraw"].actor_id == hall.proctors[0].id
    assert all(WORDS not in str(one.details) for one in events.values())


async def test_a_message_to_a_full_room_is_written_by_one_statement(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context, candidates=60)
    inserts = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO message"):
            inserts.append(statement)

    engine = context.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        sent = await say(http, hall, WORDS)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert (len(sent), len(inserts)) == (60, 1)


async def _withdraw(
    http: httpx.AsyncClient, hall: Hall, message_id: str, *, whole_batch: bool = False
) -> httpx.Response:
    path = f"/api/v1/proctor/messages/{message_id}/withdraw"
    return await http.post(path, headers=hall.proctor, json={"whole_batch": whole_batch})


async def _audited(context: Context, hall: Hall) -> list[AuditEvent]:
    async with context.database.transaction() as session:
        query = select(AuditEvent).where(AuditEvent.sitting_id == hall.sitting_id).order_by(col(AuditEvent.id))
        return list((await session.execute(query)).scalars())
