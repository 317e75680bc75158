"""What is to be printed: data, made within a request; `typesetting` sets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Sheet:
    """A paper to be printed: a template, and what it shows. Instants are shown in `zone`; it was made `at`.

    Each of `parts` begins a page and is set by itself, so that a long paper takes no more memory than a short one.
    """

    template: str
    parts: Sequence[Mapping[str, Any]]
    zone: ZoneInfo
    at: datetime


@dataclass(frozen=True)
class QrCode:
    """In a sheet's data: a code (ISO/IEC 18004, error correction M or better) that a scanner reads as `content`."""

    content: str
