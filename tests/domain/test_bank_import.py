"""Loading a bank: files as one, places of errors, and what becomes of each row."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.problems import Problem
from app.domain.bank_import import BankRow, HeldVersion, RowOutcome, RowPlan, check_rows, gather, plan_row
from app.domain.item_states import PENDING, ItemState, head
from app.domain.items import ItemDocument, content_hash
from app.domain.standard import KnowledgePoint

POINTS = {
    "2.1.1": KnowledgePoint("2.1.1", "", "职业道德", None, ""),
    "L5/1.1.1": KnowledgePoint("L5/1.1.1", "", "咨询引导", 5, ""),
    "L5/2.1.1": KnowledgePoint("L5/2.1.1", "", "业务办理", 5, ""),
}
DRAFT, REVIEWED, ACTIVE, RETIRED = ItemState


def fields(code: str = "A-1", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "type": "true_false",
        "level": 5,
        "knowledge_points": ["L5/1.1.1"],
        "stem": "题干",
        "key": "T",
        "difficulty": 0.5,
        "rationale": "解析",
        "reference": "依据",
    } | changes


def item(code: str = "A-1", **changes: Any) -> ItemDocument:
    return ItemDocument.model_validate(fields(code, **changes))


def bank_file(*rows: dict[str, Any], edition: str = "2020") -> str:
    return json.dumps({"standard": "3-01", "edition": edition, "items": list(rows)})


def places(rows: Sequence[ItemDocument], held: set[str] | None = None) -> dict[str, str]:
    with pytest.raises(Problem) as refusal:
        check_rows([BankRow(f"items[{n}]", row) for n, row in enumerate(rows)], POINTS, held or set())
    assert refusal.value.code == "bank_invalid"
    return {error.place: error.code for error in refusal.value.errors}


def test_files_of_one_edition_are_one_bank() -> None:
    texts = {"a.json": bank_file(fields("A-1")), "b.json": bank_file(fields("B-1"), fields("B-2"))}
    (bank,) = gather(texts)
    assert [row.place for row in bank.rows] == [
        "a.json: items[0] (A-1)",
        "b.json: items[0] (B-1)",
        "b.json: items[1] (B-2)",
    ]
    editions = gather({**texts, "c.json": bank_file(fields(), edition="2021")})
    assert [bank.edition for bank in editions] == ["2020", "2021"]


def test_errors_of_all_files_are_told_together() -> None:
    with pytest.raises(Problem) as refusal:
        gather({"a.json": bank_file(fields(key="A")), "b.yaml": "a: [", "c.json": bank_file(fields())})
    assert [(error.place, error.code) for error in refusal.value.errors] == [
        ("a.json: items[0] (A-1).key", "item_key_wrong"),
        ("b.yaml: line 1, column 5", "bank_syntax"),
    ]


def test_references_must_exist_and_agree() -> None:
    rows = [
        item("A-1", knowledge_points=["L5/1.1.1", "L5/9.9.9"]),
        item("A-2", level=4),
        item("A-3", knowledge_points=["L5/1.1.1", "L5/2.1.1"]),
        item("A-4", enemies=["A-1", "H-1", "gone"]),
        item("A-5", knowledge_points=["2.1.1"]),
        item("A-6"),
        item("A-6", stem="另一题"),
    ]
    assert places(rows, {"H-1"}) == {
        "items[0].knowledge_points[1]": "bank_unknown_point",
        "items[1].level": "bank_level_mismatch",
        "items[2].knowledge_points": "bank_mixed_areas",
        "items[3].enemies[2]": "bank_unknown_enemy",
        "items[4].level": "bank_level_mismatch",
        "items[5].code": "bank_repeated_code",
        "items[6].code": "bank_repeated_code",
    }


def test_enemies_may_name_each_other_in_any_order() -> None:
    rows = [item("A-1", enemies=["A-2"]), item("A-2", enemies=["A-1"])]
    check_rows([BankRow("", row) for row in rows], POINTS, set())


NEW, OLD = item(stem="新"), item(stem="旧")


def version(number: int, state: ItemState, content: ItemDocument = OLD) -> HeldVersion:
    return HeldVersion(new_id(), number, state, content_hash(content))


@pytest.mark.parametrize("target", [DRAFT, ACTIVE])
def test_an_item_that_is_not_held_is_created(target: ItemState) -> None:
    assert plan_row(NEW, [], target) == RowPlan(RowOutcome.created, number=1)


@pytest.mark.parametrize("target", [DRAFT, ACTIVE])
def test_what_is_in_force_or_withdrawn_stays(target: ItemState) -> None:
    for state in (ACTIVE, RETIRED):
        assert plan_row(NEW, [version(1, state, NEW)], target) == RowPlan(RowOutcome.unchanged)


def test_a_pending_edit_of_what_is_in_force_survives_loading_that_again() -> None:
    held = [version(2, DRAFT), version(1, ACTIVE, NEW)]
    assert plan_row(NEW, held, ACTIVE).outcome is RowOutcome.unchanged


def test_a_draft_of_the_same_content_is_activated() -> None:
    pending, active = version(2, DRAFT, NEW), version(1, ACTIVE)
    assert plan_row(NEW, [pending, active], ACTIVE) == RowPlan(RowOutcome.changed, None, pending.id, (active.id,))
    assert plan_row(NEW, [pending, active], DRAFT).outcome is RowOutcome.unchanged


def test_other_content_is_a_new_version() -> None:
    pending, active = version(2, REVIEWED), version(1, ACTIVE)
    assert plan_row(NEW, [pending, active], DRAFT) == RowPlan(RowOutcome.changed, 3, None, (pending.id,))
    assert plan_row(NEW, [pending, active], ACTIVE) == RowPlan(RowOutcome.changed, 3, None, (pending.id, active.id))


@st.composite
def histories(draw: st.DrawFn) -> list[HeldVersion]:
    """Versions as the bank can hold them: at most one active, at most one pending."""
    states = draw(st.lists(st.just(RETIRED), max_size=3))
    for group in ([ACTIVE], [DRAFT, REVIEWED]):
        if draw(st.booleans()):
            states.insert(draw(st.integers(0, len(states))), draw(st.sampled_from(group)))
    return [version(n, state, draw(st.sampled_from([NEW, OLD]))) for n, state in enumerate(states, start=1)]


@given(histories(), st.sampled_from([DRAFT, ACTIVE]))
def test_after_loading_at_most_one_version_is_active_and_one_pending(
    held: list[HeldVersion], target: ItemState
) -> None:
    plan = plan_row(NEW, held, target)
    states = {one.id: one.state for one in held} | dict.fromkeys(plan.retired, RETIRED)
    after = list(states.values()) + ([target] if plan.number else [])
    if plan.activated:
        states[plan.activated] = ACTIVE
        after = list(states.values())
    assert after.count(ACTIVE) <= 1
    assert sum(state in PENDING for state in after) <= 1
    if plan.outcome is RowOutcome.unchanged:
        assert states == {one.id: one.state for one in held}
    if plan.number is not None:
        assert plan.number not in {one.version for one in held}


@given(histories().filter(bool))
def test_the_head_is_pending_else_active_else_the_newest(held: list[HeldVersion]) -> None:
    chosen = head(held)
    if any(one.state in PENDING for one in held):
        assert chosen.state in PENDING
    elif any(one.state is ACTIVE for one in held):
        assert chosen.state is ACTIVE
    else:
        assert chosen.version == max(one.version for one in held)
