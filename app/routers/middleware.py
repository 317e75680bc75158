"""Every request gets an id, is logged without personal data and measured; every answer has the id and safe headers."""

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.ids import new_id
from app.core.metrics import Metrics

log = structlog.get_logger()

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

UNKNOWN = "none"
"""The operation of requests for addresses that do not exist."""


class RequestIdMiddleware:
    """Binds `request_id` for logs; logs method, route template, status and milliseconds, never query or body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope.setdefault("request_id", str(new_id()))
        started = scope.get("started") or time.perf_counter()
        status = 500
        answered: float | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], time.perf_counter()
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                ended = time.perf_counter()
                route = scope.get("route")
                operation = getattr(route, "operation_id", None) or UNKNOWN
                metrics: Metrics = scope["app"].state.context.metrics
                metrics.answered(operation, status, (answered or ended) - started)
                log.info(
                    "request",
                    method=scope["method"],
                    route=getattr(route, "path", None),
                    status=status,
                    milliseconds=round((ended - started) * 1000, 1),
                )
