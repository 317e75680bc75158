"""A client's connection that does not give up: a call is repeated until a server answers it."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

REPEATED = frozenset({429, 502, 503, 504})
PATIENCE = 180.0
TIMEOUT = httpx.Timeout(15.0)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
JITTER = (0.5, 1.5)


class Wire:
    """`trouble` counts what came instead of answers: kinds of lost connections, and statuses with their codes."""

    def __init__(self, address: str, trouble: Counter[str], source: random.Random) -> None:
        self.headers: dict[str, str] = {}
        self._trouble = trouble
        self._source = source
        self._http = httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=TIMEOUT, verify=False)  # noqa: S501 -- no TLS here

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """The first answer that is one, asked for with longer and longer pauses. A POST is a command: it carries the
        same Idempotency-Key each time.

        Raises TimeoutError when none comes within PATIENCE.
        """
        headers = self.headers | ({"Idempotency-Key": uuid4().hex} if method == "POST" else {})
        pause = FIRST_PAUSE
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._try(method, path, body, headers)
                if answer is not None:
                    return answer
                await asyncio.sleep(pause * self._source.uniform(*JITTER))
                pause = min(2 * pause, LONGEST_PAUSE)

    async def once(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Whatever comes of it."""
        await self._try(method, path, body, self.headers)

    async def _try(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response | None:
        try:
            answer = await self._http.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            self._trouble[type(error).__name__] += 1
            return None
        if answer.status_code in REPEATED or answer.status_code >= 500:
            self._trouble[f"{answer.status_code} {answer.json()['code']}"] += 1
            return None
        return answer
