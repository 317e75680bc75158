"""Near-duplicate items, found by their text."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from app.domain.items import ItemDocument

NEAR_DUPLICATE = 60.0
"""Similarity from 0 to 100 at which two items count as near-duplicates. Of the 512 items first written for 3-01-01-01,
pairs asking the same with a few words changed lay at 63 and 76; pairs with different facts stayed below 60."""


class NearDuplicate(NamedTuple):
    first: str
    second: str
    similarity: float


def near_duplicates(items: Sequence[ItemDocument], threshold: float = NEAR_DUPLICATE) -> Iterator[NearDuplicate]:
    """Pairs of item codes whose normalised stem and options are alike by `threshold` or more, in the order of `items`.

    The measure is the normalised indel similarity, 0 to 100.
    """
    texts = [_normalised(item) for item in items]
    for index, text in enumerate(texts):
        rest = texts[index + 1 :]
        matches = process.extract_iter(text, rest, scorer=fuzz.ratio, processor=None, score_cutoff=threshold)
        for _, similarity, offset in matches:
            yield NearDuplicate(items[index].code, items[index + 1 + offset].code, round(similarity, 1))


def _normalised(item: ItemDocument) -> str:
    """Letters and digits only, in compatible forms, options in an order of their own: layout does not count."""
    return _letters(item.stem) + "".join(sorted(map(_letters, item.options)))


def _letters(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())
