"""The HTTP interface: thin routes that parse, call one service function and return its result."""

from app.routers import (
    audit,
    auth,
    entries,
    exam,
    items,
    operations,
    papers,
    proctoring,
    results,
    sittings,
    staff,
    standards,
)

ROUTERS = (
    operations.router,
    auth.router,
    staff.router,
    standards.router,
    items.router,
    papers.router,
    sittings.router,
    entries.router,
    exam.router,
    proctoring.router,
    results.router,
    audit.router,
)
