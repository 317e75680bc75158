"""Two proctors seal a closed room: the same record, by its digest, and the head of the audit chain."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
from pypdf import PdfReader

from app.core.canonical import digest
from app.core.context import Context
from tests.conftest import FixedClock, Login
from tests.halls import Hall
from tests.proctors import code_of
from tests.room_days import INCIDENT, closed_room, post, read_record, room_path
from tests.rows import rows_of, sql


async def seal(http: httpx.AsyncClient, hall: Hall, proctor: int, named: str | None = None) -> tuple[str, int, int]:
    """The room's state, and how many of how many confirmations there are."""
    headers = hall.headers(hall.proctors[proctor])
    answer = await post(http, f"{room_path(hall)}/seal", headers, None if named is None else {"record_digest": named})
    return answer["state"], answer["seals"]["confirmed"], answer["seals"]["needed"]


async def refusal(http: httpx.AsyncClient, hall: Hall, proctor: int, named: str | None = None) -> str:
    headers = hall.headers(hall.proctors[proctor])
    body = None if named is None else {"record_digest": named}
    return await code_of(http, headers, f"{room_path(hall)}/seal", body)


async def test_two_proctors_confirm_the_record_and_the_audit_head(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    read = await read_record(http, hall)
    named = read["record_digest"]
    assert await seal(http, hall, 0, named) == ("closed", 1, 2)
    before_second = await read_record(http, hall)
    assert await seal(http, hall, 1, named) == ("sealed", 2, 2)

    sealed = await read_record(http, hall)
    assert (sealed["state"], sealed["record_digest"]) == ("sealed", named), "sealing is no part of what it seals"
    first, second = sealed["seals"]
    assert [one["record_digest"] for one in (first, second)] == [named] * 2
    assert all(one["valid"] for one in (first, second))
    assert (first["audit_sequence"], first["audit_hash"]) == tuple(read["audit_head"].values())
    assert (second["audit_sequence"], second["audit_hash"]) == tuple(before_second["audit_head"].values())
    told = await sql(
        context, "SELECT action, details ->> 'record_digest' FROM audit_event WHERE action LIKE 'room.%e%l'"
    )
    assert told == [("room.seal", named)]
    assert await refusal(http, hall, 2, named) == "invalid_transition"


async def test_the_same_person_counts_once_and_repeats_without_a_trace(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    assert await seal(http, hall, 0) == ("closed", 1, 2)
    before = await rows_of(context)
    assert await seal(http, hall, 0) == ("closed", 1, 2)
    assert await rows_of(context) == before


async def test_a_record_that_is_not_the_present_one_cannot_be_confirmed(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    before = await rows_of(context)
    assert await refusal(http, hall, 0, "0" * 64) == "record_changed"
    assert await refusal(http, hall, 0, "no digest") == "invalid_request"
    assert await rows_of(context) == before


async def test_a_confirmation_is_void_once_the_record_has_changed(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    """The second must have read what is new; the first must confirm again."""
    hall = await closed_room(http, context, clock)
    old = (await read_record(http, hall))["record_digest"]
    assert await seal(http, hall, 0, old) == ("closed", 1, 2)
    await post(http, f"{room_path(hall)}/incidents", hall.proctor, INCIDENT)

    changed = await read_record(http, hall)
    assert [one["valid"] for one in changed["seals"]] == [False]
    before = await rows_of(context)
    assert await refusal(http, hall, 1, old) == "record_changed"
    assert await refusal(http, hall, 1) == "record_changed", "not blindly either"
    assert await refusal(http, hall, 0) == "record_changed"
    assert await rows_of(context) == before

    new = changed["record_digest"]
    assert await seal(http, hall, 1, new) == ("closed", 1, 2)
    assert await seal(http, hall, 0, new) == ("sealed", 2, 2)


async def test_a_third_may_stand_in_for_who_confirmed_an_older_record(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    assert await seal(http, hall, 0) == ("closed", 1, 2)
    await post(http, f"{room_path(hall)}/incidents", hall.proctor, INCIDENT)
    new = (await read_record(http, hall))["record_digest"]
    assert await seal(http, hall, 1, new) == ("closed", 1, 2)
    assert await seal(http, hall, 2, new) == ("sealed", 2, 2)
    assert [one["valid"] for one in (await read_record(http, hall))["seals"]].count(False) == 1


async def sealed_room(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> tuple[Hall, Any]:
    """A sealed room, and its record as it is read then."""
    hall = await closed_room(http, context, clock)
    assert await seal(http, hall, 0) == ("closed", 1, 2)
    assert await seal(http, hall, 1) == ("sealed", 2, 2)
    read = await read_record(http, hall)
    assert (read["amended"], read["present_digest"]) == (False, read["record_digest"])
    return hall, read


async def void_first(http: httpx.AsyncClient, hall: Hall) -> None:
    path = f"/api/v1/results/{hall.seated[0].attempt_id}/void"
    await post(http, path, hall.headers(hall.officer), {"file_number": "考〔2027〕1号"})


async def rename(http: httpx.AsyncClient, admin: dict[str, str], hall: Hall) -> None:
    path = f"/api/v1/staff/{hall.proctors[0].id}"
    assert (await http.patch(path, headers=admin, json={"name": "改名"})).is_success


async def text_printed(http: httpx.AsyncClient, hall: Hall) -> str:
    answer = await http.get(f"{room_path(hall)}/record.pdf", headers=hall.proctor)
    pages = PdfReader(BytesIO(answer.content)).pages
    return "".join("".join(page.extract_text() for page in pages).replace("\u200b", "").split())


async def test_what_was_sealed_stays_when_a_proctor_is_renamed_and_an_attempt_voided(
    http: httpx.AsyncClient, login: Login, context: Context, clock: FixedClock
) -> None:
    hall, sealed = await sealed_room(http, context, clock)
    assert "封存后情况有变" not in await text_printed(http, hall)
    await rename(http, await login("admin"), hall)
    renamed = await read_record(http, hall)
    await void_first(http, hall)
    voided = await read_record(http, hall)

    for read in (renamed, voided):
        assert read["record"] == sealed["record"]
        assert read["record_digest"] == sealed["record_digest"] == digest(read["record"])
        assert [one["valid"] for one in read["seals"]] == [True, True]
        assert read["amended"]
    assert len({read["present_digest"] for read in (sealed, renamed, voided)}) == 3
    text = await text_printed(http, hall)
    assert "封存后情况有变" in text
    assert voided["present_digest"] in text
    assert sealed["record_digest"] in text


async def test_until_it_is_sealed_a_record_follows_what_happens(
    http: httpx.AsyncClient, login: Login, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    await seal(http, hall, 0)
    await rename(http, await login("admin"), hall)
    read = await read_record(http, hall)
    assert "改名" in [one["name"] for one in read["record"]["staff"]]
    assert (read["amended"], read["present_digest"]) == (False, read["record_digest"])


async def test_a_kept_record_that_was_tampered_with_is_found(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall, sealed = await sealed_room(http, context, clock)
    await sql(context, "UPDATE sealed_record SET content = jsonb_set(content, '{attendance,0,seat_number}', '99')")
    read = await read_record(http, hall)
    assert [(one["record_digest"], one["valid"]) for one in read["seals"]] == [(sealed["record_digest"], False)] * 2
    assert read["record_digest"] == digest(read["record"]) != sealed["record_digest"]
    assert (read["amended"], read["present_digest"]) == (False, sealed["record_digest"]), "the tables are as they were"


async def test_of_a_room_sealed_before_records_were_kept_the_present_one_is_told(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall, sealed = await sealed_room(http, context, clock)
    await sql(context, "DELETE FROM sealed_record")
    await void_first(http, hall)
    read = await read_record(http, hall)
    assert read["record"]["rulings"][-1]["file_number"] == "考〔2027〕1号"
    assert [(one["record_digest"], one["valid"]) for one in read["seals"]] == [(sealed["record_digest"], False)] * 2
    assert (read["amended"], read["present_digest"]) == (True, read["record_digest"])


async def test_two_who_confirm_at_once_seal_the_room_once(
    http: httpx.AsyncClient, context: Context, clock: FixedClock
) -> None:
    hall = await closed_room(http, context, clock)
    answers = await asyncio.gather(*(seal(http, hall, proctor) for proctor in (0, 1)))
    assert sorted(answers) == [("closed", 1, 2), ("sealed", 2, 2)]
    assert len(await sql(context, "SELECT 1 FROM audit_event WHERE action = 'room.seal'")) == 1
