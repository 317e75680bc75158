"""What routes are given: session, clock, caller. Every route names its scope or is marked public."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Depends, Header, Query, Request, Security
from fastapi.encoders import jsonable_encoder
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer, SecurityScopes
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.permissions import SCOPES, Scope, limited, scopes_of
from app.core.problems import Problem
from app.core.tokens import CandidateClaims, StaffClaims, read_token
from app.domain.actors import Actor, ActorKind
from app.routers.repeated_reads import READS
from app.services import idempotency, staff
from app.services.live.mailbox import Mailbox
from app.services.live.presence import Presence
from app.services.request_rates import RequestRates

T = TypeVar("T", bound=BaseModel)

staff_scheme = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token",
    scheme_name="staff",
    description="工作人员登录 Staff",
    scopes={scope.value: text for scope, text in SCOPES.items() if scope is not Scope.exam_sit},
    auto_error=False,
)
candidate_scheme = HTTPBearer(
    scheme_name="candidate", description="考生登录后所得令牌 The token of POST /exam/login", auto_error=False
)


async def get_context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


ContextDep = Annotated[Context, Depends(get_context)]


async def get_presence(request: Request) -> Presence:
    presence: Presence = request.app.state.services.presence
    return presence


async def get_mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.services.mailbox
    return mailbox


PresenceDep = Annotated[Presence, Depends(get_presence)]
MailboxDep = Annotated[Mailbox, Depends(get_mailbox)]


async def read_body(request: Request) -> None:
    """Before the transaction begins, so that who sends slowly keeps no database connection waiting.

    FastAPI itself reads what a route declares before it looks at dependencies; this is for the others. Of a read, which
    may be repeated (`RepeatedReads`), no body is read; nor where a dependency before has set `state.body_is_read`.
    """
    if request.method in READS or getattr(request.state, "body_is_read", False):
        return
    with suppress(RuntimeError):  # Starlette's answer to who reads a stream again: a form was read before
        await request.body()


async def get_session(context: ContextDep, _body: Annotated[None, Depends(read_body)]) -> AsyncIterator[AsyncSession]:
    """One request, one transaction: committed before the answer leaves, rolled back when an error is raised."""
    async with context.database.transaction() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_now(context: ContextDep, session: SessionDep) -> datetime:
    return await context.clock.now(session)


NowDep = Annotated[datetime, Depends(get_now)]


async def authorize_staff(
    required: SecurityScopes,
    context: ContextDep,
    session: SessionDep,
    token: Annotated[str | None, Depends(staff_scheme)],
) -> Actor:
    """The staff member, whose roles as they are now, within the token's own limit, hold all required scopes.

    Raises Problem `not_authenticated`, `invalid_token` (401) or `not_allowed` (403).
    """
    if not token:
        raise Problem("not_authenticated")
    claims = read_token(context.keyring.token_key, token, context.clock.host_now())
    if not isinstance(claims, StaffClaims):
        raise Problem("not_allowed", scopes=", ".join(required.scopes))
    account = await staff.active_account(session, claims.staff_id)
    held = limited(scopes_of(tuple(account.roles)), claims.scopes)
    if missing := [scope for scope in required.scopes if scope not in held]:
        raise Problem("not_allowed", scopes=", ".join(missing))
    structlog.contextvars.bind_contextvars(staff_id=str(account.id))
    return Actor(ActorKind.staff, account.id, held)


async def authorize_staff_apart(
    required: SecurityScopes, context: ContextDep, token: Annotated[str | None, Depends(staff_scheme)]
) -> Actor:
    """As `authorize_staff`, but in a transaction of its own: afterwards the request holds no connection."""
    async with context.database.transaction() as session:
        return await authorize_staff(required, context, session, token)


async def authorize_candidate(
    context: ContextDep,
    request: Request,
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(candidate_scheme)],
) -> CandidateClaims:
    """The candidate's claims; services hold the lease in them against the attempt."""
    return candidate_claims(context, request.headers.get("authorization"))


def candidate_claims(context: Context, authorization: str | None) -> CandidateClaims:
    """Of the header. Raises Problem `not_authenticated`, `invalid_token` (401) or `not_allowed` (403)."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("not_authenticated")
    claims = read_token(context.keyring.token_key, token, context.clock.host_now())
    if not isinstance(claims, CandidateClaims):
        raise Problem("not_allowed", scopes=Scope.exam_sit.value)
    return claims


async def public() -> None:
    """Marks a route that anyone may call."""


PUBLIC = Depends(public)


def staff_with(*scopes: Scope) -> Any:
    """The marker of a staff route: `Annotated[Actor, staff_with(Scope.items_read)]`."""
    return Security(authorize_staff, scopes=[scope.value for scope in scopes])


CandidateDep = Annotated[CandidateClaims, Security(authorize_candidate, scopes=[Scope.exam_sit.value])]


async def get_address(request: Request) -> str:
    """The network address that the request comes from."""
    return "" if request.client is None else request.client.host


AddressDep = Annotated[str, Depends(get_address)]


async def pace_candidate(claims: CandidateDep, request: Request) -> CandidateClaims:
    """The claims of a candidate whose client does not call too often. Raises Problem `too_many_requests` (429)."""
    rates: RequestRates = request.app.state.services.rates
    rates.admit(claims)
    return claims


PacedCandidateDep = Annotated[CandidateClaims, Depends(pace_candidate)]


class PageParams(BaseModel):
    """Which part of a list."""

    limit: int
    cursor: str | None


async def get_page(
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the answer before.")] = None,
) -> PageParams:
    return PageParams(limit=limit, cursor=cursor)


PageDep = Annotated[PageParams, Depends(get_page)]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=100,
        description="A command repeated with the same key gets the first answer and is not done again.",
    ),
]


class OnceRunner:
    """Runs a command once per `Idempotency-Key`: `await once(actor, Shape, lambda: service(...))`."""

    def __init__(
        self, request: Request, context: Context, session: AsyncSession, now: datetime, key: str | None
    ) -> None:
        self._request = request
        self._keyring = context.keyring
        self._session = session
        self._now = now
        self._key = key

    async def __call__(self, actor: Actor, shape: type[T], run: Callable[[], Awaitable[T]]) -> T:
        if self._key is None or actor.id is None:
            return await run()
        url = self._request.url
        request_hash = idempotency.request_hash(
            self._keyring, self._request.method, f"{url.path}?{url.query}", await self._request.body()
        )
        known = await idempotency.claim(self._session, actor.id, self._key, request_hash, self._now)
        if known is not None:
            return shape.model_validate(known)
        answer = await run()
        await idempotency.remember(self._session, actor.id, self._key, jsonable_encoder(answer))
        return answer


async def get_once(
    request: Request, context: ContextDep, session: SessionDep, now: NowDep, key: IdempotencyKey = None
) -> OnceRunner:
    return OnceRunner(request, context, session, now, key)


OnceDep = Annotated[OnceRunner, Depends(get_once)]
