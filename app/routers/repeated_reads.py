"""Reading again what a lost connection or another transaction interrupted, before the client is told."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.repeating import PAUSES, pause_about

READS = frozenset({"GET", "HEAD"})


class RepeatedReads:
    """Middleware: a read whose answer would be `database_unavailable` is done up to three times.

    Only when the error handler says in `request.state.worth_repeating` that the next try may succeed at once. Commands
    are not repeated here: the client does so, by its `Idempotency-Key`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in READS:
            for pause in PAUSES:
                if await self._is_answered(scope, receive, send):
                    return
                await pause_about(pause)
        await self.app(scope, receive, send)

    async def _is_answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        own: Scope = {**scope, "state": {**scope.get("state", {}), "worth_repeating": False}}

        async def send_unless_repeated(message: Message) -> None:
            if not own["state"]["worth_repeating"]:
                await send(message)

        await self.app(own, receive, send_unless_repeated)
        if own["state"]["worth_repeating"]:
            return False
        scope.update(own)
        return True
