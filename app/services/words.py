"""What codes of closed vocabularies are called in papers and workbooks; the words stand in `app/data/printing`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parents[1] / "data" / "printing" / "words.yaml"


@cache
def words(vocabulary: str) -> Mapping[str, tuple[str, str]]:
    """Code -> its Chinese and its English word. Raises KeyError for an unknown vocabulary."""
    return {code: (zh, en) for code, (zh, en) in _read()[vocabulary].items()}


@cache
def _read() -> Mapping[str, Mapping[str, list[str]]]:
    content: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content
