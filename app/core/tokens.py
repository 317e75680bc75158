"""Access tokens: JWT with a pinned algorithm, an audience and an expiry (RFC 7519, RFC 8725)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from jose import JWTError, jwt

from app.core.problems import Problem

ALGORITHM: Final = "HS256"
LONGEST_TOKEN: Final = 2048
KEPT_TOKENS: Final = 20_000
STAFF_AUDIENCE: Final = "kaochang:staff"
CANDIDATE_AUDIENCE: Final = "kaochang:candidate"


@dataclass(frozen=True)
class StaffClaims:
    """`roles` at the time of issue, for the client; the account's own decide. `scopes` limits them when not None."""

    staff_id: UUID
    roles: tuple[str, ...]
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CandidateClaims:
    """`epoch` is the lease the token was given with: a write with an older one is refused."""

    sitting_id: UUID
    attempt_id: UUID
    epoch: int


def issue_staff_token(key: str, claims: StaffClaims, expires_at: datetime) -> str:
    content = {"sub": str(claims.staff_id), "roles": claims.roles, "scopes": claims.scopes}
    return _issue(key, STAFF_AUDIENCE, content, expires_at)


def issue_candidate_token(key: str, claims: CandidateClaims, expires_at: datetime) -> str:
    content = {"sub": str(claims.attempt_id), "sitting": str(claims.sitting_id), "epoch": claims.epoch}
    return _issue(key, CANDIDATE_AUDIENCE, content, expires_at)


def read_token(key: str, token: str, now: datetime) -> StaffClaims | CandidateClaims:
    """The claims of a token that is valid at `now` (aware), whatever the host's clock says.

    Raises Problem `invalid_token` (401) when the signature, algorithm, audience, expiry or content is wrong.
    """
    if len(token) > LONGEST_TOKEN:
        raise Problem("invalid_token")
    try:
        claims, expires_at = _verified(key, token)
    except (JWTError, KeyError, ValueError, TypeError) as error:
        raise Problem("invalid_token") from error
    if expires_at <= now.timestamp():
        raise Problem("invalid_token")
    return claims


@lru_cache(KEPT_TOKENS)
def _verified(key: str, token: str) -> tuple[StaffClaims | CandidateClaims, float]:
    """The claims of a genuine token, and its expiry in seconds since 1970, which the caller holds against the time.

    What was genuine once stays so, and a client sends the same token with every request: it is verified once.
    """
    audience = jwt.get_unverified_claims(token).get("aud")
    if audience not in (STAFF_AUDIENCE, CANDIDATE_AUDIENCE):
        raise JWTError("unknown audience")
    claims = jwt.decode(token, key, algorithms=[ALGORITHM], audience=audience, options={"verify_exp": False})
    expires_at = float(claims["exp"])
    if audience == STAFF_AUDIENCE:
        scopes = claims["scopes"]
        found = StaffClaims(UUID(claims["sub"]), tuple(claims["roles"]), None if scopes is None else tuple(scopes))
        return found, expires_at
    return CandidateClaims(UUID(claims["sitting"]), UUID(claims["sub"]), int(claims["epoch"])), expires_at


def _issue(key: str, audience: str, content: dict[str, Any], expires_at: datetime) -> str:
    return jwt.encode(content | {"aud": audience, "exp": expires_at}, key, algorithm=ALGORITHM)
