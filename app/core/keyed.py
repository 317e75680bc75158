"""Rows by their keys: however many keys there are, it is one statement, which the database plans once."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, bindparam, func, select, tuple_
from sqlalchemy.orm import Mapped

Key = tuple[UUID, UUID]
"""Of a row within a sitting: the sitting's id and the row's own."""


def among(keys: Collection[Key], sitting_id: Mapped[Any], id: Mapped[Any]) -> ColumnElement[bool]:
    """Whether the two columns of a row are one of the keys."""
    sittings, ids = (bindparam(None, [key[place] for key in keys], ARRAY(Uuid)) for place in (0, 1))
    return tuple_(sitting_id, id).in_(select(func.unnest(sittings), func.unnest(ids)))
