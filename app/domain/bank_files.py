"""Reading item-bank files (YAML or JSON): every bad row is named with its place."""

import json
from collections.abc import Mapping, Sequence

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.core.problem_catalog import CATALOG
from app.core.problems import FieldError, Problem
from app.domain import strict_yaml
from app.domain.items import BankDocument, ItemDocument

REPEATED = "item_value_repeated"

_CODES = {
    "missing": "item_field_missing",
    "extra_forbidden": "item_field_unknown",
    "string_type": "item_field_not_text",
    "string_too_short": "item_field_too_short",
    "too_short": "item_field_too_short",
    "string_too_long": "item_field_too_long",
    "too_long": "item_field_too_long",
}


def parse_bank(text: str) -> BankDocument:
    """Read a bank from YAML or JSON.

    Raises Problem `bank_invalid`; its errors name every place that is wrong, such as `items[3] (C5-004).key`.
    A key given twice in one mapping is refused.
    """
    try:
        data = _decode(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _invalid([FieldError(_position(error), "bank_syntax", {"message": _message(error)})]) from error
    return read_bank(data)


def read_bank(data: object) -> BankDocument:
    """Read a bank from decoded data. Raises Problem `bank_invalid` as `parse_bank` does."""
    try:
        return BankDocument.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    rows = [_field_error(fault, data) for fault in faults if fault["type"] != REPEATED or fault["loc"] != ("items",)]
    raise _invalid(rows + _repeated_codes(data))


def read_item(data: Mapping[str, object]) -> ItemDocument:
    """Read one item from decoded data. Raises Problem `item_invalid`; places are its fields, such as `key`."""
    try:
        return ItemDocument.model_validate(data)
    except ValidationError as error:
        raise Problem(
            "item_invalid", errors=[_field_error(fault, data) for fault in error.errors(include_url=False)]
        ) from error


def _invalid(errors: Sequence[FieldError]) -> Problem:
    return Problem("bank_invalid", errors=errors, count=len(errors))


def _decode(text: str) -> object:
    if text.lstrip().startswith("{"):
        return json.loads(text, object_pairs_hook=_unique)
    return strict_yaml.load(text)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is given twice")
    return result


def _position(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return "file"


def _message(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return error.problem or error.context or "not YAML"
    return str(error)


def _field_error(details: ErrorDetails, data: object) -> FieldError:
    code = details["type"] if details["type"] in CATALOG else _CODES.get(details["type"], "item_field_invalid")
    params = {"message": details["msg"]} if code == "item_field_invalid" else details.get("ctx", {})
    return FieldError(_place(details["loc"], data), code, params)


def _place(location: tuple[int | str, ...], data: object) -> str:
    place = ""
    for depth, step in enumerate(location):
        place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else step
        if depth == 1 and location[0] == "items" and (code := _codes(data).get(step)):
            place += f" ({code})"
    return place or "file"


def _codes(data: object) -> dict[int | str, str]:
    """The codes of the rows that have one, by index, from data not yet valid."""
    rows = data.get("items") if isinstance(data, Mapping) else None
    if not isinstance(rows, Sequence):
        return {}
    return {
        index: row["code"]
        for index, row in enumerate(rows)
        if isinstance(row, Mapping) and isinstance(row.get("code"), str)
    }


def _repeated_codes(data: object) -> list[FieldError]:
    codes = _codes(data)
    first = {code: index for index, code in reversed(codes.items())}
    return [
        FieldError(f"items[{index}] ({code}).code", REPEATED, {"value": code})
        for index, code in codes.items()
        if first[code] != index
    ]
