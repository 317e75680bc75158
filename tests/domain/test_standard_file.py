"""How a standard is read from its file, and what a file is refused for."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain import strict_yaml
from app.domain.standard import Standard, parse_standard

ROOT = Path(__file__).parents[2]
MADE_UP_TEXT = (ROOT / "tests/fixtures/standards/made-up_2026.yaml").read_text(encoding="utf-8")
MADE_UP = parse_standard(MADE_UP_TEXT)
REAL = parse_standard((ROOT / "app/data/standards/3-01-01-01_2020.yaml").read_text(encoding="utf-8"))


def refusal(text: str) -> list[tuple[str, str]]:
    """Place and code of every error for which `text` is refused; each error also renders in both languages."""
    with pytest.raises(Problem) as caught:
        parse_standard(text)
    assert caught.value.code == "standard_invalid"
    for error in caught.value.errors:
        assert error.render("zh-CN")["detail"]
        assert error.render("en")["detail"]
    return [(error.place, error.code) for error in caught.value.errors]


@pytest.mark.parametrize("standard", [REAL, MADE_UP], ids=["real", "made up"])
def test_a_standard_written_as_json_reads_back_the_same(standard: Standard) -> None:
    assert parse_standard(standard.model_dump_json()) == standard


def test_numbers_need_no_quotes() -> None:
    assert strict_yaml.load("{number: 1.10, text: no}") == {"number": "1.10", "text": "no"}


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", "document", "invalid_field"),
        ("[]", "document", "invalid_field"),
        ("code: [", "line 1, column 8", "standard_not_readable"),
        ("code: 1\ncode: 2", "line 2, column 1", "standard_not_readable"),
        ("code: \x00", "document", "standard_not_readable"),
        ("? [a]\n: 1", "line 1, column 3", "standard_not_readable"),
    ],
)
def test_a_text_that_is_not_a_standard_is_refused(text: str, place: str, code: str) -> None:
    assert refusal(text) == [(place, code)]


Change = Callable[[dict[str, Any]], object]


def row(document: dict[str, Any], table: str, area: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in document[table] if r["area"] == area)["weights"]
    return found


def broken(change: Change) -> list[tuple[str, str]]:
    """The refusal of the made-up standard with one change."""
    document = json.loads(json.dumps(strict_yaml.load(MADE_UP_TEXT)))
    change(document)
    return refusal(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        (
            lambda d: row(d, "theory_weights", "照管灯具").update({"5": "24"}),
            "theory_weights.5",
            "standard_weights_sum",
        ),
        (
            lambda d: row(d, "skill_weights", "信号联络").update({"3": "99.5"}),
            "skill_weights.3",
            "standard_weights_sum",
        ),
        (
            lambda d: (
                row(d, "theory_weights", "信号联络").update({"4": "1"})
                or row(d, "theory_weights", "职业操守").update({"4": "4"})
            ),
            "theory_weights.信号联络.4",
            "standard_weight_without_content",
        ),
        (
            lambda d: (
                row(d, "theory_weights", "照管灯具").pop("2")
                and row(d, "theory_weights", "职业操守").update({"2": "40"})
            ),
            "theory_weights.照管灯具.2",
            "standard_content_without_weight",
        ),
        (
            lambda d: d["skill_weights"].append({"area": "海事基础", "weights": {"5": "1"}}),
            "skill_weights.海事基础",
            "standard_unknown_area",
        ),
        (
            lambda d: d["theory_weights"].append({"area": "潜水", "weights": {"5": "1"}}),
            "theory_weights.潜水",
            "standard_unknown_area",
        ),
        (
            lambda d: d["theory_weights"].pop(1),
            "theory_weights.职业操守",
            "standard_content_without_weight",
        ),
        (
            lambda d: d["theory_weights"].append({"area": "照管灯具", "weights": {"5": "1"}}),
            "theory_weights",
            "standard_repeated",
        ),
        (
            lambda d: row(d, "theory_weights", "职业操守").update({"6": "5"}),
            "theory_weights.职业操守.6",
            "standard_unknown_level",
        ),
        (
            lambda d: row(d, "theory_weights", "职业操守").update({"5": "-5"}),
            "theory_weights.职业操守.weights.5",
            "invalid_field",
        ),
        (lambda d: d["levels"][1].update(level="5"), "levels", "standard_repeated"),
        (lambda d: d["levels"][1].update(level="6"), "levels.6.level", "invalid_field"),
        (lambda d: d["levels"].clear(), "levels", "standard_field_empty"),
        (lambda d: d["levels"][0]["eligibility"].clear(), "levels.5.eligibility", "standard_field_empty"),
        (
            lambda d: d["levels"][0]["eligibility"][0]["all_of"].clear(),
            "levels.5.eligibility.(1).all_of",
            "standard_field_empty",
        ),
        (
            lambda d: d["levels"][0]["eligibility"].append(d["levels"][0]["eligibility"][0]),
            "levels.5.eligibility",
            "standard_repeated",
        ),
        (
            lambda d: d["levels"][0]["eligibility"][0]["all_of"][0].update(level="7"),
            "levels.5.eligibility.(1)",
            "standard_unknown_level",
        ),
        (
            lambda d: d["levels"][3]["eligibility"][0]["all_of"].pop(0),
            "levels.2.eligibility.(1)",
            "standard_after_which_certificate",
        ),
        (
            lambda d: d["levels"][2]["functions"][0]["contents"][0]["knowledge"][1].update(number="1.1.1"),
            "levels.3.knowledge",
            "standard_repeated",
        ),
        (
            lambda d: d["levels"][2]["functions"][0]["contents"][0]["skills"][0].update(number="1.2.1"),
            "levels.3.functions.1",
            "standard_number_misplaced",
        ),
        (
            lambda d: d["levels"][2]["functions"][0]["contents"][0]["knowledge"].clear(),
            "levels.3.functions.1.contents.1.1.knowledge",
            "standard_field_empty",
        ),
        (
            lambda d: d["basic_knowledge"]["topics"][1].update(number="2.2.1"),
            "2.2",
            "standard_repeated",
        ),
        (lambda d: d["basic_knowledge"]["topics"][1].update(number="2.3.1"), "2.2", "standard_number_misplaced"),
        (lambda d: d["basic_knowledge"]["topics"][0]["lines"][1].update(number="(1)"), "2.2.1", "standard_repeated"),
        (lambda d: d["sections"].append(d["sections"][0]), "sections", "standard_repeated"),
        (lambda d: d["levels"][0].update(section="3.9"), "levels.5.section", "standard_unknown_clause"),
        (
            lambda d: d["exam_rules"]["theory"]["pass_mark"].update(clause="9.9"),
            "exam_rules.theory.pass_mark.clause",
            "standard_unknown_clause",
        ),
        (
            lambda d: d["exam_rules"]["theory"]["pass_mark"].update(value="51"),
            "exam_rules.theory.pass_mark",
            "standard_pass_mark_above_total",
        ),
        (
            lambda d: d["exam_rules"]["theory"]["minimum_minutes"]["value"].pop("1"),
            "exam_rules.theory.minimum_minutes.1",
            "standard_field_missing",
        ),
        (
            lambda d: d["exam_rules"]["skills"]["minimum_minutes"]["value"].update({"6": "30"}),
            "exam_rules.skills.minimum_minutes.6",
            "standard_unknown_level",
        ),
        (lambda d: d.pop("edition"), "edition", "standard_field_missing"),
        (lambda d: d["levels"][0].update(colour="red"), "levels.5.colour", "standard_field_unknown"),
        (lambda d: d.update(title=" "), "title", "invalid_field"),
        (lambda d: d.update(title="a\x00b"), "title", "invalid_field"),
    ],
)
def test_a_standard_that_disagrees_with_itself_is_refused_by_place(change: Change, place: str, code: str) -> None:
    assert (place, code) in broken(change)


def test_every_error_is_named_at_once() -> None:
    def change(document: dict[str, Any]) -> None:
        row(document, "theory_weights", "照管灯具").update({"5": "24"})
        document["exam_rules"]["theory"]["pass_mark"]["value"] = "99"
        document["levels"][0]["section"] = "8"

    assert broken(change) == [
        ("theory_weights.5", "standard_weights_sum"),
        ("levels.5.section", "standard_unknown_clause"),
        ("exam_rules.theory.pass_mark", "standard_pass_mark_above_total"),
    ]


@settings(max_examples=40)
@given(data=st.data())
def test_no_weight_can_change_alone(data: st.DataObject) -> None:
    document = json.loads(REAL.model_dump_json())
    table = data.draw(st.sampled_from(["theory_weights", "skill_weights"]))
    weights = data.draw(st.sampled_from(document[table]))["weights"]
    level = data.draw(st.sampled_from(sorted(weights)))
    weights[level] = str(Decimal(weights[level]) + data.draw(st.decimals("0.5", 10, places=1)))
    assert refusal(json.dumps(document)) == [(f"{table}.{level}", "standard_weights_sum")]
