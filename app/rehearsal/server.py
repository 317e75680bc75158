"""Calls to the servers that are rehearsed: typed, timed, and repeated until they are answered; and their streams."""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
from httpx_sse import ServerSentEvent, aconnect_sse
from pydantic import BaseModel

from app.rehearsal.measures import Measures

Shape = TypeVar("Shape", bound=BaseModel)
Body = BaseModel | Mapping[str, Any] | None

AWAY = frozenset({502, 503, 504})
PATIENCE = 120.0
TIMEOUT = httpx.Timeout(30.0)
FIRST_DELAY, LONGEST_DELAY = 0.1, 2.0


class Refused(Exception):
    """The server answered with a problem; `code` is the problem's, else the status."""

    def __init__(self, call: str, answer: httpx.Response) -> None:
        self.away = answer.status_code in AWAY
        is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        self.problem: dict[str, Any] = answer.json() if is_problem else {}
        self.code = str(self.problem.get("code", answer.status_code))
        super().__init__(f"{call}: {answer.status_code} {self.code}: {self.problem.get('detail', '')}")


class Unreachable(Exception):
    """No answer for PATIENCE seconds, or no server at all."""


class Caller:
    """One person's connection to the server at `address`; `token` is the bearer token once logged in.

    `repeats`: how often something was sent again because no answer came.
    """

    def __init__(self, http: httpx.AsyncClient, address: str, measures: Measures) -> None:
        self.address = address
        self.token: str | None = None
        self.repeats = 0
        self._http = http
        self._measures = measures

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        shape: type[Shape],
        body: Body = None,
        *,
        form: Mapping[str, str] | None = None,
        expected: str | None = None,
    ) -> Shape:
        """The answer, read as `shape`. `name` groups the measures; the refusal `expected` is not counted as an error.

        A lost connection and a server that is away (502, 503, 504) are tried again with back-off and jitter; a POST
        carries the same Idempotency-Key each time. Raises Refused, Unreachable.
        """
        headers = self._authorization()
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        content = body.model_dump(mode="json", exclude_unset=True) if isinstance(body, BaseModel) else body
        request = self._http.build_request(method, f"/api/v1{path}", headers=headers, json=content, data=form)
        answer = await self._answered(name, request)
        if answer.is_success:
            return shape.model_validate_json(answer.content)
        raise self._counted(Refused(name, answer), expected)

    async def fetch(self, name: str, path: str) -> bytes:
        """A document, to the byte. Raises as `call` does."""
        answer = await self._answered(
            name, self._http.build_request("GET", f"/api/v1{path}", headers=self._authorization())
        )
        if answer.is_success:
            return answer.content
        raise self._counted(Refused(name, answer))

    @asynccontextmanager
    async def stream(self, path: str, last: str | None) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
        """Server-sent events with data, those after the one with the id `last`. The library tells a comment that keeps
        the stream alive as an event without data, which is none (WHATWG HTML, 9.2.6).

        Raises Refused, and httpx.TransportError when the connection is lost.
        """
        headers = self._authorization() | ({} if last is None else {"Last-Event-ID": last})
        async with aconnect_sse(self._http, "GET", f"/api/v1{path}", headers=headers) as source:
            if not source.response.is_success:
                await source.response.aread()
                raise Refused("stream", source.response)
            async with aclosing(source.aiter_sse()) as events:
                yield (event async for event in events if event.data)

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    def _counted(self, refused: Refused, expected: str | None = None) -> Refused:
        if refused.code != expected:
            self._measures.errors[refused.code] += 1
        return refused

    async def _answered(self, name: str, request: httpx.Request) -> httpx.Response:
        first, delay = time.monotonic(), FIRST_DELAY
        while True:
            began = time.monotonic()
            try:
                answer = await self._http.send(request)
            except httpx.TransportError as error:
                problem = type(error).__name__
            else:
                if answer.status_code not in AWAY:
                    self._measures.answered(name, time.monotonic() - began)
                    return answer
                problem = Refused(name, answer).code
            self._measures.errors[problem] += 1
            if time.monotonic() - first > PATIENCE:
                raise Unreachable(f"{name}: {problem}")
            self.repeats += 1
            self._measures.retries += 1
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
            delay = min(2 * delay, LONGEST_DELAY)


class ServerClock:
    """The server's time, as told by one of its answers, running on with this machine's monotonic counter."""

    def __init__(self, told: datetime) -> None:
        self._told = told
        self._heard = time.monotonic()

    def now(self) -> datetime:
        return self._told + timedelta(seconds=time.monotonic() - self._heard)

    async def until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


def client_time() -> datetime:
    return datetime.now(UTC)


class Network:
    """Opens connections, a person each, to several servers in turn; closes them all at the end of the block."""

    def __init__(self, addresses: Sequence[str], measures: Measures) -> None:
        self._addresses = addresses
        self._next = cycle(addresses)
        self._measures = measures
        self._tls = ssl.create_default_context()
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def require_servers(self) -> None:
        """Raises Unreachable at once when one does not answer."""
        for address in self._addresses:
            async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT, verify=self._tls) as http:
                try:
                    await http.get("/api/v1/healthz")
                except httpx.TransportError as error:
                    raise Unreachable(f"{address}: {type(error).__name__}") from error

    def connect(self) -> Caller:
        return self._connect(next(self._next))

    def connect_beyond(self, address: str) -> Caller:
        """To the server after the one at `address`."""
        return self._connect(self._addresses[(self._addresses.index(address) + 1) % len(self._addresses)])

    def _connect(self, address: str) -> Caller:
        http = httpx.AsyncClient(base_url=address, timeout=TIMEOUT, verify=self._tls)
        self._open.push_async_callback(http.aclose)
        return Caller(http, address, self._measures)
