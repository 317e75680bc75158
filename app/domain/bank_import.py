"""Loading bank files into a bank: several files as one, their errors with places, and what becomes of each row."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.problems import FieldError, Problem
from app.domain.bank_files import parse_bank
from app.domain.item_states import PENDING, ItemState
from app.domain.item_tags import reference_errors
from app.domain.items import BankDocument, ItemDocument
from app.domain.standard import KnowledgePoint


@dataclass(frozen=True)
class BankRow:
    """An item and where it stands in what is loaded: `items[3] (C5-004)`, after the file's name if there are several."""

    place: str
    item: ItemDocument


@dataclass(frozen=True)
class Bank:
    """Rows for one edition of one standard."""

    standard: str
    edition: str
    rows: tuple[BankRow, ...]


class Outcome(StrEnum):
    """What loading does with a row; `changed` makes a new version, `activated` moves the pending one."""

    created = "created"
    changed = "changed"
    activated = "activated"
    unchanged = "unchanged"


def rows_of(document: BankDocument, source: str = "") -> tuple[BankRow, ...]:
    prefix = f"{source}: " if source else ""
    return tuple(
        BankRow(f"{prefix}items[{index}] ({item.code})", item) for index, item in enumerate(document.items)
    )


def gather(files: Mapping[str, str]) -> tuple[Bank, ...]:
    """The banks in the files, name -> text, one for each edition that they name.

    Raises Problem `bank_invalid` with the errors of all files.
    """
    rows: dict[tuple[str, str], list[BankRow]] = {}
    errors: list[FieldError] = []
    for name, text in files.items():
        try:
            document = parse_bank(text)
        except Problem as problem:
            errors += [FieldError(f"{name}: {error.place}", error.code, error.params) for error in problem.errors]
        else:
            rows.setdefault((document.standard, document.edition), []).extend(rows_of(document, name))
    if errors:
        raise Problem("bank_invalid", errors=errors, count=len(errors))
    return tuple(Bank(standard, edition, tuple(of_edition)) for (standard, edition), of_edition in rows.items())


def check_rows(rows: Sequence[BankRow], points: Mapping[str, KnowledgePoint], held: frozenset[str]) -> None:
    """Raises Problem `bank_invalid` for references to points or enemies that do not exist, and repeated codes.

    `points` are the standard's by id; `held` are the codes in the bank already. Enemies may be among either.
    """
    if errors := [*_repeated(rows), *_wrong_references(rows, points, held)]:
        raise Problem("bank_invalid", errors=errors, count=len(errors))


def outcome(equal: bool, state: ItemState | None, target: ItemState) -> Outcome:
    """What becomes of a row loaded in the state `target`.

    `state` is that of the version that stands for the item, None for a new item; `equal` tells whether their contents
    agree. A retired item is not brought back by loading the same content again.
    """
    if state is None:
        return Outcome.created
    if not equal:
        return Outcome.changed
    return Outcome.activated if target is ItemState.active and state in PENDING else Outcome.unchanged


def _repeated(rows: Sequence[BankRow]) -> Iterator[FieldError]:
    times = Counter(row.item.code for row in rows)
    for row in rows:
        if times[row.item.code] > 1:
            yield FieldError(f"{row.place}.code", "bank_repeated_code", {"times": times[row.item.code]})


def _wrong_references(
    rows: Sequence[BankRow], points: Mapping[str, KnowledgePoint], held: frozenset[str]
) -> Iterator[FieldError]:
    codes = held | {row.item.code for row in rows}
    for row in rows:
        for error in reference_errors(row.item, points, codes):
            yield FieldError(f"{row.place}.{error.place}", error.code, error.params)
