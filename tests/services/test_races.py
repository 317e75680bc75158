"""Races on the real PostgreSQL: whatever the interleaving, the invariants of an attempt hold.

Each test races `CANDIDATES` attempts, each in an order of its own.
"""

from datetime import timedelta
from uuid import UUID

import httpx
from sqlmodel import select

from app.core.context import Context
from app.core.database import Database
from app.domain.answers import responses_digest
from app.models.response import Response
from app.models.result import GradingRun, Receipt
from app.services.sweeper import sweep
from tests.conftest import FixedClock
from tests.halls import Hall, Seated, log_in, open_hall
from tests.races import Call, all_begun, events_of, race, sweeper_at

CANDIDATES = 40
NOW = "2027-03-06T01:00:00Z"


def saving(http: httpx.AsyncClient, token: dict[str, str], number: int, answer: str, sequence: int) -> Call:
    body = {"responses": [{"number": number, "answer": answer, "sequence": sequence, "client_time": NOW}]}
    return lambda: http.put("/api/v1/exam/responses", headers=token, json=body)


def posting(http: httpx.AsyncClient, path: str, token: dict[str, str], body: object = None) -> Call:
    return lambda: http.post(f"/api/v1/exam/{path}", headers=token, json=body)


def releasing(http: httpx.AsyncClient, hall: Hall, who: Seated) -> Call:
    path = f"/api/v1/proctor/attempts/{who.attempt_id}/release"
    return lambda: http.post(path, headers=hall.proctor, json={"reason": "technical.device"})


def sweeping(context: Context) -> Call:
    return lambda: sweep(context)


def saved(answer: object) -> bool:
    assert isinstance(answer, httpx.Response)
    return answer.status_code == 200 and answer.json()["responses"][0]["outcome"] == "saved"


async def stored_of(context: Context) -> dict[UUID, dict[int, str]]:
    async with context.database.transaction() as session:
        stored: dict[UUID, dict[int, str]] = {}
        for row in (await session.execute(select(Response))).scalars():
            stored.setdefault(row.attempt_id, {})[row.number] = row.answer
        return stored


async def receipts_of(context: Context) -> dict[UUID, list[str]]:
    async with context.database.transaction() as session:
        found: dict[UUID, list[str]] = {}
        for row in (await session.execute(select(Receipt))).scalars():
            found.setdefault(row.attempt_id, []).append(row.payload["responses_digest"])
        return found


async def require_graded_is_handed_in(context: Context, hall: Hall) -> None:
    """One receipt each, over exactly what is stored, and graded over the same."""
    await sweep(context)
    stored, receipts = await stored_of(context), await receipts_of(context)
    async with context.database.transaction() as session:
        runs = {run.attempt_id: run.responses_digest for run in (await session.execute(select(GradingRun))).scalars()}
    for who in hall.seated:
        digest = responses_digest(stored.get(who.attempt_id, {}))
        assert receipts[who.attempt_id] == [digest]
        assert runs[who.attempt_id] == digest


