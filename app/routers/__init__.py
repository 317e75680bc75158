"""The HTTP interface: thin routes that parse, call one service function and return its result."""

from app.routers import (
    audit,
    auth,
    entries,
    exam,
    items,
    operations,
    papers,
    proctor_attempts,
    proctor_rooms,
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
    proctor_rooms.router,
    proctor_attempts.router,
    results.router,
    audit.router,
)
