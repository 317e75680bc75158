"""How large the body of a request may be."""

import re

MEGABYTE = 1024 * 1024
USUAL = 1
LARGER = (
    (re.compile(r"/(items|entries)/import$"), 25),
    (re.compile(r"/sittings/[^/]+/(entries|seating)$"), 25),
    (re.compile(r"/evidence$"), 3),
)
"""Files and rosters, in megabytes; what is in them is limited by their own routes."""


def body_limit(path: str) -> int:
    """In bytes, of the body as it is sent, multipart overhead included."""
    return MEGABYTE * next((limit for pattern, limit in LARGER if pattern.search(path)), USUAL)