async def test_two_devices_log_in_at_once(two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, who in enumerate(hall.seated):
        answers = await race(
            seed,
            *(
                lambda http=http, device=device, who=who: http.post("/api/v1/exam/login", json=who.login(device))
                for http, device in zip(two, ("pc-1", "pc-2"), strict=True)
            ),
        )
        codes = sorted(answer.json().get("code", "in") for answer in answers if isinstance(answer, httpx.Response))
        assert codes == ["in", "lease_held"]
        assert (await hall.attempt(who)).lease_epoch == 1


async def test_start_is_pressed_twice(two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, who in enumerate(hall.seated):
        token = await log_in(two[0], who)
        answers = await race(seed, *(posting(http, "start", token) for http in (*two, *two)))
        starts = {answer.json()["started_at"] for answer in answers if isinstance(answer, httpx.Response)}
        assert len(starts) == 1
    assert set((await events_of(context, "attempt.start")).values()) == {1}


async def test_submit_is_pressed_twice(two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, (_, token) in enumerate(await all_begun(two[0], hall)):
        await saving(two[0], token, 1, "A", 1)()
        body = {"last_sequence": 1}
        answers = await race(seed, *(posting(http, "submit", token, body) for http in (*two, *two)))
        receipts = {answer.json()["signature"] for answer in answers if isinstance(answer, httpx.Response)}
        assert len(receipts) == 1
    assert set((await events_of(context, "attempt.submit")).values()) == {1}
    await require_graded_is_handed_in(context, hall)


async def test_a_save_races_the_hand_in(two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    acknowledged = {}
    for seed, (who, token) in enumerate(await all_begun(two[0], hall)):
        await saving(two[0], token, 1, "A", 1)()
        answers = await race(
            seed,
            saving(two[0], token, 2, "B", 2),
            saving(two[1], token, 3, "C", 3),
            posting(two[seed % 2], "submit", token, {"last_sequence": 1}),
        )
        acknowledged[who.attempt_id] = [
            number for number, answer in zip((2, 3), answers[:2], strict=True) if saved(answer)
        ]
        assert isinstance(answers[2], httpx.Response)
        assert answers[2].status_code == 200
    stored = await stored_of(context)
    for attempt_id, numbers in acknowledged.items():
        assert set(numbers) == stored[attempt_id].keys() - {1}
    await require_graded_is_handed_in(context, hall)


async def test_saves_race_two_sweepers(
    two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context, clock: FixedClock, database_url: str
) -> None:
    """Saves are judged at the last moment of grace, the sweepers come just after it."""
    hall = await open_hall(context, candidates=CANDIDATES)
    begun = await all_begun(two[0], hall)
    deadline = clock.advance(timedelta(minutes=90))
    clock.advance(timedelta(seconds=10))
    sweepers = [sweeper_at(context, Database(database_url), clock.fixed) for _ in range(2)]
    calls = [saving(two[index % 2], token, 1, "A", 1) for index, (_, token) in enumerate(begun)]
    sweeps = [sweeping(sweeper) for sweeper in sweepers for _ in range(3)]
    outcomes = (await race(1, *calls, *sweeps))[: len(calls)]
    for sweeper in sweepers:
        await sweep(sweeper)
        await sweeper.database.dispose()
    stored = await stored_of(context)
    for (who, _), outcome in zip(begun, outcomes, strict=True):
        attempt = await hall.attempt(who)
        assert (attempt.state, attempt.submitted_by, attempt.submitted_at) == ("submitted", "deadline", deadline)
        assert (stored.get(who.attempt_id) == {1: "A"}) == saved(outcome)
    assert set((await events_of(context, "attempt.expire")).values()) == {1}
    await require_graded_is_handed_in(context, hall)


async def test_a_save_races_the_release_of_its_device(
    two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context
) -> None:
    """What the old device was told is saved is what the new device finds."""
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, (who, token) in enumerate(await all_begun(two[0], hall)):
        answers = await race(seed, saving(two[0], token, 1, "A", 1), releasing(two[1], hall, who))
        second = await log_in(two[1], who, "pc-2")
        found = (await two[1].get("/api/v1/exam/responses", headers=second)).json()["responses"]
        assert bool(found) == saved(answers[0])


async def test_saves_of_one_item_arrive_in_any_order(
    two: tuple[httpx.AsyncClient, httpx.AsyncClient], context: Context
) -> None:
    hall = await open_hall(context, candidates=CANDIDATES)
    for seed, (_, token) in enumerate(await all_begun(two[0], hall)):
        letters = "ABCD"
        await race(
            seed,
            *(saving(two[sequence % 2], token, 1, letters[sequence % 4], sequence) for sequence in range(1, 9)),
        )
        found = (await two[0].get("/api/v1/exam/responses", headers=token)).json()["responses"]
        assert [(row["answer"], row["sequence"]) for row in found] == [("A", 8)]
