"""How uvicorn serves the application, in one process or in several."""

from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.commands.joined_writes import JoinedWritesProtocol
from app.commands.stopping import GRACE, KEEP_ALIVE
from app.core.settings import Settings


def configured(app: ASGIApp, settings: Settings, **where: Any) -> uvicorn.Config:
    """A process whose application does not start ends; else it would listen without one."""
    return uvicorn.Config(
        app,
        **where,
        http=JoinedWritesProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEEP_ALIVE,
    )
