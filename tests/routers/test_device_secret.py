"""A device that gives a secret at its login is known by it; one that gives none is known by its name alone."""

from typing import Any

import httpx

from app.core.context import Context
from tests.halls import Hall, Seated, open_hall
from tests.proctors import REASON, give
from tests.rows import sql

SECRET, OTHER = "a" * 43, "b" * 43


async def log_in(http: httpx.AsyncClient, who: Seated, device: str = "pc-1", **extra: Any) -> dict[str, Any]:
    answer = await http.post("/api/v1/exam/login", json=who.login(device) | extra)
    body: dict[str, Any] = answer.json()
    return body


async def outcome(http: httpx.AsyncClient, who: Seated, device: str = "pc-1", **extra: Any) -> str | int:
    """The epoch of the lease, or the code of the refusal."""
    body = await log_in(http, who, device, **extra)
    result: str | int = body.get("code") or body["lease_epoch"]
    return result


async def test_who_knows_the_name_of_the_device_does_not_get_its_lease(
    http: httpx.AsyncClient, context: Context
) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    assert await outcome(http, who, device_secret=SECRET) == 1
    assert await outcome(http, who, device_secret=SECRET) == 1, "the same device comes again"
    assert await outcome(http, who) == "lease_held"
    assert await outcome(http, who, device_secret=OTHER) == "lease_held"
    assert await outcome(http, who, "pc-2", device_secret=SECRET) == "lease_held"


async def test_what_is_kept_of_the_secret_does_not_pass_for_it(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    await log_in(http, who, device_secret=SECRET)
    kept = (await hall.attempt(who)).lease_device or ""
    assert SECRET not in kept
    assert await outcome(http, who, kept) == "invalid_request"
    assert await outcome(http, who, kept.replace(" ", "")) == "lease_held"
    assert await outcome(http, who, device_secret=kept.split(" ")[1]) == "lease_held"


async def test_a_device_without_a_secret_is_known_by_its_name(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    assert [await outcome(http, who) for _ in range(2)] == [1, 1]
    assert await outcome(http, who, "pc-2") == "lease_held"
    assert await outcome(http, who, device_secret=SECRET) == "lease_held", "nobody puts a secret on another's lease"


async def test_a_lost_secret_needs_a_proctors_release(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    who = hall.seated[0]
    await log_in(http, who, device_secret=SECRET)
    assert await outcome(http, who, device_secret=OTHER) == "lease_held"
    await give(http, hall.proctor, who, "release", REASON)
    assert await outcome(http, who, device_secret=OTHER) == 3
    assert await outcome(http, who, device_secret=SECRET) == "lease_held"


async def test_a_secret_that_could_be_guessed_is_refused(http: httpx.AsyncClient, context: Context) -> None:
    hall: Hall = await open_hall(context)
    for secret in ("", "short", "a" * 31, "a" * 101, "试" * 32, "a " * 20):
        assert await outcome(http, hall.seated[0], device_secret=secret) == "invalid_request"


async def test_no_secret_is_stored(http: httpx.AsyncClient, context: Context) -> None:
    hall = await open_hall(context)
    await log_in(http, hall.seated[0], device_secret=SECRET)
    tables = ("attempt", "audit_event", "login_failure", "idempotent_answer")
    for table in tables:
        rows = await sql(context, f"SELECT to_jsonb(t)::text FROM {table} t")  # noqa: S608
        assert not any(SECRET in row[0] for row in rows), table
