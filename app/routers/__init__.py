"""The HTTP interface: thin routes that parse, call one service function and return its result."""

from app.routers import audit, exam, operations, papers, proctoring, results, sittings

ROUTERS = (
    operations.router,
    papers.router,
    sittings.router,
    exam.router,
    proctoring.router,
    results.router,
    audit.router,
)
