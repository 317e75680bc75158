"""The HTTP interface: thin routes that parse, call one service function and return its result."""

from app.routers import operations

ROUTERS = (operations.router,)
