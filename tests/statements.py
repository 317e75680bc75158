"""Counting the SQL statements of requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import event

from app.core.context import Context


@contextmanager
def counted(context: Context) -> Iterator[list[str]]:
    """The statements of the block's requests, without BEGIN and COMMIT.

    What runs beside the requests is not counted: it has no request id.
    """
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "request_id" in structlog.contextvars.get_contextvars():
            statements.append(statement)

    engine = context.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
