"""Every route that takes a file or a roster has its own limit; the others the usual one."""

import pytest

from app.domain.body_limits import MEGABYTE, body_limit

SITTING = "/api/v1/sittings/0190"


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [
        ("/api/v1/exam/responses", 1),
        ("/api/v1/items", 1),
        ("/api/v1/items/import", 25),
        (f"{SITTING}/entries", 25),
        (f"{SITTING}/entries/import", 25),
        (f"{SITTING}/seating", 25),
        (f"{SITTING}/rooms", 1),
        ("/api/v1/proctor/incidents/0190/evidence", 3),
        ("/api/v1/proctor/incidents/0190/notes", 1),
        ("/nowhere/items/import/more", 1),
    ],
)
def test_limits(path: str, megabytes: int) -> None:
    assert body_limit(path) == megabytes * MEGABYTE
