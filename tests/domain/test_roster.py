"""Rows of roster files: columns by header, what each cell may be, what one line may be."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.problems import Problem
from app.domain.entries import EntryDraft, draft_errors
from app.domain.roster import Cell, read_rows
from tests.builders import identity

HEADER: list[Cell] = ["姓名", "身份证号", "准考证号", "考场", "座位号"]
ENGLISH: list[Cell] = ["name", "id_number", "ticket_number", "room", "seat"]
LINE: list[Cell] = ["李明", identity(1), "A0001", "第一考场", "12"]


def one(row: Sequence[Cell], header: Sequence[Cell] = HEADER) -> EntryDraft:
    (draft,) = read_rows([header, row], 10).drafts
    return draft


def faults(row: Sequence[Cell], header: Sequence[Cell] = HEADER) -> list[tuple[str, str]]:
    return [(error.place, error.code) for error in draft_errors(one(row, header))]


@given(st.permutations(range(5)), st.sampled_from([HEADER, ENGLISH]))
def test_columns_come_in_any_order_in_either_language(order: list[int], header: list[Cell]) -> None:
    draft = one([LINE[position] for position in order], [header[position] for position in order])
    assert (draft.name, draft.id_number, draft.ticket_number, draft.room, draft.seat_number) == (
        "李明",
        identity(1),
        "A0001",
        "第一考场",
        12,
    )
    assert draft_errors(draft) == []


@pytest.mark.parametrize("label", ["身份证号码", "证件号码", " 身份证号* ", "ID Number", "ＩＤ_number"])
def test_a_header_may_be_written_in_many_ways(label: str) -> None:
    assert one(["李明", identity(1)], ["姓名", label]).id_number == identity(1)


def test_unknown_columns_are_reported_and_not_read() -> None:
    roster = read_rows([["序号", "姓名", "性别", "身份证号", None], [1, "李明", "男", identity(1), None]], 10)
    assert roster.ignored_columns == ("序号", "性别")
    assert roster.drafts[0].name == "李明"


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        (["姓名", "考场"], [("row 1", "column_missing")]),
        (["李明", identity(1)], [("row 1", "column_missing"), ("row 1", "column_missing")]),
        (["姓名", "身份证号", "证件号码"], [("row 1, 证件号码", "column_repeated")]),
    ],
)
def test_columns_that_are_missing_or_repeated_are_refused(header: list[str], errors: list[tuple[str, str]]) -> None:
    with pytest.raises(Problem) as refusal:
        read_rows([header, ["李明", identity(1)]], 10)
    assert [(error.place, error.code) for error in refusal.value.errors] == errors


def test_empty_rows_are_skipped_and_places_keep_the_rows_of_the_file() -> None:
    rows: list[list[Cell]] = [[None], HEADER, [], [" ", None, ""], ["", identity(1)], ["李明", ""]]
    drafts = read_rows(rows, 10).drafts
    assert [error.place for draft in drafts for error in draft_errors(draft)] == ["row 5, 姓名", "row 6, 身份证号"]


@pytest.mark.parametrize("rows", [[], [[None, ""]], [HEADER], [HEADER, ["", None]]])
def test_a_file_without_candidates_is_refused(rows: list[list[Cell]]) -> None:
    with pytest.raises(Problem, match="roster_empty"):
        read_rows(rows, 10)


def test_a_roster_has_a_greatest_length() -> None:
    lines: list[list[Cell]] = [["李明", identity(sequence)] for sequence in range(3)]
    rows = [HEADER, *lines]
    assert len(read_rows(rows, 3).drafts) == 3
    with pytest.raises(Problem, match="roster_too_long"):
        read_rows(rows, 2)


@pytest.mark.parametrize("cell", [1.10101199003e17, 110101199003070011, "1.10101E+17", " 1.10101e17 "])
def test_an_identity_number_kept_as_a_number_has_lost_its_digits(cell: Cell) -> None:
    assert faults(["李明", cell, None, None, None]) == [("row 2, 身份证号", "identity_number_as_number")]


@pytest.mark.parametrize(
    ("position", "cell", "code"),
    [
        (0, 7, "cell_not_text"),
        (0, datetime(2027, 3, 6), "cell_not_text"),  # noqa: DTZ001 -- a spreadsheet's date has no zone
        (1, True, "cell_not_text"),
        (2, 1e15, "cell_not_text"),
        (3, datetime(2027, 3, 6), "cell_not_text"),  # noqa: DTZ001
        (4, 1.5, "cell_not_text"),
        (4, "12号", "seat_number_form"),
        (4, "-1", "seat_number_form"),
        (4, "9" * 400, "seat_number_form"),
    ],
)
def test_cells_of_the_wrong_kind_are_named(position: int, cell: Cell, code: str) -> None:
    row = [*LINE[:position], cell, *LINE[position + 1 :]]
    assert faults(row) == [(f"row 2, {HEADER[position]}", code)]


@pytest.mark.parametrize(
    ("position", "cell", "read"), [(2, 270000100015, "270000100015"), (3, 1.0, "1"), (4, 12, 12), (4, 12.0, 12)]
)
def test_whole_numbers_are_read_as_they_look(position: int, cell: Cell, read: object) -> None:
    draft = one([*LINE[:position], cell, *LINE[position + 1 :]])
    assert read in (draft.ticket_number, draft.room, draft.seat_number)
    assert draft_errors(draft) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "value_missing"),
        ("李" * 51, "name_too_long"),
        ("李\x00明", "name_control_character"),
        ("李\u200b明", "name_control_character"),
        ("李\u202e明", "name_control_character"),
        ("李\n明", "name_control_character"),
    ],
)
def test_a_name_is_short_and_visible(name: str, code: str) -> None:
    assert faults([name, identity(1)]) == [("row 2, 姓名", code)]


@pytest.mark.parametrize("name", ["李明", "阿卜杜拉·买买提", "𠮷田", "\ue863", "Anna-Maria O'Neill"])
def test_rare_and_foreign_names_are_names(name: str) -> None:
    assert faults([name, identity(1)]) == []


def test_a_seat_needs_a_room_and_a_room_a_seat() -> None:
    assert faults(["李明", identity(1), None, None, 3]) == [("row 2, 考场", "seat_without_room")]
    assert faults(["李明", identity(1), None, "第一考场", None]) == [("row 2, 座位号", "room_without_seat")]


CELLS = st.none() | st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.datetimes()


@given(st.lists(st.lists(CELLS, max_size=7), max_size=6))
def test_any_cells_are_read_or_refused(rows: list[list[Cell]]) -> None:
    """No sheet breaks the reader, and what it finds faultless fits the database."""
    try:
        drafts = read_rows([HEADER, *rows], 5).drafts
    except Problem as refusal:
        if refusal.code not in ("roster_empty", "roster_too_long"):
            raise
        return
    for draft in drafts:
        if not draft_errors(draft):
            assert 1 <= len(draft.name) <= 50
            assert len(draft.id_number) == 18
            assert "\x00" not in draft.name
