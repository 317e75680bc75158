"""Roster files: .xlsx and .csv read into entries, and an empty roster to fill in."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyring import Keyring
from app.core.problems import Problem
from app.domain.actors import Actor
from app.domain.entries import Column
from app.domain.roster import LABELS, Cell, Roster, read_rows
from app.schemas.entries import ROSTER_LIMIT, EntryFields, ImportRead
from app.services import entries

FILE_LIMIT = 5 * 1024 * 1024
UNPACKED_LIMIT = 10 * 1024 * 1024
PARTS_LIMIT = 200
COLUMNS_LIMIT = 50
ROWS_LIMIT = 20_000
"""Empty ones included, which a sheet may claim by the billion."""
ZIP_MAGIC = b"PK\x03\x04"
BINARY_MAGIC = b"\xd0\xcf\x11\xe0"
"""Of an OLE file: an .xls, or an .xlsx with a password."""
SEPARATORS = ",;\t"
EXAMPLE = ("李明（示例，请删除本行）", "110101199003070010", "", "", "")
"""The check digit of the example is wrong, so that it cannot be imported by mistake."""
WIDTH = 24
TEXT_FORMAT = "@"


async def import_(
    session: AsyncSession,
    keyring: Keyring,
    sitting_id: UUID,
    content: bytes,
    actor: Actor,
    now: datetime,
    *,
    dry_run: bool,
) -> ImportRead:
    """Adds all lines of a file or none; a dry run does the same and takes it back.

    Raises as `read` and `entries.add_drafts`.
    """
    roster = await asyncio.to_thread(read, content)
    async with session.begin_nested() as savepoint:
        added = await entries.add_drafts(session, keyring, sitting_id, roster.drafts, actor, now)
        if dry_run:
            await savepoint.rollback()
    return ImportRead(
        dry_run=dry_run,
        count=len(added),
        ignored_columns=list(roster.ignored_columns),
        items=[EntryFields(**entry.model_dump(exclude={"id"})) for entry in added],
    )


def read(content: bytes) -> Roster:
    """The roster in an .xlsx (first sheet) or .csv, told apart by their first bytes; places are `row 7, 身份证号`.

    Raises Problem `roster_file_too_large` (413), `roster_file_unreadable` (422) and those of `read_rows`.
    """
    if len(content) > FILE_LIMIT:
        raise Problem("roster_file_too_large")
    if content.startswith(BINARY_MAGIC):
        raise Problem("roster_file_unreadable")
    rows = _sheet(content) if content.startswith(ZIP_MAGIC) else _csv(content)
    return read_rows(rows, ROSTER_LIMIT)


def template() -> bytes:
    """An .xlsx with the header, an example row and columns of text, so that identity numbers keep their digits."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    sheet = workbook.create_sheet("考生名单", 0)
    sheet.append([LABELS[column] for column in Column])
    sheet.append(EXAMPLE)
    for position in range(1, len(EXAMPLE) + 1):
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width = WIDTH
        dimension.number_format = TEXT_FORMAT
        sheet.cell(1, position).font = Font(bold=True)
        sheet.cell(2, position).number_format = TEXT_FORMAT
    sheet.freeze_panes = "A2"
    del workbook["Sheet"]
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _sheet(content: bytes) -> Iterator[Sequence[Cell]]:
    from openpyxl import load_workbook

    try:
        _require_small(content)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_LIMIT, values_only=True), start=1):
            if number > ROWS_LIMIT:
                raise Problem("roster_file_too_large")
            yield row
    except Problem:
        raise
    except Exception as error:  # the reader raises many kinds over damaged files
        raise Problem("roster_file_unreadable") from error


def _require_small(content: bytes) -> None:
    """The sizes that the archive declares; the reader never unpacks more of a part than is declared."""
    parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise Problem("roster_file_too_large")


def _csv(content: bytes) -> Iterator[Sequence[Cell]]:
    text = _decode(content)
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first_line.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error as error:
        raise Problem("roster_file_unreadable") from error


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem("roster_file_unreadable")
