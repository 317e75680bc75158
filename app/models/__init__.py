"""SQLModel tables; importing this package registers all of them."""

from app.models import (
    attempt,
    audit,
    entry,
    incident,
    item,
    message,
    paper,
    presence,
    response,
    result,
    sitting,
    staff,
    standard,
)

__all__ = [
    "attempt",
    "audit",
    "entry",
    "incident",
    "item",
    "message",
    "paper",
    "presence",
    "response",
    "result",
    "sitting",
    "staff",
    "standard",
]
