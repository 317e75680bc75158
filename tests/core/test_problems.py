"""The catalogue and the code agree: every refusal has its texts, every text its parameters, no text is left over."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from app.core import problem_catalog
from app.core.problem_catalog import CATALOG, ProblemType, Text
from app.core.problems import FieldError, Problem

APP = Path(problem_catalog.__file__).parents[2]
TREES = {
    path.relative_to(APP).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(APP.rglob("*.py"))
    if path.parent.name != "problem_catalog"
}
NOT_PARAMETERS = {"clause", "errors", "extra", "headers"}
RAISING = ("Problem", "FieldError")


@dataclass(frozen=True)
class Use:
    """A code at one place; `given` are the parameters, None where only a run would tell."""

    place: str
    code: str
    given: frozenset[str] | None


def uses() -> Iterator[Use]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISING:
                yield from _use(f"{name}:{node.lineno}", node.func.id, node)


def _use(place: str, kind: str, call: ast.Call) -> Iterator[Use]:
    position = RAISING.index(kind)
    if len(call.args) <= position:
        return
    given = _given_to_problem(call) if kind == "Problem" else _given_to_field(call)
    for code in texts(call.args[position]):
        yield Use(place, code, given)


def texts(node: ast.AST) -> Iterator[str]:
    """The string constants in the node; of an f-string those codes of the catalogue that it can make."""
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values]
        yield from (code for code in CATALOG if len(parts) > 1 and re.fullmatch("".join(parts), code))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def _given_to_problem(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name) - NOT_PARAMETERS


def _given_to_field(call: ast.Call) -> frozenset[str] | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "params"]
    params = [*call.args[2:3], *named]
    if not params:
        return frozenset()
    if not isinstance(params[0], ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in params[0].keys]
    return None if None in keys else frozenset(str(key) for key in keys)


USES = list(uses())


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def without_language(template: str, suffix: str) -> set[str]:
    """The placeholders; a word that is itself in two languages is `x_zh` in the one text and `x_en` in the other."""
    return {name.removesuffix(suffix) for name in placeholders(template)}


def test_the_walk_finds_the_refusals() -> None:
    assert len({use.code for use in USES}) > len(CATALOG) / 2


def test_every_code_is_in_the_catalogue() -> None:
    assert [use for use in USES if use.code not in CATALOG] == []


def test_every_text_gets_its_parameters() -> None:
    lacking = {
        use.place: missing for use in USES if use.given is not None and (missing := _needed(use.code) - use.given)
    }
    assert lacking == {}


def _needed(code: str) -> set[str]:
    detail = CATALOG[code].detail
    return placeholders(detail.zh) | placeholders(detail.en)


def test_no_code_is_left_over() -> None:
    assert sorted(set(CATALOG).difference(*map(texts, TREES.values()))) == []


def test_no_code_is_in_two_parts_of_the_catalogue() -> None:
    parts = [part for name, part in vars(problem_catalog).items() if name.isupper() and isinstance(part, dict)]
    assert sum(len(part) for part in parts if part is not CATALOG) == len(CATALOG)


@pytest.mark.parametrize(("code", "kind"), CATALOG.items(), ids=CATALOG)
def test_texts_say_the_same_in_both_languages(code: str, kind: ProblemType) -> None:
    assert 400 <= kind.status < 600
    for text in (kind.title, kind.detail):
        assert text.zh.strip()
        assert text.en.strip()
        assert without_language(text.zh, "_zh") == without_language(text.en, "_en")
    assert any("\u4e00" <= character <= "\u9fff" for character in kind.title.zh)
    assert kind.title.en.isascii()
    assert code.replace("_", "").isalnum()


def test_a_problem_renders_as_problem_details_with_its_clause_and_fields() -> None:
    problem = Problem(
        "invalid_request",
        clause="1.9.4",
        errors=[FieldError("minutes", "invalid_field", {"message": Text("太短", "too short")}, clause="1.9.4")],
        extra={"minimum": 60},
    )
    assert problem.render("en") == {
        "type": "/problems/invalid_request",
        "title": "Invalid request",
        "status": 422,
        "detail": CATALOG["invalid_request"].detail.en,
        "code": "invalid_request",
        "clause": "1.9.4",
        "errors": [{"place": "minutes", "code": "invalid_field", "detail": "too short.", "clause": "1.9.4"}],
        "minimum": 60,
    }
    assert problem.render("zh-CN")["title"] == "请求内容有误"
