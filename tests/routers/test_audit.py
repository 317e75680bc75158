"""The audit log over HTTP: found by what it is about, in the order of its chain, and exported as one signed file."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.core.context import Context
from app.core.keyring import Keyring, verify_signature
from app.domain.audit_chain import OUTSIDE, Fault, Head, link_hash, signed_content
from app.services.sitting_record_check import check
from app.services.sweeper import sweep
from tests.conftest import FixedClock, Login
from tests.halls import Hall, begin, changes, open_hall, right_answers
from tests.rows import sql
from tests.statements import counted

API = "/api/v1"
Get = Callable[..., Awaitable[Any]]


@pytest.fixture
async def get(http: httpx.AsyncClient, login: Login) -> Get:
    """`await get(path, **query)` as an auditor."""
    auditor = await login("auditor")

    async def ask(path: str, **query: Any) -> Any:
        answer = await http.get(API + path, params=query, headers=auditor)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture
async def hall(http: httpx.AsyncClient, context: Context, clock: FixedClock) -> Hall:
    """Two candidates hand in, a grant in between; graded and signed."""
    hall = await open_hall(context)
    for who in hall.seated:
        token = await begin(http, who)
        await http.put(f"{API}/exam/responses", headers=token, json=changes(await right_answers(hall, who)))
        clock.advance(timedelta(minutes=1))
        grant = {"extra_seconds": 60, "reason": "technical.device"}
        await http.post(f"{API}/proctor/attempts/{who.attempt_id}/grants", headers=hall.proctor, json=grant)
        await http.post(f"{API}/exam/submit", headers=token, json={"last_sequence": 8})
    await sweep(context)
    return hall


async def pages(get: Get, path: str, **query: Any) -> list[Any]:
    items: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(path, limit=5, **query, **cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def test_events_of_a_sitting_are_its_chain(get: Get, hall: Hall) -> None:
    events = await pages(get, "/audit", sitting_id=hall.sitting_id)
    assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
    assert [one["previous_hash"] for one in events] == [bytes(32).hex(), *(one["hash"] for one in events[:-1])]
    (head,) = (await get("/audit/heads", sitting_id=hall.sitting_id))["items"]
    assert (head["sequence"], head["hash"]) == (len(events), events[-1]["hash"])
    signed = head["checkpoint"]
    assert (signed["sequence"], signed["hash"]) == (head["sequence"], head["hash"])
    payload = signed_content(
        hall.sitting_id, Head(signed["sequence"], bytes.fromhex(signed["hash"])), in_full(signed["at"])
    )
    assert verify_signature(head["public_key"], payload, signed["signature"])


async def test_an_outsider_recomputes_a_hash_from_what_is_shown(get: Get, hall: Hall) -> None:
    for one in await pages(get, "/audit", sitting_id=hall.sitting_id):
        content = {name: value for name, value in one.items() if name not in ("sequence", "previous_hash", "hash")}
        content["at"] = in_full(one["at"])
        assert link_hash(bytes.fromhex(one["previous_hash"]), one["sequence"], content).hex() == one["hash"]


def in_full(instant: str) -> str:
    """`2027-03-06T01:00:00Z` as it is hashed: to the microsecond, with the offset."""
    seconds, _, fraction = instant.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:0<6}+00:00"


async def test_events_are_found_by_what_they_are_about(get: Get, hall: Hall, context: Context) -> None:
    first, proctor = hall.seated[0], hall.proctors[0]
    events = await pages(get, "/audit", sitting_id=hall.sitting_id)

    async def found(**query: Any) -> list[str]:
        return [one["id"] for one in await pages(get, "/audit", **query)]

    def those(test: Callable[[dict[str, Any]], bool]) -> list[str]:
        chosen = [one["id"] for one in events if test(one)]
        assert chosen
        return chosen

    of_first = those(lambda one: one["subject_id"] == str(first.attempt_id))
    assert await found(subject_id=first.attempt_id) == of_first
    assert await found(sitting_id=hall.sitting_id, subject_id=first.attempt_id) == of_first
    assert await found(sitting_id=hall.sitting_id, subject="room") == those(lambda one: one["subject"] == "room")
    assert await found(actor_id=proctor.id) == those(lambda one: one["actor_id"] == str(proctor.id))
    assert await found(action="attempt.gr") == those(lambda one: one["action"] == "attempt.grant")
    assert await found(action="attempt_gr") == await found(action="%") == []
    middle = events[len(events) // 2]["at"]
    before = await found(sitting_id=hall.sitting_id, until=middle)
    assert before + await found(sitting_id=hall.sitting_id, since=middle) == [one["id"] for one in events]
    outside = await pages(get, "/audit", sitting_id=OUTSIDE)
    assert {one["sitting_id"] for one in outside} == {None}
    everything = await pages(get, "/audit")
    assert len(everything) == len(outside) + len(events)
    assert [one["id"] for one in everything] == sorted(one["id"] for one in everything)


async def test_heads_are_listed_by_chain(get: Get, hall: Hall) -> None:
    heads = await pages(get, "/audit/heads")
    assert [head["sitting_id"] for head in heads] == [None, str(hall.sitting_id)]


async def test_a_cursor_of_another_list_is_refused(http: httpx.AsyncClient, login: Login) -> None:
    auditor = await login("auditor")
    for path in (f"/audit?sitting_id={OUTSIDE}&cursor=eA", "/audit?cursor=eA", "/audit/heads?cursor=eA"):
        answer = await http.get(API + path, headers=auditor)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_only_auditors_read_the_log(http: httpx.AsyncClient, login: Login, hall: Hall) -> None:
    for role in ("officer", "chief", "proctor", "author", "admin"):
        headers = await login(role)
        for path in ("/audit", "/audit/heads", f"/sittings/{hall.sitting_id}/record"):
            assert (await http.get(API + path, headers=headers)).status_code == 403, (role, path)


@pytest.fixture
async def file(http: httpx.AsyncClient, login: Login, hall: Hall) -> bytes:
    answer = await http.get(f"{API}/sittings/{hall.sitting_id}/record", headers=await login("auditor"))
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


async def test_an_exported_record_is_checked_without_the_database(file: bytes, context: Context, hall: Hall) -> None:
    await context.database.dispose()
    for public_key in (None, context.keyring.audit_public_key):
        finding = check(file, public_key)
        assert finding.ok
    record = finding.record
    assert (record.sitting.id, record.sitting.standard_code) == (hall.sitting_id, "9-99-99-99")
    assert record.head.sequence == len(record.events) == record.checkpoints[-1].sequence
    assert [entry.ticket_number for entry in record.entries] == sorted(who.ticket_number for who in hall.seated)
    assert {entry.state for entry in record.entries} == {"submitted"}
    assert len(record.receipts) == len(record.results) == 2
    assert {result.total for result in record.results} == {10}
    named = {person.id for person in record.staff}
    assert {hall.proctors[0].id, hall.officer.id} <= named
    assert not check(file, Keyring("another secret of the tests, long enough").audit_public_key).ok


async def test_the_record_holds_no_candidate_by_name_or_identity_number(file: bytes, hall: Hall) -> None:
    text = file.decode()
    assert "考生" not in text
    assert all(who.id_number not in text for who in hall.seated)


async def test_any_byte_changed_is_found(file: bytes) -> None:
    for place in [*range(0, len(file), 97), *range(len(file) - 150, len(file)), *range(150)]:
        for byte in (b"0", b" ", b"B"):
            changed = file[:place] + byte + file[place + 1 :]
            assert changed == file or not genuine(changed), place


async def test_anything_put_around_it_is_found(file: bytes) -> None:
    for extra in (b"\n", b" ", b"\x00", b"{}"):
        assert not genuine(file + extra)
        assert not genuine(extra + file)


def genuine(file: bytes) -> bool:
    try:
        return check(file, None).ok
    except ValueError:
        return False


async def test_what_was_tampered_with_before_the_export_is_found_in_the_file(
    http: httpx.AsyncClient, login: Login, hall: Hall, context: Context
) -> None:
    """The service signs what its database says; the chain tells that somebody changed it."""
    await sql(context, "UPDATE audit_event SET actor_id = NULL WHERE action = 'attempt.grant'")
    await sql(context, "UPDATE receipt SET payload = payload || '{\"answered\": 1}'")
    answer = await http.get(f"{API}/sittings/{hall.sitting_id}/record", headers=await login("auditor"))
    finding = check(answer.content, context.keyring.audit_public_key)
    assert finding.signed
    assert finding.broken is not None
    assert finding.broken.fault is Fault.altered
    assert set(finding.receipts) == {who.attempt_id for who in hall.seated}
    assert not finding.ok


async def test_an_export_is_an_event(file: bytes, get: Get, hall: Hall) -> None:
    (exported,) = (await get("/audit", sitting_id=hall.sitting_id, action="sitting.export"))["items"]
    assert exported["sequence"] == json.loads(file)["record"]["head"]["sequence"] + 1
    assert exported["actor_kind"] == "staff"


async def test_a_record_of_no_sitting_is_not_found(http: httpx.AsyncClient, login: Login) -> None:
    answer = await http.get(f"{API}/sittings/{OUTSIDE}/record", headers=await login("auditor"))
    assert answer.status_code == 404


async def test_an_export_takes_as_many_statements_for_a_large_sitting(
    http: httpx.AsyncClient, login: Login, context: Context
) -> None:
    auditor, counts = await login("auditor"), []
    for candidates in (1, 2, 12):
        hall = await open_hall(context, candidates=candidates)
        with counted(context) as statements:
            assert (await http.get(f"{API}/sittings/{hall.sitting_id}/record", headers=auditor)).is_success
        counts.append(len(statements))
    assert counts[1] == counts[2], "the first one warms the caches"


async def test_auditors_learn_the_names_of_those_who_acted(get: Get, hall: Hall) -> None:
    names = {one["id"]: one["name"] for one in await get("/audit/actors")}
    grants = (await get("/audit", sitting_id=hall.sitting_id, action="attempt.grant"))["items"]
    assert len(grants) == 2
    assert all(names[grant["actor_id"]] for grant in grants)


async def test_the_chains_can_be_verified(get: Get, hall: Hall) -> None:
    one = await get("/audit/verification", sitting_id=hall.sitting_id)
    assert (one["chains"], one["breaks"], one["alterable"]) == (1, [], [])
    everything = await get("/audit/verification")
    assert everything["chains"] >= 2
    assert everything["events"] > one["events"]
    assert everything["breaks"] == []


async def test_a_chain_of_which_nothing_is_left_is_named(get: Get) -> None:
    found = await get("/audit/verification", sitting_id="00000000-0000-7000-8000-000000000000")
    assert found["breaks"] == [
        {"sitting_id": "00000000-0000-7000-8000-000000000000", "sequence": 1, "fault": "truncated"}
    ]


async def test_events_come_newest_first_when_asked(get: Get, hall: Hall) -> None:
    for query in ({}, {"sitting_id": hall.sitting_id}, {"action": "attempt."}):
        oldest = [one["id"] for one in await pages(get, "/audit", **query)]
        newest = [one["id"] for one in await pages(get, "/audit", newest_first=True, **query)]
        assert newest == oldest[::-1]
