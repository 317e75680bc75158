"""Roster files: which column holds what, and what their rows say."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.problems import FieldError, Problem
from app.domain.entries import Column, EntryDraft
from app.domain.identity import normalise_identity_number

Cell = object
"""A text, a number, None when empty; anything else (a date, a truth value) is no cell of a roster."""

LABELS: Mapping[Column, str] = {
    Column.name: "姓名",
    Column.id_number: "身份证号",
    Column.ticket_number: "准考证号",
    Column.room: "考场",
    Column.seat_number: "座位号",
}

HEADERS: Mapping[str, Column] = {
    "姓名": Column.name,
    "name": Column.name,
    "身份证号": Column.id_number,
    "身份证号码": Column.id_number,
    "证件号码": Column.id_number,
    "公民身份号码": Column.id_number,
    "idnumber": Column.id_number,
    "准考证号": Column.ticket_number,
    "ticketnumber": Column.ticket_number,
    "考场": Column.room,
    "room": Column.room,
    "座位号": Column.seat_number,
    "seat": Column.seat_number,
    "seatnumber": Column.seat_number,
}

REQUIRED = (Column.name, Column.id_number)
EXACT_BELOW = 10**15
"""Spreadsheets keep 15 digits of a number; what is longer has lost its last ones."""


@dataclass(frozen=True)
class Roster:
    """The lines of a file, and the headers of columns that are not read."""

    drafts: tuple[EntryDraft, ...]
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """Where each column stands (from 0), and its own words for it."""

    positions: Mapping[Column, int]
    labels: Mapping[Column, str]
    ignored: tuple[str, ...]


def read_rows(rows: Iterable[Sequence[Cell]], limit: int) -> Roster:
    """The roster of a sheet whose first row with content is the header; rows count from 1, empty ones are skipped.

    Faults of single cells stand in the drafts. Raises Problem `roster_refused` (422) when a column is missing or
    repeated, `roster_empty` (422) without entries, `roster_too_long` (413) with more than `limit`.
    """
    filled = ((number, row) for number, row in enumerate(rows, start=1) if any(map(_is_filled, row)))
    first = next(filled, None)
    if first is None:
        raise Problem("roster_empty")
    header = read_header(first[1], f"row {first[0]}")
    drafts: list[EntryDraft] = []
    for number, row in filled:
        if len(drafts) == limit:
            raise Problem("roster_too_long", limit=limit)
        drafts.append(read_row(row, header, number))
    if not drafts:
        raise Problem("roster_empty")
    return Roster(tuple(drafts), header.ignored)


def read_header(cells: Sequence[Cell], place: str) -> Header:
    """Recognises the columns in any order. Raises Problem `roster_refused` (422), see `read_rows`."""
    positions: dict[Column, int] = {}
    labels = dict(LABELS)
    ignored: list[str] = []
    errors: list[FieldError] = []
    for position, cell in enumerate(cells):
        label = str(cell).strip() if _is_filled(cell) else ""
        column = HEADERS.get(_header_key(label))
        if column is None:
            ignored += [label] if label else []
        elif column in positions:
            errors.append(FieldError(f"{place}, {label}", "column_repeated"))
        else:
            positions[column] = position
            labels[column] = label
    errors += [
        FieldError(place, "column_missing", {"column": LABELS[column]})
        for column in REQUIRED
        if column not in positions
    ]
    if errors:
        raise Problem("roster_refused", errors=errors)
    return Header(positions, labels, tuple(ignored))


def read_row(cells: Sequence[Cell], header: Header, number: int) -> EntryDraft:
    """One line; `number` is its row in the file, from 1."""
    places = {column: f"row {number}, {label}" for column, label in header.labels.items()}
    faults: list[FieldError] = []

    def text(column: Column) -> str:
        position = header.positions.get(column)
        cell = cells[position] if position is not None and position < len(cells) else None
        fault = _cell_fault(column, cell)
        if fault is not None:
            faults.append(FieldError(places[column], fault))
        return _text(cell)

    name, id_number, ticket_number, room, seat = (text(column) for column in Column)
    seat_number = int(seat) if re.fullmatch(r"\d{1,6}", seat) else None
    if seat and seat_number is None:
        faults.append(FieldError(places[Column.seat_number], "seat_number_form"))
    return EntryDraft(
        name=name,
        id_number=normalise_identity_number(id_number),
        ticket_number=ticket_number or None,
        room=room or None,
        seat_number=seat_number,
        places=places,
        faults=tuple(faults),
    )


def _cell_fault(column: Column, cell: Cell) -> str | None:
    """The code of what is wrong with the kind of a cell: digits of a number are lost, a date stands there, ..."""
    if cell is None:
        return None
    if isinstance(cell, str):
        is_exponent = re.fullmatch(r"\s*\d(\.\d+)?E\+?\d+\s*", cell, re.IGNORECASE)
        return "identity_number_as_number" if column is Column.id_number and is_exponent else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return "cell_not_text"
    if column is Column.id_number:
        return "identity_number_as_number"
    exact = float(cell).is_integer() and abs(cell) < EXACT_BELOW
    return None if exact and column is not Column.name else "cell_not_text"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _is_filled(cell: Cell) -> bool:
    return cell is not None and str(cell).strip() != ""


def _header_key(label: str) -> str:
    return re.sub(r"[\s_*]", "", unicodedata.normalize("NFKC", label)).casefold()
