"""Loading bank files into a bank: several files as one, their errors with places, and what becomes of each row."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.problems import FieldError, Problem
from app.domain.bank_files import parse_bank
from app.domain.item_states import PENDING, ItemState, head
from app.domain.item_tags import reference_errors
from app.domain.items import BankDocument, ItemDocument, content_hash
from app.domain.standard import KnowledgePoint


@dataclass(frozen=True)
class BankRow:
    """An item and where it stands in what is loaded: `items[3] (C5-004)`, after the name of its file if it has one."""

    place: str
    item: ItemDocument


@dataclass(frozen=True)
class Bank:
    """Rows for one edition of one standard."""

    standard: str
    edition: str
    rows: tuple[BankRow, ...]


class RowOutcome(StrEnum):
    created = "created"
    changed = "changed"
    unchanged = "unchanged"


@dataclass(frozen=True)
class HeldVersion:
    """A version of an item in the bank."""

    id: UUID
    version: int
    state: ItemState
    content_hash: str


@dataclass(frozen=True)
class RowPlan:
    """What loading does with a row.

    `number` is that of the version to be made, None if none is; `activated` is a version that becomes active instead;
    `retired` are those that either replaces.
    """

    outcome: RowOutcome
    number: int | None = None
    activated: UUID | None = None
    retired: tuple[UUID, ...] = ()


def rows_of(document: BankDocument, source: str = "") -> tuple[BankRow, ...]:
    prefix = f"{source}: " if source else ""
    return tuple(BankRow(f"{prefix}items[{index}] ({item.code})", item) for index, item in enumerate(document.items))


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


def check_rows(rows: Sequence[BankRow], points: Mapping[str, KnowledgePoint], held: Set[str]) -> None:
    """Raises Problem `bank_invalid` for references to points or enemies that do not exist, and repeated codes.

    `points` are the standard's by id; `held` are the codes in the bank already. Enemies may be among either.
    """
    if errors := [*_repeated(rows), *_wrong_references(rows, points, held)]:
        raise Problem("bank_invalid", errors=errors, count=len(errors))


def plan_row(item: ItemDocument, held: Sequence[HeldVersion], target: ItemState) -> RowPlan:
    """What becomes of an item loaded in the state `target`, draft or active, where the bank holds the versions `held`.

    Content that is in force already changes nothing, and neither does that of a retired item: loading a file again
    does not bring back what was withdrawn.
    """
    if not held:
        return RowPlan(RowOutcome.created, number=1)
    to_active = target is ItemState.active
    standing = head(held)
    equal = [version for version in held if version.content_hash == content_hash(item)]
    if to_active and any(version.state is ItemState.active for version in equal):
        return RowPlan(RowOutcome.unchanged)
    replaced = PENDING | {ItemState.active} if to_active else PENDING
    retired = tuple(version.id for version in held if version.state in replaced)
    if standing not in equal:
        return RowPlan(RowOutcome.changed, max(version.version for version in held) + 1, None, retired)
    if not to_active or standing.state not in PENDING:
        return RowPlan(RowOutcome.unchanged)
    return RowPlan(RowOutcome.changed, None, standing.id, tuple(id_ for id_ in retired if id_ != standing.id))


def _repeated(rows: Sequence[BankRow]) -> Iterator[FieldError]:
    times = Counter(row.item.code for row in rows)
    for row in rows:
        if times[row.item.code] > 1:
            yield FieldError(f"{row.place}.code", "bank_repeated_code", {"times": times[row.item.code]})


def _wrong_references(
    rows: Sequence[BankRow], points: Mapping[str, KnowledgePoint], held: Set[str]
) -> Iterator[FieldError]:
    codes = held | {row.item.code for row in rows}
    for row in rows:
        for error in reference_errors(row.item, points, codes):
            yield FieldError(f"{row.place}.{error.place}", error.code, error.params)
