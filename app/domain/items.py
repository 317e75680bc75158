"""Items (试题) and item banks (题库) as documents: shape, validity, identity of content."""

import unicodedata
from collections import Counter
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from app.core.canonical import digest

LETTERS = "ABCDE"


class ItemType(StrEnum):
    """In the order in which the parts of a paper follow each other."""

    single = "single"
    multiple = "multiple"
    true_false = "true_false"

    @property
    def names(self) -> dict[str, str]:
        """`type_zh` and `type_en`: the type's names for the texts of the problem catalogue."""
        zh, en = _TYPE_NAMES[self]
        return {"type_zh": zh, "type_en": en}

    @property
    def option_counts(self) -> tuple[int, ...]:
        """The numbers of options an item of this type may have."""
        return _OPTION_COUNTS[self]


_TYPE_NAMES = {
    ItemType.single: ("单项选择题", "single-choice"),
    ItemType.multiple: ("多项选择题", "multiple-choice"),
    ItemType.true_false: ("判断题", "true/false"),
}
_OPTION_COUNTS = {ItemType.single: (4,), ItemType.multiple: (4, 5), ItemType.true_false: (0,)}


def _printable(text: str) -> str:
    """Refuse control, format (bidirectional, zero-width), surrogate and private-use characters; keep line breaks."""
    bad = next((c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}), None)
    if bad is not None:
        raise PydanticCustomError("item_control_character", "control character", {"character": f"U+{ord(bad):04X}"})
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("item_control_character", "line break", {"character": "U+000A"})
    return text


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    value, times = Counter(values).most_common(1)[0] if values else ("", 0)
    if times > 1:
        raise PydanticCustomError("item_value_repeated", "repeated value", {"value": value})
    return values


_Printable = AfterValidator(_printable)
_OneLine = AfterValidator(_one_line)
_Distinct = AfterValidator(_distinct)

_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), _Printable, _OneLine]
_Option = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), _Printable, _OneLine]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), _Printable]


class ItemDocument(BaseModel):
    """One item with its key and its tags.

    `key` is a letter (single), letters in order (multiple) or `T`/`F` (true_false); option letters follow from
    the order of `options`. `level` is 5 to 1 for knowledge points of section 3 of the standard and None for those
    of section 2, which all levels share. `difficulty` is the expected proportion of right answers. `enemies` are
    codes of items that must not stand in one paper with this one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: _Code
    type: ItemType
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    knowledge_points: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=5), _Distinct]
    stem: _Text
    options: Annotated[tuple[_Option, ...], _Distinct] = Field(default=(), validate_default=True)
    key: _Name
    difficulty: Annotated[float, Field(gt=0, lt=1)]
    rationale: _Text
    reference: _Text
    enemies: Annotated[tuple[_Code, ...], Field(max_length=50), _Distinct] = ()

    @field_validator("options")
    @classmethod
    def _as_many_options_as_the_type_asks(cls, options: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        item_type: ItemType | None = info.data.get("type")
        if item_type and len(options) not in item_type.option_counts:
            allowed = "/".join(map(str, item_type.option_counts))
            raise PydanticCustomError("item_option_count", "options", item_type.names | {"allowed": allowed})
        return options

    @field_validator("key")
    @classmethod
    def _key_of_the_type_among_the_options(cls, key: str, info: ValidationInfo) -> str:
        item_type: ItemType | None = info.data.get("type")
        options: tuple[str, ...] | None = info.data.get("options")
        if item_type and options is not None and not _is_key(key, item_type, len(options)):
            raise PydanticCustomError("item_key_wrong", "key", item_type.names | {"key": key})
        return key

    @field_validator("enemies")
    @classmethod
    def _not_its_own_enemy(cls, enemies: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("code") in enemies:
            raise PydanticCustomError("item_own_enemy", "own enemy")
        return enemies


def _is_key(key: str, item_type: ItemType, options: int) -> bool:
    if item_type is ItemType.true_false:
        return key in {"T", "F"}
    in_order = "".join(letter for letter in LETTERS[:options] if letter in key)
    return key == in_order and (len(key) == 1 if item_type is ItemType.single else len(key) >= 2)


class BankDocument(BaseModel):
    """A file of one or more items for one edition of one standard; no code occurs twice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    standard: _Name
    edition: _Name
    items: tuple[ItemDocument, ...]

    @field_validator("items")
    @classmethod
    def _some_with_unique_codes(cls, items: tuple[ItemDocument, ...]) -> tuple[ItemDocument, ...]:
        if not items:
            raise PydanticCustomError("item_field_too_short", "no items", {"min_length": 1})
        _distinct(tuple(item.code for item in items))
        return items


def content_hash(item: ItemDocument) -> str:
    """SHA-256, in hexadecimal, over the item's canonical JSON."""
    return digest(item.model_dump(mode="json"))
