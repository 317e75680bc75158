"""Setting papers in type with typst: the templates and their words stand in `app/data/printing`, the rest is data."""

import asyncio
import json
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
import typst
from cvttf_NotoSansCJK_Regular import get_TTF_path
from fontTools.ttLib import TTFont
from pypdf import PdfWriter

from app.services.printing.sheets import QrCode, Sheet

ROOT = Path(__file__).parents[2] / "data"
FONT = Path(get_TTF_path())

_press = ThreadPoolExecutor(max_workers=1, thread_name_prefix="typesetting")
"""One paper at a time: printing must not take the processors from those who write."""


async def pdf(sheet: Sheet) -> bytes:
    """The same sheet gives the same bytes."""
    loop = asyncio.get_running_loop()
    parts = [await loop.run_in_executor(_press, set_part, sheet, part) for part in sheet.parts]
    return parts[0] if len(parts) == 1 else await loop.run_in_executor(_press, _joined, parts)


def inputs(part: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """What the template reads. All is data to it: nothing in it is ever read as typst's language."""
    return {"data": json.dumps(_shown(part, zone), ensure_ascii=False)}


@cache
def fonts() -> typst.Fonts:
    """The one font, so that papers look the same everywhere."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT.parent])


def legible(text: str) -> str:
    """The text with `〔U+E123〕` for each character that has no glyph (private use, newest extensions) or is invisible.

    So it is never lost in silence: whoever signs writes it in by hand.
    """
    return "".join(one if _has_glyph(one) else f"〔U+{ord(one):04X}〕" for one in text)


def set_part(sheet: Sheet, part: Mapping[str, Any]) -> bytes:
    """Without tags, which make a long paper four times as large: papers are for the printer."""
    compiler = typst.Compiler(font_paths=fonts(), root=ROOT)
    made = compiler.compile(
        input=ROOT / "printing" / f"{sheet.template}.typ",
        format="pdf",
        sys_inputs=inputs(part, sheet.zone),
        timestamp=sheet.at.replace(microsecond=0),
        pdf_tags=False,
    )
    assert isinstance(made, bytes)  # noqa: S101 -- a list is given for pictures only
    return made


def _joined(parts: Sequence[bytes]) -> bytes:
    whole = PdfWriter()
    for part in parts:
        whole.append(BytesIO(part))
    written = BytesIO()
    whole.write(written)
    return written.getvalue()


def _shown(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, QrCode):
        return svg(value)
    if isinstance(value, str):
        return legible(str(value))
    if isinstance(value, Mapping):
        return {str(key): _shown(part, zone) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(part, zone) for part in value]
    return value


def svg(code: QrCode) -> str:
    drawn = BytesIO()
    segno.make_qr(code.content, error="m").save(drawn, kind="svg", xmldecl=False, svgclass=None, lineclass=None)
    return drawn.getvalue().decode()


def _has_glyph(character: str) -> bool:
    if character.isspace() or _selects_variant(character):
        return True
    return ord(character) in _characters() and unicodedata.category(character) != "Cf"


def _selects_variant(character: str) -> bool:
    """Variation selectors, of which the second range picks the form of a Han character (Unicode, 23.4)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


@cache
def _characters() -> frozenset[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())
