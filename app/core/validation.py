"""What pydantic finds wrong, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from app.core.problem_catalog import Text
from app.core.problems import FieldError

CHINESE: Mapping[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识此项",
    "string_type": "应为文本",
    "string_too_short": "长度不得少于 {min_length}",
    "string_too_long": "长度不得多于 {max_length}",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "decimal_max_places": "小数不得多于 {decimal_places} 位",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected}",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "不得少于 {min_length} 项",
    "too_long": "不得多于 {max_length} 项",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "datetime_type": "应为 RFC 3339 时间",
    "datetime_parsing": "应为 RFC 3339 时间",
    "datetime_from_date_parsing": "应为 RFC 3339 时间",
    "timezone_aware": "时间须带时区",
    "json_invalid": "不是有效的 JSON",
}
"""By pydantic's error type; its own English text stands for both languages where none is given."""


def invalid_field(place: str, detail: Mapping[str, Any]) -> FieldError:
    """`detail` as in `ValidationError.errors()`."""
    template = CHINESE.get(detail["type"])
    english = str(detail["msg"])
    chinese = english if template is None else template.format(**detail.get("ctx", {}))
    return FieldError(place, "invalid_field", {"message": Text(chinese, english)})
