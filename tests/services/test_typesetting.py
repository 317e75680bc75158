"""Setting papers in type: names are data, rare characters are never lost, and every code has its words."""

import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.domain.attempts import IdentityCheck, SubmittedBy
from app.domain.incident_kinds import IncidentSource, Severity
from app.domain.messages import HandReason
from app.domain.room_record import ATTEMPT_EVENTS, ROOM_EVENTS
from app.domain.states import AttemptState, RoomState
from app.domain.timing import TimingMode
from app.services.printing import typesetting
from app.services.printing.papers import SAT_ON
from app.services.printing.sheets import QrCode, Sheet

WORDS: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (typesetting.ROOT / "printing" / "words.yaml").read_text(encoding="utf-8")
)
CODES: dict[str, set[str]] = {
    **{
        name: {member.value for member in members}
        for name, members in {
            "attempt_state": AttemptState,
            "room_state": RoomState,
            "identity_check": IdentityCheck,
            "submitted_by": SubmittedBy,
            "timing_mode": TimingMode,
            "incident_source": IncidentSource,
            "severity": Severity,
            "hand_reason": HandReason,
        }.items()
        if issubclass(members, StrEnum)
    },
    "room_command": {action.removeprefix("room.") for action in ROOM_EVENTS},
    "ruling": {action.removeprefix("attempt.") for action in ATTEMPT_EVENTS},
    "delivery_mode": {mode.value for mode in SAT_ON},
}
STARTS_AT = datetime(2027, 3, 6, 1, 0, 0, 123456, tzinfo=UTC)


def sign_in_sheet(*names: str) -> Sheet:
    part: dict[str, Any] = {
        "sitting": {
            "name": "场次",
            "occupation": "灯塔管理员",
            "level_name": "五级",
            "starts_at": STARTS_AT,
            "ends_at": STARTS_AT,
        },
        "draft": False,
        "room": {"name": "第一考场", "seats": 30},
        "proctors": [],
        "entries": [
            {"seat_number": seat, "ticket_number": f"T{seat}", "name": name, "id_number": "110101********0011"}
            for seat, name in enumerate(names, start=1)
        ],
    }
    return Sheet("sign_in_sheet", [part], ZoneInfo("Asia/Shanghai"), STARTS_AT)


async def printed(sheet: Sheet) -> str:
    """The text without white space: lines break where the column ends."""
    pages = PdfReader(BytesIO(await typesetting.pdf(sheet))).pages
    return "".join("".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def test_every_code_has_words_in_both_languages() -> None:
    assert {vocabulary: set(words) for vocabulary, words in WORDS.items()} == CODES
    for words in WORDS.values():
        assert all("\u4e00" <= chinese[0] <= "\u9fff" and english.isascii() for chinese, english in words.values())


async def test_times_are_shown_where_the_exam_is_held() -> None:
    assert "2027-03-0609:00" in await printed(sign_in_sheet())


@pytest.mark.parametrize("name", ["王䶮", "㛃晓", "李𬭎", "阿卜杜热合曼·买买提", "欧阳娜娜", "Zoë O’Neill"])
async def test_rare_characters_are_printed(name: str) -> None:
    assert typesetting.legible(name) == name
    assert "".join(name.split()) in await printed(sign_in_sheet(name))


@pytest.mark.parametrize("missing", ["\ue123", "\U0002a6a5", "\U000323af", "\u202e", "\u200b"])
async def test_a_character_without_a_glyph_is_named_not_lost(missing: str) -> None:
    """Private use, the newest extensions, and what would turn the text around or hide in it."""
    assert f"欧阳〔U+{ord(missing):04X}〕娜" in await printed(sign_in_sheet(f"欧阳{missing}娜"))


@given(st.text(max_size=30))
def test_only_what_cannot_be_seen_is_replaced(text: str) -> None:
    shown = typesetting.legible(text)
    if shown != text:
        assert "〔U+" in shown
    assert not any(unicodedata.category(character) == "Cf" for character in shown)


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        '"); #read("words.yaml")',
        "*加粗* _斜_ $x$ `raw`",
        '#eval("1+1")',
        "// comment",
        "/* open",
        "]] #let x = 1",
        "@ref <label> \\u{41} ~",
        "= 标题",
        "- 1. + list",
    ],
)
async def test_names_are_data_never_language(name: str) -> None:
    assert "".join(name.split()) in await printed(sign_in_sheet(name))


@settings(max_examples=25)
@given(st.lists(st.text(min_size=1, max_size=50), max_size=5))
def test_any_name_can_be_printed(names: list[str]) -> None:
    sheet = sign_in_sheet(*names)
    assert typesetting.set_part(sheet, sheet.parts[0]).startswith(b"%PDF")


async def test_the_same_sheet_gives_the_same_bytes() -> None:
    sheet = sign_in_sheet("李明")
    several = Sheet(sheet.template, [*sheet.parts, *sheet.parts], sheet.zone, sheet.at)
    for one in (sheet, several):
        assert await typesetting.pdf(one) == await typesetting.pdf(one)
    assert len(PdfReader(BytesIO(await typesetting.pdf(several))).pages) == 2


def test_a_qr_code_is_a_drawing_without_scripts_or_links() -> None:
    svg = typesetting.svg(QrCode("270000100015"))
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "<script" not in svg
    assert "href" not in svg
