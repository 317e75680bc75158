"""Only tokens of ours, for whom they were made and while they last, are accepted (RFC 8725)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt

from app.core.ids import new_id
from app.core.problems import Problem
from app.core.tokens import (
    ALGORITHM,
    CANDIDATE_AUDIENCE,
    STAFF_AUDIENCE,
    CandidateClaims,
    StaffClaims,
    issue_candidate_token,
    issue_staff_token,
    read_token,
)

KEY = "a key of the tests"
NOW = datetime(2027, 3, 6, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
STAFF = StaffClaims(new_id(), ("proctor", "author"), ("rooms:proctor",))
CANDIDATE = CandidateClaims(new_id(), new_id(), 3)


def content(**changes: Any) -> dict[str, Any]:
    good: dict[str, Any] = {
        "sub": str(new_id()),
        "roles": [],
        "scopes": None,
        "aud": STAFF_AUDIENCE,
        "exp": int(LATER.timestamp()),
    }
    return {name: value for name, value in (good | changes).items() if value != "left out"}


def encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def refused(token: str, now: datetime = NOW) -> None:
    with pytest.raises(Problem) as problem:
        read_token(KEY, token, now)
    assert (problem.value.code, problem.value.status) == ("invalid_token", 401)


@pytest.mark.parametrize("scopes", [None, (), ("items:read", "items:write")])
def test_a_staff_token_gives_back_its_claims(scopes: tuple[str, ...] | None) -> None:
    claims = StaffClaims(new_id(), ("author",), scopes)
    assert read_token(KEY, issue_staff_token(KEY, claims, LATER), NOW) == claims


def test_a_candidate_token_gives_back_its_claims() -> None:
    assert read_token(KEY, issue_candidate_token(KEY, CANDIDATE, LATER), NOW) == CANDIDATE


def test_a_token_lasts_until_just_before_its_expiry() -> None:
    token = issue_staff_token(KEY, STAFF, LATER)
    assert read_token(KEY, token, LATER - timedelta(microseconds=1)) == STAFF
    refused(token, LATER)


def test_the_time_given_decides_and_not_the_host_clock() -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    token = issue_staff_token(KEY, STAFF, long_ago + timedelta(minutes=1))
    assert read_token(KEY, token, long_ago) == STAFF


def test_an_unsigned_token_is_refused() -> None:
    head = encode({"alg": "none", "typ": "JWT"})
    refused(f"{head}.{encode(content())}.")
    refused(f"{head}.{encode(content())}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_our_key(algorithm: str) -> None:
    refused(jwt.encode(content(), KEY, algorithm=algorithm))


def test_another_key_is_refused() -> None:
    refused(issue_staff_token("another key", STAFF, LATER))


@pytest.mark.parametrize("audience", ["someone else", "", None, "left out", [], ["someone else"]])
def test_another_audience_is_refused(audience: Any) -> None:
    refused(jwt.encode(content(aud=audience), KEY, algorithm=ALGORITHM))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": "left out"},
        {"exp": None},
        {"sub": "left out"},
        {"sub": "not a uuid"},
        {"roles": "left out"},
        {"roles": None},
        {"aud": CANDIDATE_AUDIENCE},
    ],
)
def test_a_signed_token_with_wrong_content_is_refused(changes: dict[str, Any]) -> None:
    refused(jwt.encode(content(**changes), KEY, algorithm=ALGORITHM))


@given(st.data())
def test_a_tampered_token_is_refused(data: st.DataObject) -> None:
    token = issue_candidate_token(KEY, CANDIDATE, LATER)
    parts = token.split(".")
    which = data.draw(st.integers(0, 2))
    raw = bytearray(base64.urlsafe_b64decode(parts[which] + "=" * (-len(parts[which]) % 4)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    parts[which] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    refused(".".join(parts))


@given(st.text(max_size=80))
def test_garbage_is_refused(token: str) -> None:
    refused(token)
