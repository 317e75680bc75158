"""The demonstration can be used at once, and running it again keeps what is there."""

from datetime import timedelta

import httpx

from app.core.context import Context
from app.core.permissions import Role
from app.services import demonstration
from app.services.demonstration import Demonstration
from tests.conftest import FixedClock


async def test_a_first_run_is_open_for_candidates_and_staff(http: httpx.AsyncClient, context: Context) -> None:
    made = await demonstration.prepare(context, [], None)
    assert {login.role for login in made.logins[: len(Role)]} == set(Role), "one of each role"
    assert len(made.candidates) == 60
    assert [room.state for room in made.rooms] == ["running", "check_in"]

    entry, candidate, room = made.candidates[0]
    assert room.name == "第一考场"
    login = {
        "ticket_number": entry.ticket_number,
        "id_number": context.keyring.decrypt_identity(candidate.identity_sealed),
        "device_id": "pc-1",
    }
    token = (await http.post("/api/v1/exam/login", json=login)).json()["access_token"]
    started = await http.post("/api/v1/exam/start", headers={"Authorization": f"Bearer {token}"})
    assert started.json()["state"] == "in_progress"
    assert started.json()["rules"]["items"] == 90

    for one in made.logins:
        form = {"username": one.username, "password": one.password}
        assert (await http.post("/api/v1/auth/token", data=form)).json()["roles"] == [one.role]


async def test_a_second_run_keeps_logins_and_the_open_sitting(context: Context, clock: FixedClock) -> None:
    first = await demonstration.prepare(context, [], None)
    again = await demonstration.prepare(context, first.logins, first.sitting.id)
    assert again.logins == first.logins
    assert again.sitting.id == first.sitting.id
    assert tickets(again) == tickets(first)

    clock.advance(timedelta(hours=5))
    next_day = await demonstration.prepare(context, first.logins, first.sitting.id)
    assert next_day.logins == first.logins
    assert next_day.sitting.id != first.sitting.id
    assert not tickets(next_day) & tickets(first)


def tickets(made: Demonstration) -> set[str]:
    return {entry.ticket_number for entry, _, _ in made.candidates}
