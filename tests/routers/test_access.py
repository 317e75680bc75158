"""Every route asks for its permission: walked, so that a route added later is held to it too."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from fastapi.dependencies.models import Dependant

from app.core.context import Context
from app.core.ids import new_id
from app.core.permissions import ROLE_SCOPES, Scope
from app.core.tokens import CandidateClaims, StaffClaims, issue_candidate_token, issue_staff_token
from app.main import create_app, routes_of
from app.routers.dependencies import authorize_candidate, authorize_staff, authorize_staff_apart, public
from app.routers.operations import authorize_scraper
from tests.conftest import Login

FOR_ANY_STAFF = {"get_me", "change_password"}
"""Operations that ask for a login of staff and for no scope. Whoever adds one says so here."""


@dataclass(frozen=True)
class Guarded:
    """A route and what guards it: `scopes` is None for public ones."""

    operation: str
    method: str
    path: str
    guards: frozenset[str]
    scopes: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self) -> str:
        return re.sub(r"\{[^}]+\}", lambda _: str(new_id()), self.path)


WITHOUT_LOGIN = frozenset({"public", "scraper"})

GUARDS = {
    authorize_staff: "staff",
    authorize_staff_apart: "staff",
    authorize_candidate: "candidate",
    public: "public",
    authorize_scraper: "scraper",
}


@pytest.fixture
def routes(context: Context) -> list[Guarded]:
    return [
        _guarded(route.operation_id or str(route.name), method, str(route.path), route.dependant)
        for route in routes_of(create_app(context))
        for method in sorted(route.methods or ())
    ]


def _guarded(operation: str, method: str, path: str, dependant: Dependant) -> Guarded:
    guards: set[str] = set()
    scopes: set[str] = set()
    waiting = [dependant]
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        if one.call in GUARDS:
            guards.add(GUARDS[one.call])
            scopes.update(one.own_oauth_scopes or ())
    return Guarded(operation, method, path, frozenset(guards), frozenset(scopes))


async def _wrong(
    http: httpx.AsyncClient, routes: list[Guarded], headers: dict[str, str], status: int, code: str
) -> list[str]:
    """The routes that answer anything else than this refusal."""
    answers = [(route, await http.request(route.method, route.url(), headers=headers)) for route in routes]
    return [
        f"{route}: {answer.status_code} {answer.text[:200]}"
        for route, answer in answers
        if answer.status_code != status or answer.json()["code"] != code
    ]


def test_the_walk_sees_the_routes_of_included_routers(routes: list[Guarded]) -> None:
    assert {"POST /api/v1/auth/token", "GET /api/v1/staff/{staff_id}", "GET /api/v1/exam/paper"} <= set(
        map(str, routes)
    )


def test_every_route_is_public_or_for_staff_or_for_candidates(routes: list[Guarded]) -> None:
    assert [str(route) for route in routes if len(route.guards) != 1] == []


def test_every_route_of_staff_names_a_scope_unless_it_is_for_any_staff(routes: list[Guarded]) -> None:
    without = {route.operation for route in routes if not route.guards & WITHOUT_LOGIN and not route.scopes}
    assert without == FOR_ANY_STAFF


async def test_guarded_routes_refuse_who_has_no_valid_token(
    http: httpx.AsyncClient, context: Context, routes: list[Guarded]
) -> None:
    guarded = [route for route in routes if not route.guards & WITHOUT_LOGIN]
    expired_at = context.clock.host_now() - timedelta(seconds=1)
    key = context.keyring.token_key
    expired = (
        issue_staff_token(key, StaffClaims(new_id(), ("admin",)), expired_at),
        issue_candidate_token(key, CandidateClaims(new_id(), new_id(), 1), expired_at),
    )
    wrong = await _wrong(http, guarded, {}, 401, "not_authenticated")
    for token in ("garbage", *expired):
        wrong += await _wrong(http, guarded, {"Authorization": f"Bearer {token}"}, 401, "invalid_token")
    assert wrong == []


async def test_routes_of_staff_refuse_every_role_that_lacks_the_scope(
    http: httpx.AsyncClient, login: Login, routes: list[Guarded]
) -> None:
    wrong = []
    held_by: dict[str, frozenset[Scope]] = {role.value: held for role, held in ROLE_SCOPES.items()}
    for role, held in (held_by | {"of no role": frozenset()}).items():
        closed = [route for route in routes if "staff" in route.guards and not route.scopes <= held]
        wrong += await _wrong(http, closed, await login(role), 403, "not_allowed")
    assert wrong == []


async def test_staff_and_candidates_cannot_call_each_others_routes(
    http: httpx.AsyncClient, context: Context, login: Login, routes: list[Guarded]
) -> None:
    claims = CandidateClaims(new_id(), new_id(), 1)
    token = issue_candidate_token(context.keyring.token_key, claims, context.clock.host_now() + timedelta(hours=1))
    of_staff = [route for route in routes if "staff" in route.guards]
    of_candidates = [route for route in routes if "candidate" in route.guards]
    wrong = await _wrong(http, of_staff, {"Authorization": f"Bearer {token}"}, 403, "not_allowed")
    wrong += await _wrong(http, of_candidates, await login("chief"), 403, "not_allowed")
    assert wrong == []
