"""What is read from a standard."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.standard import AreaKind, Standard, parse_standard

ROOT = Path(__file__).parents[2]
REAL_TEXT = (ROOT / "app/data/standards/3-01-01-01_2020.yaml").read_text(encoding="utf-8")
MADE_UP_TEXT = (ROOT / "tests/fixtures/standards/made-up_2026.yaml").read_text(encoding="utf-8")
REAL = parse_standard(REAL_TEXT)
MADE_UP = parse_standard(MADE_UP_TEXT)
BOTH = pytest.mark.parametrize("standard", [REAL, MADE_UP], ids=["real", "made up"])


def test_areas_are_the_rows_of_the_theory_weight_table_in_order() -> None:
    assert [(area.name, area.kind) for area in REAL.areas] == [
        ("职业道德", AreaKind.ethics),
        ("基础知识", AreaKind.basic),
        ("咨询引导", AreaKind.function),
        ("业务办理", AreaKind.function),
        ("综合出件", AreaKind.function),
        ("现场管理", AreaKind.function),
        ("培训与管理", AreaKind.function),
    ]
    assert [(area.name, area.kind) for area in MADE_UP.areas] == [
        ("信号联络", AreaKind.function),
        ("职业操守", AreaKind.ethics),
        ("海事基础", AreaKind.basic),
        ("照管灯具", AreaKind.function),
    ]


def test_weights_name_only_the_areas_weighed_at_the_level() -> None:
    assert REAL.theory_weights(5) == {"职业道德": 5, "基础知识": 25, "咨询引导": 20, "业务办理": 40, "综合出件": 10}
    assert REAL.theory_weights(4) == {"职业道德": 5, "基础知识": 15, "咨询引导": 15, "业务办理": 35, "现场管理": 30}
    assert REAL.theory_weights(3) == {"职业道德": 5, "基础知识": 10, "业务办理": 20, "现场管理": 30, "培训与管理": 35}
    assert REAL.skill_weights(3) == {"业务办理": 20, "现场管理": 40, "培训与管理": 40}
    assert list(MADE_UP.theory_weights(3).items()) == [
        ("信号联络", Decimal("27.5")),
        ("职业操守", Decimal(5)),
        ("海事基础", Decimal("17.5")),
    ]
    assert MADE_UP.theory_weights(1) == {"职业操守": 5, "照管灯具": 45}


@BOTH
def test_every_column_of_weights_sums_to_the_total(standard: Standard) -> None:
    for level in standard.level_numbers:
        assert sum(standard.theory_weights(level).values()) == standard.exam_rules.theory.total_points.value
        assert sum(standard.skill_weights(level).values()) == standard.exam_rules.skills.total_points.value


def test_levels_run_from_the_lowest_to_the_highest() -> None:
    assert [(n, REAL.level(n).name, REAL.level(n).training_hours) for n in REAL.level_numbers] == [
        (5, "五级/初级工", 160),
        (4, "四级/中级工", 120),
        (3, "三级/高级工", 80),
    ]
    assert MADE_UP.level_numbers == (5, 4, 3, 2, 1)


@pytest.mark.parametrize(
    "read",
    [
        Standard.level,
        Standard.theory_weights,
        Standard.skill_weights,
        Standard.points_open_to,
        Standard.minimum_minutes,
    ],
)
def test_a_level_that_the_standard_lacks_is_refused(read: Callable[[Standard, int], object]) -> None:
    with pytest.raises(Problem) as caught:
        read(REAL, 2)
    assert (caught.value.code, caught.value.status, caught.value.clause) == ("unknown_level", 404, "1.4")
    assert caught.value.detail("zh-CN") == "本标准没有 2 级，所设等级为：5, 4, 3。"


def test_knowledge_points_have_the_numbers_of_the_source() -> None:
    ids = [point.id for point in REAL.knowledge_points()]
    assert len(ids) == len(set(ids)) == 1 + 5 + 26 + 20 + 18 + 19
    assert ids[:8] == ["2.1.1", "2.1.2(1)", "2.1.2(2)", "2.1.2(3)", "2.1.2(4)", "2.1.2(5)", "2.2.1(1)", "2.2.1(2)"]
    assert ids[32] == "L5/1.1.1"
    assert ids[-1] == "L3/3.3.3"


def test_a_knowledge_point_knows_its_area_level_and_group() -> None:
    ethics = REAL.knowledge_point("2.1.1")
    assert (ethics.text, ethics.area, ethics.level, ethics.group) == (
        "职业道德基本知识",
        "职业道德",
        None,
        "2.1.1 职业道德基本知识",
    )
    basic = REAL.knowledge_point("2.2.1(1)")
    assert (basic.text, basic.area, basic.level, basic.group) == (
        "计算机操作系统基础知识。",
        "基础知识",
        None,
        "2.2.1 信息化设备基础知识",
    )
    work = REAL.knowledge_point("L4/3.1.2")
    assert (work.text, work.area, work.level, work.group) == ("服务质量测评方法", "现场管理", 4, "L4/3.1 内部管理")


def test_an_unknown_knowledge_point_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        REAL.knowledge_point("L5/9.9.9")
    assert (caught.value.code, caught.value.status) == ("unknown_knowledge_point", 404)


@BOTH
def test_a_paper_draws_on_its_own_and_lower_levels_in_the_areas_weighed_at_its_level(standard: Standard) -> None:
    for level in standard.level_numbers:
        weighed = standard.theory_weights(level)
        open_points = set(standard.points_open_to(level))
        assert {point.area for point in open_points} == set(weighed)
        for point in standard.knowledge_points():
            common_or_covered = point.level is None or point.level >= level
            assert (point in open_points) == (common_or_covered and point.area in weighed)


def test_level_3_covers_lower_levels_of_its_areas_only() -> None:
    ids = {point.id for point in REAL.points_open_to(3)}
    assert {"L3/1.1.1", "L4/2.1.1", "L5/2.1.1", "L4/3.1.1", "2.1.1", "2.2.6(9)"} <= ids
    assert not {"L5/1.1.1", "L4/1.1.1", "L5/3.1.1"} & ids, "咨询引导 and 综合出件 have no weight at level 3"
    assert "L3/1.1.1" not in {point.id for point in REAL.points_open_to(4)}


def test_minutes_marks_and_delivery_come_from_the_standard_with_their_clauses() -> None:
    theory = REAL.exam_rules.theory
    assert (theory.pass_mark.value, theory.pass_mark.clause) == (60, "1.9.2")
    assert (theory.total_points.value, theory.total_points.clause) == (100, "1.9.2")
    assert theory.delivery_modes.value == ("paper", "computer", "mobile_app")
    assert [REAL.minimum_minutes(level) for level in (5, 4, 3)] == [60, 60, 60]
    assert [MADE_UP.minimum_minutes(level) for level in (5, 4, 3, 2, 1)] == [45, 45, 90, 90, 90]
    assert MADE_UP.minimum_minutes(1, "skills") == 30
    assert MADE_UP.exam_rules.theory.pass_mark.value == 35


@pytest.mark.parametrize(
    ("candidates", "proctors"), [(0, 2), (1, 2), (15, 2), (30, 2), (31, 3), (45, 3), (46, 4), (600, 40)]
)
def test_one_proctor_to_15_candidates_and_at_least_two_a_room(candidates: int, proctors: int) -> None:
    assert REAL.proctors_needed(candidates) == proctors


@pytest.mark.parametrize(("candidates", "examiners"), [(1, 3), (15, 3), (16, 5), (25, 5), (26, 7), (30, 7), (31, 7)])
def test_one_examiner_to_5_candidates_at_least_three_and_odd(candidates: int, examiners: int) -> None:
    assert REAL.examiners_needed(candidates) == examiners


@settings(max_examples=60)
@given(candidates=st.integers(1, 5000), standard=st.sampled_from([REAL, MADE_UP]))
def test_staffing_is_the_least_that_the_standard_allows(candidates: int, standard: Standard) -> None:
    theory, skills = standard.exam_rules.theory, standard.exam_rules.skills

    def enough_proctors(n: int) -> bool:
        return n >= theory.minimum_proctors_per_room.value and n * theory.candidates_per_proctor.value >= candidates

    def enough_examiners(n: int) -> bool:
        covers = n >= skills.minimum_examiners.value and n * skills.candidates_per_examiner.value >= candidates
        return covers and (n % 2 == 1 or not skills.odd_examiners.value)

    proctors, examiners = standard.proctors_needed(candidates), standard.examiners_needed(candidates)
    assert enough_proctors(proctors)
    assert not enough_proctors(proctors - 1)
    assert enough_examiners(examiners)
    assert not any(enough_examiners(n) for n in (examiners - 1, examiners - 2))


@BOTH
def test_a_standard_cannot_be_changed(standard: Standard) -> None:
    with pytest.raises(ValueError, match="frozen"):
        standard.code = "0"  # type: ignore[misc]
