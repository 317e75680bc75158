"""Lists paged by an opaque cursor over the last key of the page before."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.problems import Problem

Row = TypeVar("Row")
Shape = TypeVar("Shape")
Key = TypeVar("Key")


class Page(BaseModel, Generic[Shape]):
    model_config = ConfigDict(frozen=True)

    items: list[Shape]
    next_cursor: str | None = Field(description="For the next page; null at the end.")


def encode_cursor(key: object) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, parse: Callable[[str], Key]) -> Key | None:
    """The key in a cursor, None for the first page. Raises Problem `invalid_cursor` (422)."""
    if cursor is None:
        return None
    try:
        return parse(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except (ValueError, binascii.Error) as error:
        raise Problem("invalid_cursor") from error


def page_of(
    rows: Sequence[Row], limit: int, shape: Callable[[Row], Shape], key: Callable[[Row], object]
) -> Page[Shape]:
    """The page of at most `limit` rows; `rows` holds one more when there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=[shape(row) for row in shown], next_cursor=encode_cursor(key(shown[-1])) if more else None)
