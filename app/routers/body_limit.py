"""Refuses bodies that are too large before anything is made of them, declared or streamed (RFC 9110, 15.5.14).

Starlette's RequestBodyLimitMiddleware does the same but answers in plain text.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.body_limits import body_limit
from app.routers.errors import on_http_error

CONTENT_TOO_LARGE = 413


class BodyLimitMiddleware:
    """A declared length is refused at once; without one, who reads the body meets an HTTPException at the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        left = body_limit(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > left:
            answer = await on_http_error(Request(scope), HTTPException(CONTENT_TOO_LARGE))
            await answer(scope, receive, send)
            return

        async def receive_within_limit() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(CONTENT_TOO_LARGE)
            return message

        await self.app(scope, receive_within_limit, send)
