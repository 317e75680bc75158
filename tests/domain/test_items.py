"""Items and bank files: what is accepted, and that every fault is named with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.bank_files import parse_bank
from app.domain.items import ItemDocument, content_hash

BANKS = sorted((Path(__file__).parents[2] / "app/data/item_banks/3-01-01-01").glob("*.yaml"))


def row(**changes: Any) -> dict[str, Any]:
    """A valid single-choice row; a change to None leaves the field out."""
    valid = {
        "code": "C5-001",
        "type": "single",
        "level": 5,
        "knowledge_points": ["L5/1.1.1"],
        "stem": "办事人员到窗口时，工作人员首先应当（　　）。",
        "options": ["主动问候", "继续整理材料", "请其稍后再来", "示意其自行取号"],
        "key": "A",
        "difficulty": 0.8,
        "rationale": "服务用语规范要求主动问候。",
        "reference": "标准 3.1 相关知识要求 1.1.1",
    }
    return {name: value for name, value in (valid | changes).items() if value is not None}


def bank(*rows: dict[str, Any]) -> str:
    document = {"standard": "3-01-01-01", "edition": "2020", "items": list(rows)}
    return yaml.safe_dump(document, allow_unicode=True)


def faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as refused:
        parse_bank(text)
    assert refused.value.code == "bank_invalid"
    for language in ("zh-CN", "en"):
        assert all(error["detail"] for error in refused.value.render(language)["errors"])
    return [(error.place, error.code) for error in refused.value.errors]


MULTIPLE = {"code": "C5-002", "type": "multiple", "key": "ACD"}
TRUE_FALSE = {"code": "C5-003", "type": "true_false", "options": None, "key": "F"}


def test_shipped_banks_are_found() -> None:
    assert BANKS


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.stem)
def test_every_shipped_bank_is_valid(path: Path) -> None:
    assert parse_bank(path.read_text(encoding="utf-8")).standard == "3-01-01-01"


def test_all_three_types_are_read_from_yaml_and_from_json_alike() -> None:
    rows = [row(), row(**MULTIPLE), row(**TRUE_FALSE, level=None, knowledge_points=["2.1.1"])]
    from_yaml = parse_bank(bank(*rows))
    exported = from_yaml.model_dump_json()
    assert [item.key for item in from_yaml.items] == ["A", "ACD", "F"]
    assert parse_bank(exported) == from_yaml
    assert parse_bank(json.dumps(json.loads(exported), indent="\t")) == from_yaml


def test_every_bad_row_is_named_with_index_code_and_field() -> None:
    rows = [
        row(),
        row(code="C5-004", key="E", difficulty=1.5),
        row(code=None, stem=None),
        row(code="C5-006", options=["一", "一", "三", "四"], colour="red"),
        row(),
    ]
    assert set(faults(bank(*rows))) == {
        ("items[1] (C5-004).key", "item_key_wrong"),
        ("items[1] (C5-004).difficulty", "item_field_invalid"),
        ("items[2].code", "item_field_missing"),
        ("items[2].stem", "item_field_missing"),
        ("items[3] (C5-006).options", "item_value_repeated"),
        ("items[3] (C5-006).colour", "item_field_unknown"),
        ("items[4] (C5-001).code", "item_value_repeated"),
    }


def test_repeated_codes_alone_are_refused() -> None:
    assert faults(bank(row(), row())) == [("items[1] (C5-001).code", "item_value_repeated")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"options": ["一", "二", "三"]}, "item_option_count"),
        ({"options": ["一", "二", "三", "四", "五"]}, "item_option_count"),
        ({"type": "true_false", "key": "T"}, "item_option_count"),
        ({"type": "multiple", "options": ["一", "二", "三"], "key": "AB"}, "item_option_count"),
        ({"key": "AB"}, "item_key_wrong"),
        ({"key": "a"}, "item_key_wrong"),
        ({"type": "multiple", "key": "A"}, "item_key_wrong"),
        ({"type": "multiple", "key": "BA"}, "item_key_wrong"),
        ({"type": "multiple", "key": "AAB"}, "item_key_wrong"),
        ({"type": "multiple", "key": "ABE"}, "item_key_wrong"),
        ({"type": "true_false", "options": None, "key": "A"}, "item_key_wrong"),
        ({"stem": "零\x00字符"}, "item_control_character"),
        ({"stem": "反向\u202e文字"}, "item_control_character"),
        ({"options": ["一\n行", "二", "三", "四"]}, "item_control_character"),
        ({"stem": "  "}, "item_field_too_short"),
        ({"stem": "长" * 2001}, "item_field_too_long"),
        ({"knowledge_points": []}, "item_field_too_short"),
        ({"level": 6}, "item_field_invalid"),
        ({"difficulty": 0}, "item_field_invalid"),
        ({"enemies": ["C5-001"]}, "item_own_enemy"),
        ({"type": "essay"}, "item_field_invalid"),
    ],
)
def test_what_an_item_must_not_be(changes: dict[str, Any], code: str) -> None:
    assert [found for _, found in faults(bank(row(**changes)))] == [code]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("items: [", "line 1, column 9"),
        ("standard: a\nstandard: b\n", "line 2, column 1"),
        ('{"standard": "a", }', "line 1, column 19"),
        ('{"standard": "a", "standard": "b"}', "file"),
        ("[" * 5000, "file"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, place: str) -> None:
    assert faults(text) == [(place, "bank_syntax")]


def test_a_bank_without_items_is_refused() -> None:
    assert faults(bank()) == [("items", "item_field_too_short")]


@pytest.mark.parametrize("text", ["", "[]", "just a text", "items: {}", "standard: 1\nedition: 2\nitems: [1]"])
def test_a_document_of_another_shape_is_refused(text: str) -> None:
    assert faults(text)


@given(difficulty=st.floats(0.01, 0.99), stem=st.text("办事窗口材料", min_size=1, max_size=20))
def test_equal_items_have_equal_hashes_and_any_change_shows(difficulty: float, stem: str) -> None:
    item = ItemDocument.model_validate(row(difficulty=difficulty, stem=stem))
    reread = ItemDocument.model_validate_json(item.model_dump_json())
    assert content_hash(item) == content_hash(reread)
    assert len(content_hash(item)) == 64
    for change in ({"key": "B"}, {"stem": stem + "。"}, {"options": item.options[::-1]}, {"enemies": ("C5-002",)}):
        assert content_hash(item.model_copy(update=change)) != content_hash(item)
